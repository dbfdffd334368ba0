package target_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// linting is a target whose lints say what a test wants.
type linting struct {
	fake
	lint func(target.Environment, target.Artifact) ([]target.Diagnostic, error)
}

func (l linting) Lint(c target.Environment, a target.Artifact) ([]target.Diagnostic, error) {
	return l.lint(c, a)
}

// lintable gives a target with two artifacts of equal bytes, for two containers of equal capabilities.
func lintable(notes ...target.Diagnostic) linting {
	origins := []target.SourceMapping{
		{Location: "/rules/3", Subject: "ptrace", Control: control.Ref{ID: control.SeccompDeny}, Range: line(31)},
		{Location: "/rules/3", Control: control.Ref{ID: control.SeccompAllow}, Range: line(30)},
	}
	return linting{fake{name: "x", artifacts: []target.Artifact{
		{Path: "x/a", Containers: []string{"api/*"}, Body: []byte("{}"), Mappings: origins},
		{Path: "x/b", Containers: []string{"web/*"}, Body: []byte("{}"), Mappings: origins},
	}}, func(target.Environment, target.Artifact) ([]target.Diagnostic, error) {
		return slices.Clone(notes), nil
	}}
}

func compile(t *testing.T, x target.Target, changes ...change) (*target.Build, hcl.Diagnostics, error) {
	t.Helper()
	return target.Compile(resolve(t, append(changes, workload("api"), workload("web"))...), []target.Target{x}, nil)
}

func TestWarningsStandAtTheStatement(t *testing.T) {
	for name, test := range map[string]struct {
		note target.Diagnostic
		line int // 0: none
	}{
		"of the place":           {target.Diagnostic{Location: "/rules/3"}, 30},
		"of the subject":         {target.Diagnostic{Location: "/rules/3", Subject: "ptrace"}, 31},
		"of the place above":     {target.Diagnostic{Location: "/rules/3/names/7", Subject: "ptrace"}, 31},
		"that the writer knows":  {target.Diagnostic{Location: "/rules/3", Range: line(5)}, 5},
		"of a place of no one's": {target.Diagnostic{Location: "/rules/4"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			test.note.Lint, test.note.Summary, test.note.Message, test.note.Warning = "some", "Some lint", "A reason.", true
			_, diags, err := compile(t, lintable(test.note))
			if err != nil {
				t.Fatal(err)
			}
			if len(diags) != 1 || diags[0].Severity != hcl.DiagWarning || diags[0].Summary != "Some lint" {
				t.Fatalf("want the warning once, got %v", diags)
			}
			switch subject := diags[0].Subject; {
			case test.line == 0 && (subject != nil || !strings.HasSuffix(diags[0].Detail, "It is about x/a /rules/4.")):
				t.Errorf("want the place in the artifact, got %v %q", subject, diags[0].Detail)
			case test.line > 0 && (subject == nil || subject.Start.Line != test.line):
				t.Errorf("want line %d, got %v", test.line, subject)
			}
		})
	}
}

func TestNotesThatWarnOfNothingAreNotKept(t *testing.T) {
	b, diags, err := compile(t, lintable(target.Diagnostic{Lint: "good-to-know"}, target.Diagnostic{Lint: "bad", Warning: true, Range: line(4)}))
	if err != nil || len(diags) != 1 {
		t.Fatal(diags, err)
	}
	for _, a := range b.All() {
		if len(a.Diagnostics) != 1 || a.Diagnostics[0].Lint != "bad" {
			t.Errorf("%s: want the warning alone, got %+v", a.Path, a.Diagnostics)
		}
	}
}

// Equal artifacts for containers of equal capabilities are linted once; the lints are told the capabilities, also that there are none.
func TestLintsKnowTheCapabilities(t *testing.T) {
	var told [][]string
	x := lintable()
	x.lint = func(c target.Environment, _ target.Artifact) ([]target.Diagnostic, error) {
		told = append(told, platform.Capabilities.Of(c.Platform))
		return nil, nil
	}
	if _, diags, err := compile(t, x, states(control.Privileged, control.Value{}, 6), states(control.CapabilitiesAdd, control.Value{}, 7),
		states(control.CapabilitiesDrop, control.Value{Items: []control.Item{{Key: "ALL"}}}, 8)); err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	if len(told) != 1 || told[0] == nil || len(told[0]) > 0 {
		t.Errorf("want once none, got %#v", told)
	}
}

func TestLintErrorsAreOurs(t *testing.T) {
	x := lintable()
	x.lint = func(target.Environment, target.Artifact) ([]target.Diagnostic, error) {
		return nil, errors.New("no profile")
	}
	if _, _, err := compile(t, x); err == nil || err.Error() != "lint x: x/a: no profile" {
		t.Errorf("got %v", err)
	}
}

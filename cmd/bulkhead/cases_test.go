package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
)

var update = flag.Bool("update", false, "write what the cases compile into, once schema and judges have passed")

// compileCase compiles a policy as the command does.
func compileCase(t *testing.T, name string) (*lang.Program, *target.Build) {
	t.Helper()
	program, diags := lang.Load(name, lang.Options{
		Open: openFolder, Presets: policies.FS, Now: testNow(), Version: version, Facts: target.Facts(targets.All()),
		Variables: []lang.Variable{{Name: "env", Text: "prod", Optional: true}},
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	b, diags, err := target.Compile(program.Policy, targets.All(), nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	if err := b.AddTests(); err != nil {
		t.Fatal(err)
	}
	return program, b
}

// Each folder of testdata/cases is a policy and, in build/, all that it compiles
// into: a file too many fails as one that is missing does.
func TestCasesCompileIntoTheirGoldens(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/cases/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			program, b := compileCase(t, dir)
			for _, tg := range b.Targets {
				j := tg.(target.Judger)
				if _, err := j.Load(target.Environment{Platform: b.Policy.Platform, Now: testNow()}, b.Artifacts[tg.Info().Name]); err != nil {
					t.Fatalf("%s cannot read what it emitted: %v", tg.Info().Name, err)
				}
			}
			artifacts := b.All()
			files, err := target.Files(artifacts, b.Manifest(version, sources(program.Files), artifacts))
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(dir, "build")
			if *update {
				if err := target.Write(golden, files); err != nil {
					t.Fatal(err)
				}
			}
			differences, err := target.Differences(golden, files)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Errorf("%s (go test ./cmd/bulkhead -run Cases -update records it)", d)
			}
		})
	}
}

// A second compile of the same input writes the same bytes.
func TestCompilingTwiceGivesTheSameBytes(t *testing.T) {
	_, first := compileCase(t, "../../testdata/cases/everything")
	_, second := compileCase(t, "../../testdata/cases/everything")
	same := slices.EqualFunc(first.All(), second.All(), func(a, b target.Artifact) bool { return a.Path == b.Path && string(a.Body) == string(b.Body) })
	if !same {
		t.Error("two compiles differ")
	}
}

// A target that claims to hold a control in full emits something else when the
// control is loosened, wherever nothing else takes the ground from it.
func TestClaimsAreInTheBytes(t *testing.T) {
	_, b := compileCase(t, "../../testdata/cases/everything")
	for s := range b.Policy.Statements() {
		if s.Control == nil {
			continue
		}
		for _, tg := range b.Targets {
			if got := tg.Support(b.Policy, s); got.Level != target.Full {
				continue
			}
			if !differs(t, tg, b.Policy, b.Policy.Without(control.Ref{ID: s.Control.ID})) && !differsAlone(t, tg, b.Policy, s.Control) {
				t.Errorf("%s claims %s in full, but emits the same bytes without it", tg.Info().Name, s.Control.ID)
			}
		}
	}
}

func differs(t *testing.T, tg target.Target, p, q *policy.Policy) bool {
	t.Helper()
	before, err := target.Emit(tg, p)
	if err != nil {
		t.Fatal(err)
	}
	after, err := target.Emit(tg, q)
	if err != nil {
		t.Fatal(err)
	}
	return !slices.EqualFunc(before, after, func(a, b target.Artifact) bool { return a.Path == b.Path && string(a.Body) == string(b.Body) })
}

// differsAlone looks behind second lines: the control is the only one left.
func differsAlone(t *testing.T, tg target.Target, p *policy.Policy, ctrl *control.Control) bool {
	t.Helper()
	var others []control.Ref
	for _, c := range control.Controls() {
		if c != ctrl && !c.Bypasses {
			others = append(others, control.Ref{ID: c.ID})
		}
	}
	return differs(t, tg, p.Without(others...), p.Without(append(others, control.Ref{ID: ctrl.ID})...))
}

// Every target answers for every control, whatever its value.
func TestEveryTargetAnswersForEveryControl(t *testing.T) {
	_, b := compileCase(t, "../../testdata/cases/everything")
	stated := map[control.ID]bool{}
	for s := range b.Policy.Statements() {
		if s.Control == nil {
			continue
		}
		stated[s.Control.ID] = true
		for _, tg := range targets.All() {
			got := tg.Support(b.Policy, s)
			if got.Level == target.Unknown {
				t.Errorf("%s does not answer for %s", tg.Info().Name, s.Control.ID)
			}
			if (got.Level == target.None || got.Level == target.Partial) && got.Reason == "" {
				t.Errorf("%s does not say why it does not hold %s", tg.Info().Name, s.Control.ID)
			}
		}
	}
	for _, c := range control.Controls() {
		if c.Order != control.Fixed && !stated[c.ID] {
			t.Errorf("testdata/cases/everything does not state %s", c.ID)
		}
	}
}

// The policies of the design folder, where it is there, compile or say why not.
func TestDesignExamples(t *testing.T) {
	dir := "../../../shared/design/examples"
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the design's examples are not here")
	}
	want := map[string][]string{ // what is right to be refused, by the summary of each error
		"a-boutique.hcl":       nil,
		"b-ingress.hcl":        {"Nothing holds this", "Nothing holds this"}, // no platform.api_server
		"c-postgres.hcl":       {"Policy not found"},                         // its parent is elsewhere
		"d-agents.hcl":         {"Exception not used"},                       // network.default is not stated
		"e-central/baseline":   nil,
		"e-central/restricted": nil,
		"e-central/sandboxed":  {"Exception not delegated", "Exception not delegated"},
		"e-team":               {"Nothing holds this"}, // host names are beyond NetworkPolicies
	}
	for name, summaries := range want {
		t.Run(name, func(t *testing.T) {
			program, diags := lang.Load(filepath.Join(dir, name), lang.Options{
				Open: openFolder, Presets: policies.FS, Now: testNow(), Version: version, Facts: target.Facts(targets.All()),
				Variables: []lang.Variable{{Name: "env", Text: "prod", Optional: true}},
			})
			if !diags.HasErrors() {
				_, more, err := target.Compile(program.Policy, targets.All(), nil)
				if err != nil {
					t.Fatal(err)
				}
				diags = append(diags, more...)
			}
			var got []string
			for _, d := range diags {
				if d.Severity == hcl.DiagError {
					got = append(got, d.Summary)
				}
			}
			if !slices.Equal(got, summaries) {
				t.Errorf("got %q, want %q\n%v", got, summaries, diags.Errs())
			}
		})
	}
}

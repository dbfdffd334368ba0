package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

var update = flag.Bool("update", false, "write what the cases compile into, once schemas and judges have passed")

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

// goldenFile lists, in the folder of a case, which of the emitted files are compared, as patterns of path.Match.
const goldenFile = "golden"

// originsFile lies beside the goldens, and says in a line for each artifact from which statements it comes.
const originsFile = "origins"

// Each folder of testdata/cases is a policy, which has to compile into what the judges of its targets read. Those of its
// artifacts that its file golden names lie in build/: one too many fails as one that is missing does. What is copied into
// every bundle and module as it lies in the source is left out.
func TestCasesCompileIntoTheirGoldens(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/cases/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			program, b := compileCase(t, dir)
			if _, err := target.Files(b.All(), b.Manifest(version, sources(program.Files), b.All())); err != nil {
				t.Fatal(err)
			}
			for _, tg := range b.Targets {
				j := tg.(target.Judger)
				if _, err := j.Load(target.Environment{Platform: b.Policy.Platform, Now: testNow()}, b.Artifacts[tg.Info().Name]); err != nil {
					t.Fatalf("%s cannot read what it emitted: %v", tg.Info().Name, err)
				}
			}
			golden := filepath.Join(dir, "build")
			patterns, err := os.ReadFile(filepath.Join(dir, goldenFile))
			if errors.Is(err, fs.ErrNotExist) && filepath.Base(dir) == "everything" {
				return // its artifacts are too long to review; other tests need the policy
			}
			if err != nil {
				t.Fatalf("a case lists the artifacts that are compared: %v", err)
			}
			files := goldens(t, b.All(), strings.Fields(string(patterns)))
			if *update {
				writeGoldens(t, golden, files)
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

// goldens are the artifacts that the patterns name, and the origins of all.
func goldens(t *testing.T, artifacts []target.Artifact, patterns []string) []target.File {
	t.Helper()
	files := []target.File{{Path: originsFile, Body: []byte(originsOf(artifacts))}}
	for _, pattern := range patterns {
		before := len(files)
		for _, a := range artifacts {
			matches, err := path.Match(pattern, a.Path)
			if err != nil {
				t.Fatalf("%s: %v", pattern, err)
			}
			if matches && !copied(a) {
				files = append(files, target.File{Path: a.Path, Body: a.Body})
			}
		}
		if len(files) == before {
			t.Errorf("no artifact matches %s", pattern)
		}
	}
	return files
}

var packageLine = regexp.MustCompile(`(?m)^package .*\n`)

// copied says that an artifact is a file of the source, but for the name of its package.
func copied(a target.Artifact) bool {
	folder := map[string]string{"rego": "../../targets/rego/bundle", "terraform": "../../targets/terraform/static"}[path.Dir(a.Path)]
	source, err := os.ReadFile(filepath.Join(folder, path.Base(a.Path)))
	if folder == "" || err != nil {
		return false
	}
	return string(packageLine.ReplaceAll(source, nil)) == string(packageLine.ReplaceAll(a.Body, nil))
}

// originsOf says of each artifact that has origins how many statements it comes from, in how many places, and the digest of all of these.
func originsOf(artifacts []target.Artifact) string {
	var out strings.Builder
	for _, a := range artifacts {
		if len(a.Mappings) == 0 {
			continue
		}
		digest, controls, places := sha256.New(), map[control.ID]bool{}, map[string]bool{}
		for _, o := range a.Mappings {
			fmt.Fprintf(digest, "%q %q %s %q %s %s:%d\n", o.Location, o.Subject, o.Container, o.Exception, o.Control, o.Range.Filename, o.Range.Start.Line)
			controls[o.Control.ID], places[o.Location] = true, true
		}
		fmt.Fprintf(&out, "%s: %d mappings, %d controls, %d locations, %.8x\n", a.Path, len(a.Mappings), len(controls), len(places), digest.Sum(nil))
	}
	return out.String()
}

func writeGoldens(t *testing.T, dir string, files []target.File) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Body, 0o644); err != nil {
			t.Fatal(err)
		}
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
	for s := range profile.Statements(b.Policy) {
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
	for s := range profile.Statements(b.Policy) {
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
	dir := suites.Folder(t, "../design/examples")
	want := map[string][]string{ // what is right to be refused, by the summary of each error
		"a-boutique.hcl":       nil,
		"b-ingress.hcl":        {"No target enforces this flow", "No target enforces this flow"}, // no platform.api_server
		"c-postgres.hcl":       {"Policy not found"},                                             // its parent is elsewhere
		"d-agents.hcl":         {"Exception not used"},                                           // network.default is not stated
		"e-central/baseline":   nil,
		"e-central/restricted": nil,
		"e-central/sandboxed":  {"Exception not delegated", "Exception not delegated"},
		"e-team":               {"No target enforces this flow"}, // host names are beyond NetworkPolicies
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

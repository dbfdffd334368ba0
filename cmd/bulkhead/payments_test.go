package main

import (
	"context"
	"regexp"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// The policies of the shipped example, by their folders.
var payments = []string{"../../policies/examples/payments", "../../policies/examples/payments/batch"}

func loadPayments(t *testing.T, dir string) *lang.Program {
	t.Helper()
	program, diags := lang.Load(dir, lang.Options{
		Open: openFolder, Presets: policies.FS, Now: testNow(), Version: version, Facts: target.Facts(targets.All()),
		Variables: []lang.Variable{{Name: "env", Value: cty.StringVal("prod"), Origin: "test"}},
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return program
}

func compilePayments(t *testing.T, p *policy.Policy) *target.Build {
	t.Helper()
	b, diags, err := target.Compile(p, targets.All(), nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	return b
}

func runPayments(t *testing.T, b *target.Build, tests []*lang.Test, run *regexp.Regexp) *trial.Report {
	t.Helper()
	report, err := trial.Run(context.Background(), b, tests, target.Environment{Platform: b.Policy.Platform, Now: testNow()},
		trial.Options{Limits: input.DefaultLimits(), Run: run})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// stated lists the controls that a resolved policy states, labelled blocks each
// for itself.
func stated(p *policy.Policy) []control.Ref {
	var out []control.Ref
	add := func(r control.Ref) {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for s := range p.Statements() {
		switch {
		case s.Control == nil || !s.Setting.Stated():
		case s.Control.Type == control.Blocks:
			for _, it := range s.Setting.Items {
				add(control.Ref{ID: s.Control.ID, Label: it.Key})
			}
		default:
			add(control.Ref{ID: s.Control.ID})
		}
	}
	return out
}

func TestPaymentsHolds(t *testing.T) {
	for _, dir := range payments {
		program := loadPayments(t, dir)
		report := runPayments(t, compilePayments(t, program.Policy), program.Tests, nil)
		for _, r := range report.Tests {
			for _, a := range r.Attempts {
				if !a.Passed() {
					t.Errorf("%s: %q: %s", dir, r.Name, a.Problem)
				}
			}
		}
		if len(report.Untested) > 0 || len(report.Inert) > 0 {
			t.Errorf("%s: untested: %v, inert: %v", dir, report.Untested, report.Inert)
		}
	}
}

// Who loosens a control of payments is told by a test that fails, whatever else
// still refuses what the test tries. One test that names the control is run:
// others may fail too, but this one must. What two policies share is tried once.
func TestLooseningAnyControlOfPaymentsFailsATest(t *testing.T) {
	seen := map[control.Ref]bool{}
	for _, dir := range payments {
		program := loadPayments(t, dir)
		b := compilePayments(t, program.Policy)
		for _, ref := range stated(program.Policy) {
			if seen[ref] {
				continue
			}
			seen[ref] = true
			t.Run(program.Policy.Name+"/"+ref.String(), func(t *testing.T) {
				name := testThatNames(program.Tests, ref)
				if name == nil {
					t.Fatal("no test names it")
				}
				// A build of its own: the loosened policy need not compile, as
				// privileged containers leave other controls unheld.
				loosened := &target.Build{Policy: b.Policy.Without(ref), Targets: b.Targets, Coverage: b.Coverage}
				if r := runPayments(t, loosened, program.Tests, name); len(r.Tests) == 0 || !report.OfTests(r, program).Failed() {
					t.Errorf("the test %s passes without it", name)
				}
			})
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d controls are stated: %v", len(seen), seen)
	}
}

// testThatNames matches the shortest test with an attempt that names a control.
func testThatNames(tests []*lang.Test, ref control.Ref) *regexp.Regexp {
	var found *lang.Test
	for _, test := range tests {
		if slices.ContainsFunc(test.Attempts, func(a *lang.Attempt) bool {
			return a.Control == ref || a.Control.ID == ref.ID && a.Control.Label == ""
		}) && (found == nil || len(test.Attempts) < len(found.Attempts)) {
			found = test
		}
	}
	if found == nil {
		return nil
	}
	return regexp.MustCompile("^" + regexp.QuoteMeta(found.Name) + "$")
}

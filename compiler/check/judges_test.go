package check_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// rival is a target that judges manifests, with a say in some controls.
type rival struct {
	fake
	level map[control.ID]target.Level
	asked *int
}

func (r rival) Support(_ *policy.Policy, s policy.Statement) target.Support {
	support := target.Support{Level: target.NotApplicable, Mode: control.Checks}
	if s.Control != nil && r.level[s.Control.ID] != target.Unknown {
		support.Level = r.level[s.Control.ID]
	}
	return support
}

func (r rival) Load(target.Environment, []target.Artifact) (target.Judge, error) { return r, nil }

func (r rival) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	if r.asked != nil {
		*r.asked++
	}
	return r.judge(a)
}

// says makes a judge that gives an outcome, with a finding for each control.
func says(name string, levels map[control.ID]target.Level, outcome target.Outcome, warning bool, of ...control.ID) rival {
	v := target.Verdict{Outcome: outcome}
	for _, id := range of {
		v.Findings = append(v.Findings, target.Finding{Control: string(id), Message: name + " minds", Warning: warning})
	}
	return rival{fake: fake{name: name, kinds: []attempt.Kind{attempt.KindManifest}, judge: func(attempt.Attempt) (target.Verdict, error) {
		return target.Verdict{Outcome: v.Outcome, Findings: slices.Clone(v.Findings)}, nil
	}}, level: levels, asked: new(int)}
}

// rivals builds a policy that states two controls of the policy for some targets.
func rivals(t *testing.T, order []string, list ...target.Target) *target.Build {
	t.Helper()
	b := build(t, list, "shop")
	b.Policy.Platform = platform.Targets.With(b.Policy.Platform, nil)
	for _, name := range order {
		b.Policy.Platform = platform.Targets.With(b.Policy.Platform, append(platform.Targets.Of(b.Policy.Platform), control.Item{Key: name}))
	}
	for _, id := range []control.ID{control.Undeclared, control.HostPID} {
		ctrl, ok := control.Lookup(id)
		if !ok {
			t.Fatalf("no control %s", id)
		}
		row := target.Row{Statement: policy.Statement{Control: ctrl}, Supports: map[string]target.Support{}}
		for _, tg := range list {
			row.Supports[tg.Info().Name] = tg.Support(b.Policy, row.Statement)
		}
		b.Coverage.Rows = append(b.Coverage.Rows, row)
	}
	return b
}

func TestJudges(t *testing.T) {
	const pid = control.HostPID
	full := map[control.ID]target.Level{control.HostPID: target.Full, control.Undeclared: target.Full}
	onlyPID := map[control.ID]target.Level{control.HostPID: target.Full}
	half := map[control.ID]target.Level{control.HostPID: target.Partial, control.Undeclared: target.Full}
	allows := func(name string, levels map[control.ID]target.Level) rival {
		return says(name, levels, target.Allow, false)
	}
	denies := func(name string, levels map[control.ID]target.Level) rival {
		return says(name, levels, target.Deny, false, pid)
	}
	for _, c := range []struct {
		name  string
		order []string // platform.targets
		all   bool
		list  []rival
		asked []int
		found []string // who minds
		said  string   // the problem
	}{
		{"the first of the fixed order", nil, false, []rival{denies("a", full), allows("b", full)}, []int{1, 0}, []string{"a minds"}, ""},
		{"the first that the policy names", []string{"b", "a"}, false, []rival{denies("a", full), allows("b", full)}, []int{0, 1}, nil, ""},
		{"the one with full support", nil, false, []rival{allows("a", half), denies("b", onlyPID)}, []int{1, 1}, []string{"b minds"}, ""},
		{"not the one with partial support", nil, false, []rival{denies("a", half), allows("b", onlyPID)}, []int{1, 1}, nil, ""},
		{"of a control that the policy does not state", nil, false, []rival{allows("a", half), says("b", onlyPID, target.Deny, false, control.HostIPC)}, []int{1, 1}, []string{"b minds"}, ""},
		{"partial support where nobody has more", nil, false, []rival{denies("a", half), allows("b", nil)}, []int{1, 0}, []string{"a minds"}, ""},
		{"all agree to refuse", nil, true, []rival{denies("a", full), denies("b", full)}, []int{1, 1}, []string{"a minds"}, ""},
		{"all agree to allow", nil, true, []rival{allows("a", full), allows("b", full)}, []int{1, 1}, nil, ""},
		{"one refuses", nil, true, []rival{allows("a", full), denies("b", full)}, []int{1, 1}, []string{"b minds"}, "host.pid: a says allow, b says deny"},
		{"one refuses, the other has no full support", nil, true, []rival{denies("a", full), allows("b", half)}, []int{1, 1}, []string{"a minds"}, ""},
		{"one warns", nil, true, []rival{says("a", full, target.Allow, true, pid), denies("b", full)}, []int{1, 1}, []string{"b minds"}, "a says allow, b says deny"},
		{"one cannot decide", nil, true, []rival{says("a", full, target.Undecided, false, pid), denies("b", full)}, []int{1, 1}, []string{"b minds"}, "a says undecided, b says deny"},
		{"undecided beside allow", nil, true, []rival{allows("a", full), says("b", full, target.Undecided, false, pid)}, []int{1, 1}, []string{"b minds"}, "a says allow, b says undecided"},
		{"undecided for no reason", nil, true, []rival{allows("a", full), says("b", full, target.Undecided, false)}, []int{1, 1}, []string{"the artifacts cannot decide this"}, "a says allow, b says undecided"},
		{"one passes it over", nil, true, []rival{denies("a", full), says("b", full, target.Inapplicable, false)}, []int{1, 1}, []string{"a minds"}, "a says deny, b says not-applicable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var list []target.Target
			for _, r := range c.list {
				list = append(list, r)
			}
			checker := checker(t, rivals(t, c.order, list...), "")
			if c.all {
				checker.AskAll()
			}
			got := one(t, checker, "f.yaml", pod("p", "", ""))
			for i, r := range c.list {
				if *r.asked != c.asked[i] {
					t.Errorf("%s was asked %d times, want %d", r.name, *r.asked, c.asked[i])
				}
			}
			var found []string
			for _, f := range got.Findings {
				found = append(found, f.Message)
			}
			if !slices.Equal(found, c.found) {
				t.Errorf("found %q, want %q", found, c.found)
			}
			switch {
			case c.said == "" && len(got.Problems) > 0, c.said != "" && len(got.Problems) != 1:
				t.Errorf("problems %v, want %q", got.Problems, c.said)
			case c.said != "" && !strings.Contains(got.Problems[0].Error(), c.said):
				t.Errorf("problem %v, want %q", got.Problems[0], c.said)
			}
		})
	}
}

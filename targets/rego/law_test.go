package rego

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// deciding are the controls that decide whether a profile acts on a container, and so whether it has to be named.
var deciding = []policy.ID{policy.Privileged, policy.SandboxRuntime, policy.SeccompProfile, policy.AppArmorProfile}

// TestLooseningTakesAwayItsOwn holds the rules to the law of tightening in its strictest form: with one control loosened,
// every pod has the findings that it had, but for those of that control.
func TestLooseningTakesAwayItsOwn(t *testing.T) {
	values := map[policy.ID]policy.Value{}
	var pods []string
	for _, id := range slices.Sorted(maps.Keys(controlCases)) {
		values[id] = controlCases[id].value
		for i, c := range controlCases[id].cases {
			if i > 3 {
				break // each control is loosened for every pod: four of each will do
			}
			pods = append(pods, podOf(c.pod, c.container))
		}
	}
	p := resolve(t, document(values))
	all := findingsOf(t, p, pods)
	for id := range values {
		got := findingsOf(t, p.Without(policy.Ref{ID: id}), pods)
		for i := range pods {
			want := slices.DeleteFunc(slices.Clone(all[i]), func(f target.Finding) bool { return f.Control == string(id) })
			if slices.Contains(deciding, id) {
				got[i] = slices.DeleteFunc(got[i], func(f target.Finding) bool { return f.Control == string(policy.CompiledProfiles) })
				want = slices.DeleteFunc(want, func(f target.Finding) bool { return f.Control == string(policy.CompiledProfiles) })
			}
			if len(got[i]) == 0 {
				got[i] = nil
			}
			if len(want) == 0 {
				want = nil
			}
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Fatalf("without %s, %s:\n%s", id, pods[i], diff)
			}
		}
	}
}

func findingsOf(t *testing.T, p *policy.Policy, pods []string) [][]target.Finding {
	j := load(t, emit(t, p))
	out := make([][]target.Finding, len(pods))
	for i, pod := range pods {
		v := judgeText(t, j, pod)
		if (v.Outcome == target.Deny) != (len(v.Findings) > 0) {
			t.Fatal(fmt.Sprint(v))
		}
		if len(v.Findings) > 0 {
			out[i] = v.Findings
		}
	}
	return out
}

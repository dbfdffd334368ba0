package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/rego"
	"github.com/bulkhead-policy/bulkhead/testdata/frozen"
)

// frozenPods is how many random pods each frozen bundle is compared on.
const frozenPods = 60

// TestFrozenBundles holds that today's compiler emits Rego that decides as the frozen bundles do: for each random pod
// the same outcome, and for each of its containers the same controls. The pod of a number is always the same.
func TestFrozenBundles(t *testing.T) {
	all, err := frozen.Policies()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 26 {
		t.Fatalf("%d frozen policies", len(all))
	}
	for i, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			program, diags := p.Load(version)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			emitted, err := rego.Target{}.Emit(program.Policy)
			if err != nil {
				t.Fatal(err)
			}
			var namespaces []string
			for _, n := range program.Policy.Namespaces {
				namespaces = append(namespaces, n.Key)
			}
			before, after := loadRego(t, program.Policy, p.Bundle), loadRego(t, program.Policy, emitted)
			outcomes := map[target.Outcome]int{}
			for n := range frozenPods {
				pod, err := json.Marshal(frozen.Pod(rand.New(rand.NewPCG(uint64(n), uint64(i))), namespaces...))
				if err != nil {
					t.Fatal(err)
				}
				outcome, want := decision(t, before, pod)
				if got, controls := decision(t, after, pod); got != outcome || !slices.Equal(controls, want) {
					t.Errorf("pod %d: %v %v, the frozen bundle %v %v\n%s", n, got, controls, outcome, want, pod)
				}
				outcomes[outcome]++
			}
			if outcomes[target.Deny] == 0 && p.Name != "preset-privileged" {
				t.Errorf("no pod is denied, so that nothing was compared: %v", outcomes)
			}
		})
	}
}

func loadRego(t *testing.T, p *policy.Policy, artifacts []target.Artifact) target.Judge {
	t.Helper()
	j, err := rego.Target{}.Load(target.Environment{Platform: p.Platform, Now: frozen.Now}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// decision gives the outcome for a pod, and the controls that it violates in which container, under which exception.
func decision(t *testing.T, j target.Judge, pod []byte) (target.Outcome, []string) {
	t.Helper()
	docs, err := input.Read("pod.json", pod, input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	v, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[0]})
	if err != nil {
		t.Fatal(err)
	}
	var controls []string
	for _, f := range v.Findings {
		controls = append(controls, fmt.Sprintf("%s of %q, exception %q, warning %v", f.Control, f.Container, f.Exception, f.Warning))
	}
	slices.Sort(controls)
	return v.Outcome, slices.Compact(controls)
}

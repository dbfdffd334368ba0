package main

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/testdata/frozen"
)

// TestCompletions holds that what a plan decides while some of its values are known only after apply stays so, whatever
// they become: if it is allowed, so is every completion, and a control that is violated is violated in each.
func TestCompletions(t *testing.T) {
	all, err := frozen.Policies()
	if err != nil {
		t.Fatal(err)
	}
	var decided atomic.Int64 // of plans of which something is unknown
	t.Cleanup(func() {
		if decided.Load() < 20 {
			t.Errorf("only %d plans were decided, so that little was compared", decided.Load())
		}
	})
	for i, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			program, diags := p.Load(version)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			a := newAgreement(t, program.Policy, p)
			var namespaces []string
			for _, n := range program.Policy.Namespaces {
				namespaces = append(namespaces, n.Key)
			}
			for n := range 4 {
				r := rand.New(rand.NewPCG(uint64(n), uint64(i)+1000))
				body, err := json.Marshal(frozen.Pod(r, namespaces...))
				if err != nil {
					t.Fatal(err)
				}
				var pod map[string]any
				if err := json.Unmarshal(body, &pod); err != nil {
					t.Fatal(err)
				}
				for _, form := range []string{"manifest", "typed"} {
					if a.complete(t, r, form, pod) {
						decided.Add(1)
					}
				}
			}
		})
	}
}

// complete compares a plan in which something is unknown with completions of it, and reports whether it was decided.
func (a *agreement) complete(t *testing.T, r *rand.Rand, form string, pod map[string]any) bool {
	kind, values, ok := resourceFor(form, pod)
	if !ok {
		return false
	}
	unknown := map[string]any{}
	known := hide(r, "", values, unknown)
	before, decided := a.verdict(t, planOf(kind, known.(map[string]any), unknown))
	for range 2 {
		completion := fill(r, values, unknown).(map[string]any)
		after, violated := a.verdict(t, planOf(kind, completion, map[string]any{}))
		if before == target.Allow && after != target.Allow {
			t.Errorf("allowed before, %v with\n%s", after, planOf(kind, completion, unknown))
		}
		for f := range decided {
			if !violated[finding{f.control, "", f.warning}] {
				t.Errorf("%s is violated before, and not with\n%s", f.control, planOf(kind, completion, unknown))
			}
		}
	}
	return before != target.Undecided && len(unknown) > 0
}

// verdict gives the outcome, and the controls that are violated whatever else becomes known.
func (a *agreement) verdict(t *testing.T, plan []byte) (target.Outcome, findings) {
	v, err := a.module.Judge(t.Context(), attempt.Plan{File: "plan.json", Body: plan})
	if err != nil {
		t.Fatalf("%v\n%s", err, plan)
	}
	out := findings{}
	if v.Outcome == target.Deny {
		v.Findings = slices.DeleteFunc(v.Findings, func(f target.Finding) bool { return f.Warning || f.Undecided })
		out = withoutContainers(a.controls(v))
	}
	return v.Outcome, out
}

// opaque are fields by which a pod is known to be whose: their being unknown leaves nothing to decide.
var opaque = []string{"metadata", "name", "apiVersion", "kind"}

// hide gives a value without some of what is in it, and notes in unknown what is left out.
func hide(r *rand.Rand, key string, value any, unknown map[string]any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if slices.Contains(opaque, k) {
				out[k] = v[k]
				continue
			}
			if _, leaf := v[k].(map[string]any); !leaf && !isList(v[k]) && r.IntN(12) == 0 {
				unknown[k] = true
				continue
			}
			inner := map[string]any{}
			out[k] = hide(r, k, v[k], inner)
			if len(inner) > 0 {
				unknown[k] = asUnknown(v[k], inner)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			inner := map[string]any{}
			out[i] = hide(r, key, item, inner)
			if len(inner) > 0 {
				unknown[strconv.Itoa(i)] = asUnknown(item, inner)
			}
		}
		return out
	}
	return value
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// asUnknown writes what is unknown of a list as a list.
func asUnknown(v any, inner map[string]any) any {
	items, ok := v.([]any)
	if !ok {
		return inner
	}
	out := make([]any, len(items))
	for i := range items {
		out[i] = map[string]any{}
		if u, ok := inner[strconv.Itoa(i)]; ok {
			out[i] = u
		}
	}
	return out
}

// fill gives a value in which what is unknown has become something.
func fill(r *rand.Rand, value, unknown any) any {
	switch v := value.(type) {
	case map[string]any:
		left, _ := unknown.(map[string]any)
		out := map[string]any{}
		for k, inner := range v {
			if left[k] == true {
				if become := other(r, inner); become != nil {
					out[k] = become
				}
				continue
			}
			out[k] = fill(r, inner, left[k])
		}
		return out
	case []any:
		left, _ := unknown.([]any)
		out := make([]any, len(v))
		for i, item := range v {
			var u any
			if i < len(left) {
				u = left[i]
			}
			out[i] = fill(r, item, u)
		}
		return out
	}
	return value
}

// other is a value of the same type, the same one, or none.
func other(r *rand.Rand, value any) any {
	var all []any
	switch value.(type) {
	case bool:
		all = []any{true, false}
	case float64:
		all = []any{0.0, 7.0, 1000.0, 1e9}
	case string:
		all = []any{"", "x", "Localhost", "Unconfined", "1Gi", "1", "nginx:latest", "Default", "TCP"}
	}
	all = append(all, value, nil)
	return all[r.IntN(len(all))]
}

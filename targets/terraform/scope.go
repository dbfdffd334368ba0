package terraform

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// scope is what the conditions of a module look at.
type scope struct {
	pods, versions bool
	// wanting are the conditions that fail where there is nothing to look at.
	wanting []*module.Condition
	// namespaces are those of the policy; nil: all.
	namespaces []string
}

// scopeOf finds out what a module looks at by leaving it unknown: a condition that
// looks at it is undecided then. A module with parts that are not modelled may look
// at anything.
func scopeOf(m *module.Module) (scope, error) {
	none := inputs(nil)
	out := scope{namespaces: namespaces(m, none)}
	if len(m.Unread) > 0 {
		out.pods, out.versions = true, true
		return out, nil
	}
	results, err := m.Evaluate(context.Background(), none)
	if err != nil {
		return out, err
	}
	var rest []*module.Condition
	for _, r := range results {
		if r.Outcome == module.Fails {
			out.wanting = append(out.wanting, r.Condition)
		} else {
			rest = append(rest, r.Condition)
		}
	}
	if out.pods, err = looksAt(m, rest, "resources", cty.DynamicVal); err != nil {
		return out, err
	}
	out.versions, err = looksAt(m, rest, "kubernetes_versions", cty.ObjectVal(map[string]cty.Value{"x": cty.UnknownVal(cty.String)}))
	return out, err
}

// looksAt reports whether one of some conditions looks at a variable. Without any it
// is said to, since nothing is known.
func looksAt(m *module.Module, conditions []*module.Condition, variable string, unknown cty.Value) (bool, error) {
	if len(conditions) == 0 {
		return true, nil
	}
	in := inputs(nil)
	in[variable] = unknown
	results, err := m.Evaluate(context.Background(), in, conditions...)
	if err != nil {
		return false, err
	}
	for _, r := range results {
		if r.Outcome != module.Holds {
			return true, nil
		}
	}
	return false, nil
}

// namespaces reads the local of that name, as our modules have it.
func namespaces(m *module.Module, in module.Inputs) []string {
	v, ok := m.Local("namespaces", in)
	if !ok || !v.IsWhollyKnown() || v.IsNull() || !v.CanIterateElements() {
		return nil
	}
	var out []string
	for _, e := range v.AsValueSlice() {
		if e.IsNull() || e.Type() != cty.String {
			return nil
		}
		out = append(out, e.AsString())
	}
	return out
}

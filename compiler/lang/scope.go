package lang

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// scope is what expressions may refer to: roots such as var and local, with
// their members by name.
type scope struct {
	roots     map[string]map[string]cty.Value
	functions *hcl.EvalContext
}

func (s *scope) with(root string, members map[string]cty.Value) *scope {
	roots := maps.Clone(s.roots)
	roots[root] = members
	return &scope{roots, s.functions}
}

func (s *scope) context() *hcl.EvalContext {
	ctx := s.functions.NewChild()
	ctx.Variables = map[string]cty.Value{}
	for root, members := range s.roots {
		ctx.Variables[root] = cty.ObjectVal(members)
	}
	return ctx
}

// ref is what workload.NAME and peer.NAME evaluate to.
type ref struct {
	kind, name string
}

var refType = cty.Capsule("reference", reflect.TypeFor[ref]())

func refs(kind string, names []string) map[string]cty.Value {
	out := map[string]cty.Value{}
	for _, name := range names {
		out[name] = cty.CapsuleVal(refType, &ref{kind, name})
	}
	return out
}

// evaluate gives the value of an expression. Names that do not exist are
// answered with the nearest that does, before HCL would.
func (d *decoder) evaluate(expr hcl.Expression, s *scope) (cty.Value, bool) {
	ok := true
	for _, t := range expr.Variables() {
		ok = d.known(t, s) && ok
	}
	if !ok {
		return cty.NilVal, false
	}
	v, diags := expr.Value(s.context())
	d.diags = append(d.diags, diags...)
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() {
		d.error(expr.Range(), "Value not known", "This value cannot be worked out from the policy alone.")
		return cty.NilVal, false
	}
	return v, true
}

// known checks the first two steps of a reference.
func (d *decoder) known(t hcl.Traversal, s *scope) bool {
	members, ok := s.roots[t.RootName()]
	if !ok {
		roots := slices.Sorted(maps.Keys(s.roots))
		d.error(t.SourceRange(), "Unknown name", "Nothing is called %q here.%s Expressions may name: %s. A text stands in quotes.", t.RootName(), didYouMean(t.RootName(), roots), join(roots))
		return false
	}
	if len(t) < 2 {
		return true
	}
	var name string
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		name = step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() != cty.String {
			return true
		}
		name = step.Key.AsString()
	default:
		return true
	}
	if _, ok := members[name]; ok {
		return true
	}
	names := slices.Sorted(maps.Keys(members))
	has := "there is none"
	if len(names) > 0 {
		has = "there are: " + join(names)
	}
	d.error(t[1].SourceRange(), fmt.Sprintf("Unknown %s", words[t.RootName()]), "No %s is called %q; %s.%s", words[t.RootName()], name, has, didYouMean(name, names))
	return false
}

var words = map[string]string{"var": "variable", "local": "local value", "workload": "workload", "peer": "peer", "each": "member of each"}

// join lists names for a message, and only so many of them.
func join(names []string) string {
	const most = 12
	out := ""
	for i, n := range names {
		if i == most {
			return fmt.Sprintf("%s and %d more", out, len(names)-most)
		}
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

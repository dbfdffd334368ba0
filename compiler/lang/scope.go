package lang

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// scope is what expressions may refer to: roots such as var and local, with
// their members by name.
type scope struct {
	roots map[string]map[string]cty.Value
	ctx   *hcl.EvalContext
}

func newScope(functions *hcl.EvalContext) *scope { return &scope{nil, functions} }

// with gives the scope with one more root. Evaluation contexts are chained, so
// that a scope for each of many blocks costs what it adds and no more.
func (s *scope) with(root string, members map[string]cty.Value) *scope {
	return s.withPart(root, members, members)
}

// withPart is with, for a root of which an expression needs only a part.
func (s *scope) withPart(root string, members, needed map[string]cty.Value) *scope {
	roots := make(map[string]map[string]cty.Value, len(s.roots)+1)
	maps.Copy(roots, s.roots)
	roots[root] = members
	ctx := s.ctx.NewChild()
	ctx.Functions = s.ctx.Functions // HCL suggests names from the innermost context only
	ctx.Variables = map[string]cty.Value{root: cty.ObjectVal(needed)}
	return &scope{roots, ctx}
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
// answered with the nearest that does, before HCL would. It fails without a word
// of its own where an earlier mistake is the reason.
func (d *decoder) evaluate(expr hcl.Expression, s *scope) (cty.Value, bool) {
	ok := true
	for _, t := range expr.Variables() {
		ok = d.known(t, s) && ok
	}
	if !ok {
		return cty.NilVal, false
	}
	v, diags := d.value(expr, s)
	for _, diag := range diags {
		d.report(d.betterIndex(diag))
	}
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() {
		d.trouble++ // only what could not be read before is unknown
		return cty.NilVal, false
	}
	return v, true
}

// value evaluates within what is left of the meter.
func (d *decoder) value(expr hcl.Expression, s *scope) (v cty.Value, diags hcl.Diagnostics) {
	if d.meter.spent {
		d.trouble++
		return cty.DynamicVal, nil
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case overrun:
			d.meter.spent = d.meter.left <= 0
			v, diags = cty.DynamicVal, hcl.Diagnostics{errorf(expr.Range().Ptr(), "Value too large",
				"Working this out takes values larger, deeper or more numerous than a policy needs. State less of it, or in smaller parts.")}
		default:
			panic(r)
		}
	}()
	v, diags = expr.Value(s.ctx)
	if !diags.HasErrors() {
		d.meter.charge(v)
	}
	return v, diags
}

// known checks the first two steps of a reference.
func (d *decoder) known(t hcl.Traversal, s *scope) bool {
	members, ok := s.roots[t.RootName()]
	if !ok {
		roots := slices.Sorted(maps.Keys(s.roots))
		has := " Nothing can be named here."
		if len(roots) > 0 {
			has = fmt.Sprintf(" Expressions may name here: %s.", join(roots))
		}
		d.error(t.SourceRange(), "Unknown name", "Nothing is called %q here.%s%s A text stands in quotes.", t.RootName(), didYouMean(t.RootName(), roots), has)
		return false
	}
	if len(t) < 2 {
		return true
	}
	name, ok := second(t)
	if !ok {
		return true
	}
	return d.member(t.RootName(), name, members, t[1].SourceRange())
}

// member refuses the name of something that is not there. Where not all names
// could be read, it may be one of those.
func (d *decoder) member(root, name string, members map[string]cty.Value, at hcl.Range) bool {
	if _, ok := members[name]; ok {
		return true
	}
	if d.partial[root] {
		d.trouble++
		return false
	}
	names := slices.Sorted(maps.Keys(members))
	has := "There are none."
	if len(names) > 0 {
		has = "There are: " + join(names) + "."
	}
	d.error(at, "Unknown "+words[root], "No %s is called %q.%s %s", words[root], name, didYouMean(name, names), has)
	return false
}

// second gives the name that a reference's second step states.
func second(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

// betterIndex answers workload[...] with the name that was meant, which HCL
// does not.
func (d *decoder) betterIndex(diag *hcl.Diagnostic) *hcl.Diagnostic {
	index, ok := diag.Expression.(*hclsyntax.IndexExpr)
	if !ok || diag.Summary != "Invalid index" {
		return diag
	}
	collection, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(collection.Traversal) != 1 || words[collection.Traversal.RootName()] == "" {
		return diag
	}
	key, diags := index.Key.Value(diag.EvalContext)
	all, more := index.Collection.Value(diag.EvalContext)
	if diags.HasErrors() || more.HasErrors() || key.IsNull() || key.Type() != cty.String {
		return diag
	}
	what := words[collection.Traversal.RootName()]
	names := slices.Sorted(maps.Keys(all.Type().AttributeTypes()))
	return errorf(index.Key.Range().Ptr(), "Unknown "+what, "No %s is called %q.%s There are: %s.", what, key.AsString(), didYouMean(key.AsString(), names), join(names))
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

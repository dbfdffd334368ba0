package module

import (
	"fmt"
	"slices"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// newExpression collects what an expression refers to, notes the functions and
// references that are not modelled, and meters it.
func (m *Module) newExpression(expr hclsyntax.Expression) (*expression, error) {
	e := &expression{}
	for _, traversal := range expr.Variables() {
		if err := e.refer(traversal); err != nil {
			m.unread(traversal.SourceRange(), "%v", err)
		}
	}
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor gives none
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
			if _, ok := functions[call.Name]; !ok {
				m.unread(call.NameRange, "the function %q is not modelled", call.Name)
			}
		}
		return nil
	})
	e.expr = withCalls(meterAll(expr))
	return e, nil
}

// refer notes a reference to local.x or var.x.
func (e *expression) refer(t hcl.Traversal) error {
	root := t.RootName()
	if root != "local" && root != "var" {
		return fmt.Errorf("a reference to %q is not modelled; only local and var are", root)
	}
	attr, ok := hcl.TraverseAttr{}, false
	if len(t) > 1 {
		attr, ok = t[1].(hcl.TraverseAttr)
	}
	if !ok {
		return fmt.Errorf("a reference to the whole of %q is not modelled", root)
	}
	to := &e.locals
	if root == "var" {
		to = &e.variables
	}
	if !slices.Contains(*to, attr.Name) {
		*to = append(*to, attr.Name)
	}
	return nil
}

// checkReferences makes sure that every local and variable that is referred to
// exists and that no locals refer to one another in a circle.
func (m *Module) checkReferences() error {
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(e *expression, depth int) error
	visit = func(e *expression, depth int) error {
		if depth > MaxDepth {
			return fmt.Errorf("%s: locals refer to one another more than %d deep", hcltext.At(e.expr.Range()), MaxDepth)
		}
		for _, name := range e.variables {
			if m.variables[name] == nil {
				return fmt.Errorf("%s: there is no variable %q", hcltext.At(e.expr.Range()), name)
			}
		}
		for _, name := range e.locals {
			l := m.locals[name]
			switch {
			case l == nil:
				return fmt.Errorf("%s: there is no local.%s", hcltext.At(e.expr.Range()), name)
			case state[name] == visiting:
				return fmt.Errorf("%s: local.%s refers to itself", hcltext.At(l.expr.Range()), name)
			case state[name] == done:
				continue
			}
			state[name] = visiting
			if err := visit(l, depth+1); err != nil {
				return err
			}
			state[name] = done
		}
		return nil
	}
	return m.visitAll(func(e *expression) error { return visit(e, 0) })
}

// visitAll calls f for every expression of the module, in a fixed order.
func (m *Module) visitAll(f func(*expression) error) error {
	var all []*expression
	for _, name := range keys(m.locals) {
		all = append(all, m.locals[name])
	}
	for _, name := range keys(m.variables) {
		if def := m.variables[name].def; def != nil {
			if len(def.locals)+len(def.variables) > 0 {
				return fmt.Errorf("%s: the default of a variable refers to something", hcltext.At(def.expr.Range()))
			}
			all = append(all, def)
		}
	}
	for _, c := range m.Conditions {
		all = append(all, c.condition, c.message)
	}
	for _, e := range all {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

func keys[T any](m map[string]T) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// metered is an expression whose value is paid for before anything is built
// from it. The budget travels in the evaluation context, so that one module
// can be evaluated from many goroutines.
type metered struct {
	hclsyntax.Expression
	cost func(cty.Value) int
}

// budgetName is the variable in which the budget travels. No reference can
// reach it: a name of HCL does not begin with a space.
const budgetName = " budget"

// Value evaluates the expression and charges for it.
func (e metered) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.Expression.Value(ctx)
	if !budgetOf(ctx).charge(e.cost(v)) {
		return cty.DynamicVal, hcl.Diagnostics{{
			Severity: hcl.DiagError,
			Summary:  "Too much to evaluate",
			Detail:   fmt.Sprintf("The module needs more than %d steps.", int(MaxSteps)),
			Subject:  e.Range().Ptr(),
		}}
	}
	return v, diags
}

// meterAll puts a meter on what loops, templates and functions work on.
func meterAll(expr hclsyntax.Expression) hclsyntax.Expression {
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor gives none
		if m, ok := node.(metered); ok { // the walk passes what the meter holds only as the meter
			node = m.Expression.(hclsyntax.Node)
		}
		switch node := node.(type) {
		case *hclsyntax.ForExpr:
			node.CollExpr = metered{node.CollExpr, length}
		case *hclsyntax.TemplateExpr:
			for i, part := range node.Parts {
				node.Parts[i] = metered{part, length}
			}
		case *hclsyntax.TemplateJoinExpr:
			node.Tuple = metered{node.Tuple, length}
		case *hclsyntax.SplatExpr:
			node.Source = metered{node.Source, length}
		case *hclsyntax.FunctionCallExpr:
			cost := length
			switch {
			case walksDeep[node.Name]:
				cost = size
			case node.Name == "lookup":
				cost = func(cty.Value) int { return 1 } // it takes one element, however many there are
			}
			for i, arg := range node.Args {
				node.Args[i] = metered{arg, cost}
			}
		}
		return nil
	})
	return expr
}

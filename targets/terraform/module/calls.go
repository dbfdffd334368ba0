package module

import (
	"regexp"
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// call is a call of a function that modules make all the time. go-cty looks through all that a value holds before and after
// each call, and evaluates what stands in try twice. Where the arguments are plain, the result is made at once; else, and
// for errors, the call is left to HCL.
type call struct {
	*hclsyntax.FunctionCallExpr
}

// plainCalls give the result of a call; false leaves the call to HCL.
var plainCalls = map[string]func(args []cty.Value) (cty.Value, bool){
	"alltrue":  func(args []cty.Value) (cty.Value, bool) { return every(true, args) },
	"anytrue":  func(args []cty.Value) (cty.Value, bool) { return every(false, args) },
	"concat":   plainConcat,
	"contains": plainContains,
	"keys":     plainKeys,
	"length":   plainLength,
	"lookup":   plainLookup,
	"merge":    plainMerge,
	"regex":    plainRegex,
}

// Value gives the result of the call.
func (c call) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if c.Name == "try" && !c.ExpandFinal {
		return c.try(ctx)
	}
	plain := plainCalls[c.Name]
	if plain == nil {
		return c.FunctionCallExpr.Value(ctx)
	}
	args := make([]cty.Value, 0, len(c.Args))
	for i, arg := range c.Args {
		v, diags := arg.Value(ctx)
		if len(diags) > 0 || v.IsMarked() {
			return c.FunctionCallExpr.Value(ctx)
		}
		if !c.ExpandFinal || i < len(c.Args)-1 {
			args = append(args, v)
			continue
		}
		if !there(v) || !v.Type().IsTupleType() {
			return c.FunctionCallExpr.Value(ctx)
		}
		args = append(args, v.AsValueSlice()...)
	}
	if v, ok := plain(args); ok {
		return v, nil
	}
	return c.FunctionCallExpr.Value(ctx)
}

// try gives the first argument that has a value, as tryfunc does.
func (c call) try(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	for _, arg := range c.Args {
		v, diags := arg.Value(ctx)
		switch {
		case diags.HasErrors():
			continue
		case !v.IsWhollyKnown():
			return cty.DynamicVal, nil
		}
		return v, nil
	}
	return c.FunctionCallExpr.Value(ctx) // which has the error
}

// there reports a value that is known itself, whatever it holds, and not null.
func there(v cty.Value) bool { return v.IsKnown() && !v.IsNull() && !v.IsMarked() }

func isText(v cty.Value) bool { return v.Type() == cty.String && there(v) }

func every(all bool, args []cty.Value) (cty.Value, bool) {
	if len(args) != 1 || !there(args[0]) || !args[0].Type().IsTupleType() {
		return cty.NilVal, false
	}
	result := all
	for _, v := range args[0].AsValueSlice() {
		if v.Type() != cty.Bool || !there(v) {
			return cty.NilVal, false
		}
		if v.True() != all {
			result = !all
		}
	}
	return cty.BoolVal(result), true
}

func plainConcat(args []cty.Value) (cty.Value, bool) {
	var all []cty.Value
	for _, arg := range args {
		if !there(arg) || !arg.Type().IsTupleType() {
			return cty.NilVal, false
		}
		all = append(all, arg.AsValueSlice()...)
	}
	return cty.TupleVal(all), len(args) > 0
}

func plainContains(args []cty.Value) (cty.Value, bool) {
	if len(args) != 2 || !there(args[0]) || !args[0].Type().IsTupleType() || !isText(args[1]) {
		return cty.NilVal, false
	}
	found := false
	for _, v := range args[0].AsValueSlice() {
		if !isText(v) {
			return cty.NilVal, false
		}
		found = found || v.AsString() == args[1].AsString()
	}
	return cty.BoolVal(found), true
}

func plainKeys(args []cty.Value) (cty.Value, bool) {
	if len(args) != 1 || !there(args[0]) || !args[0].Type().IsObjectType() {
		return cty.NilVal, false
	}
	var names []string
	for name := range args[0].Type().AttributeTypes() {
		names = append(names, name)
	}
	slices.Sort(names)
	values := make([]cty.Value, len(names))
	for i, name := range names {
		values[i] = cty.StringVal(name)
	}
	return cty.TupleVal(values), true
}

func plainLength(args []cty.Value) (cty.Value, bool) {
	if len(args) != 1 || !there(args[0]) {
		return cty.NilVal, false
	}
	switch t := args[0].Type(); {
	case t.IsTupleType():
		return cty.NumberIntVal(int64(t.Length())), true
	case t.IsObjectType():
		return cty.NumberIntVal(int64(len(t.AttributeTypes()))), true
	}
	return cty.NilVal, false
}

func plainLookup(args []cty.Value) (cty.Value, bool) {
	if len(args) < 2 || len(args) > 3 || !there(args[0]) || !args[0].Type().IsObjectType() || !isText(args[1]) {
		return cty.NilVal, false
	}
	if name := args[1].AsString(); args[0].Type().HasAttribute(name) {
		return args[0].GetAttr(name), true
	}
	return args[len(args)-1], len(args) == 3
}

func plainMerge(args []cty.Value) (cty.Value, bool) {
	all := map[string]cty.Value{}
	for _, arg := range args {
		if !there(arg) || !arg.Type().IsObjectType() {
			return cty.NilVal, false
		}
		for it := arg.ElementIterator(); it.Next(); {
			k, v := it.Element()
			all[k.AsString()] = v
		}
	}
	return cty.ObjectVal(all), len(args) > 0
}

// compiled are regular expressions by their texts; those of a module are constants. A bound keeps out what would be built of
// plans.
var compiled = struct {
	sync.Mutex
	known map[string]*regexp.Regexp
}{known: map[string]*regexp.Regexp{}}

func expressionOf(text string) *regexp.Regexp {
	compiled.Lock()
	defer compiled.Unlock()
	if re, ok := compiled.known[text]; ok {
		return re
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	const most = 256
	if len(compiled.known) >= most {
		clear(compiled.known)
	}
	compiled.known[text] = re
	return re
}

// plainRegex gives the groups of a match: by their names where all have one, or in their order where none has.
func plainRegex(args []cty.Value) (cty.Value, bool) {
	if len(args) != 2 || !isText(args[0]) || !isText(args[1]) {
		return cty.NilVal, false
	}
	re := expressionOf(args[0].AsString())
	if re == nil || re.NumSubexp() == 0 {
		return cty.NilVal, false
	}
	text := args[1].AsString()
	at := re.FindStringSubmatchIndex(text)
	if at == nil {
		return cty.NilVal, false
	}
	named := map[string]cty.Value{}
	var groups []cty.Value
	for i, name := range re.SubexpNames()[1:] {
		v := cty.NullVal(cty.String)
		if start, end := at[2*i+2], at[2*i+3]; start >= 0 {
			v = cty.StringVal(text[start:end])
		}
		groups = append(groups, v)
		if name != "" {
			named[name] = v
		}
	}
	switch len(named) {
	case 0:
		return cty.TupleVal(groups), true
	case len(groups):
		return cty.ObjectVal(named), true
	}
	return cty.NilVal, false
}

// withCalls puts calls in the place of those of HCL.
func withCalls(expr hclsyntax.Expression) hclsyntax.Expression {
	in := func(list ...*hclsyntax.Expression) {
		for _, e := range list {
			if *e != nil {
				*e = withCalls(*e)
			}
		}
	}
	all := func(list []hclsyntax.Expression) {
		for i := range list {
			list[i] = withCalls(list[i])
		}
	}
	switch e := expr.(type) {
	case metered:
		return metered{withCalls(e.Expression), e.cost}
	case *hclsyntax.FunctionCallExpr:
		all(e.Args)
		return call{e}
	case *hclsyntax.ForExpr:
		in(&e.CollExpr, &e.KeyExpr, &e.ValExpr, &e.CondExpr)
	case *hclsyntax.ObjectConsExpr:
		for i := range e.Items {
			in(&e.Items[i].ValueExpr)
		}
	case *hclsyntax.TupleConsExpr:
		all(e.Exprs)
	case *hclsyntax.ConditionalExpr:
		in(&e.Condition, &e.TrueResult, &e.FalseResult)
	case *hclsyntax.BinaryOpExpr:
		in(&e.LHS, &e.RHS)
	case *hclsyntax.UnaryOpExpr:
		in(&e.Val)
	case *hclsyntax.IndexExpr:
		in(&e.Collection, &e.Key)
	case *hclsyntax.RelativeTraversalExpr:
		in(&e.Source)
	case *hclsyntax.SplatExpr:
		in(&e.Source, &e.Each)
	case *hclsyntax.ParenthesesExpr:
		in(&e.Expression)
	case *hclsyntax.TemplateExpr:
		all(e.Parts)
	case *hclsyntax.TemplateJoinExpr:
		in(&e.Tuple)
	case *hclsyntax.TemplateWrapExpr:
		in(&e.Wrapped)
	}
	return expr
}

package lang

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variables decides the value of every variable: given from outside, else its
// default.
func (d *decoder) variables(bs hcl.Blocks, given []Variable, s *scope) map[string]cty.Value {
	out := map[string]cty.Value{}
	declared := map[string]hcl.Range{}
	for _, b := range bs {
		name := b.Labels[0]
		if before, twice := declared[name]; twice {
			d.error(b.DefRange, "Variable declared twice", "The variable %q stands at %s already.", name, at(before))
			continue
		}
		declared[name] = b.DefRange
		out[name] = d.variable(b, last(given, name), s)
	}
	for _, v := range given {
		if _, ok := declared[v.Name]; !ok && !v.Optional {
			d.error(d.header(), "Unknown variable", "%s gives a value to the variable %q, which this policy does not declare.%s", v.Origin, v.Name, didYouMean(v.Name, slices.Sorted(maps.Keys(declared))))
		}
	}
	return out
}

// last gives the value that was given last: later sources win.
func last(given []Variable, name string) *Variable {
	for i := len(given) - 1; i >= 0; i-- {
		if given[i].Name == name {
			return &given[i]
		}
	}
	return nil
}

func (d *decoder) variable(b *hcl.Block, given *Variable, s *scope) cty.Value {
	body := d.content(b.Body, &hcl.BodySchema{
		Attributes: attributes("type", "default", "description"), Blocks: blocks("validation"),
	})
	want := cty.DynamicPseudoType
	if attr, ok := body.Attributes["type"]; ok {
		ty, diags := typeexpr.TypeConstraint(attr.Expr)
		d.diags = append(d.diags, diags...)
		want = ty
	}
	v, at, ok := d.given(b, body, given, want, s)
	if !ok {
		return cty.DynamicVal
	}
	v, ok = d.conform(v, want, at)
	if !ok {
		return cty.DynamicVal
	}
	for _, check := range body.Blocks {
		d.validation(check, b.Labels[0], v, at, s)
	}
	return v
}

// given finds a variable's value and where it stands.
func (d *decoder) given(b *hcl.Block, body *hcl.BodyContent, given *Variable, want cty.Type, s *scope) (cty.Value, hcl.Range, bool) {
	name := b.Labels[0]
	switch {
	case given != nil && given.Value != cty.NilVal:
		return given.Value, b.DefRange, true
	case given != nil && want == cty.String:
		return cty.StringVal(given.Text), b.DefRange, true
	case given != nil:
		expr, diags := parseExpression(given.Text, given.Origin)
		if diags.HasErrors() {
			d.error(b.DefRange, "Value not readable", "%s gives %q to the variable %q, which is not a value: %s", given.Origin, given.Text, name, diags[0].Detail)
			return cty.NilVal, b.DefRange, false
		}
		v, diags := expr.Value(nil)
		if diags.HasErrors() {
			d.error(b.DefRange, "Value not readable", "%s gives %q to the variable %q, which is not a value. A text in a list stands in quotes.", given.Origin, given.Text, name)
		}
		return v, b.DefRange, !diags.HasErrors()
	}
	if attr, ok := body.Attributes["default"]; ok {
		v, ok := d.evaluate(attr.Expr, s)
		return v, attr.Expr.Range(), ok
	}
	d.error(b.DefRange, "Variable without a value", "The variable %q has no default and was given no value. Give one with --var %s=..., in a --var-file, as BULKHEAD_VAR_%s, or in the inputs of the extends block.", name, name, name)
	return cty.NilVal, b.DefRange, false
}

func parseExpression(text, origin string) (hcl.Expression, hcl.Diagnostics) {
	if d := tooDeep([]byte(text), origin); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	return hclsyntax.ParseExpression([]byte(text), origin, hcl.InitialPos)
}

// conform gives the value the structure of a type without ever converting a
// number to a text or the like.
func (d *decoder) conform(v cty.Value, want cty.Type, at hcl.Range) (cty.Value, bool) {
	if !primitivesMatch(v, want) {
		d.error(at, "Wrong type", "The value has to be of type %s; this is %s. Types are not converted.", typeexpr.TypeString(want), typeName(v))
		return v, false
	}
	out, err := convert.Convert(v, want)
	if err != nil {
		d.error(at, "Wrong type", "The value has to be of type %s: %s.", typeexpr.TypeString(want), err)
		return v, false
	}
	return out, true
}

func primitivesMatch(v cty.Value, want cty.Type) bool {
	switch {
	case v.IsNull() || want == cty.DynamicPseudoType:
		return true
	case want.IsPrimitiveType() || v.Type().IsPrimitiveType():
		return v.Type() == want
	case want.IsCollectionType():
		for _, e := range iterate(v, hcl.Range{}) {
			if !primitivesMatch(e.value, want.ElementType()) {
				return false
			}
		}
	case want.IsObjectType() && v.Type().IsObjectType():
		for name, ty := range want.AttributeTypes() {
			if v.Type().HasAttribute(name) && !primitivesMatch(v.GetAttr(name), ty) {
				return false
			}
		}
	}
	return true
}

// validation checks a value as the variable's author demands.
func (d *decoder) validation(b *hcl.Block, name string, v cty.Value, at hcl.Range, s *scope) {
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("condition!", "error_message!")})
	condition, ok := body.Attributes["condition"]
	if !ok {
		return
	}
	own := s.with("var", map[string]cty.Value{name: v})
	result, ok := d.evaluate(condition.Expr, own)
	if !ok {
		return
	}
	if result.IsNull() || result.Type() != cty.Bool {
		d.error(condition.Expr.Range(), "Wrong type", "A condition is true or false; this is %s.", typeName(result))
		return
	}
	if message, _, ok := d.text(body, "error_message", own); ok && result.False() {
		d.error(at, "Value not valid", "The variable %q: %s", name, message)
	}
}

// locals evaluates local values, depth first, and tells circles.
func (d *decoder) locals(bs hcl.Blocks, s *scope) map[string]cty.Value {
	l := &localValues{d: d, scope: s, exprs: map[string]*hcl.Attribute{}, values: map[string]cty.Value{}, visiting: map[string]bool{}}
	for _, b := range bs {
		attrs, diags := b.Body.JustAttributes()
		d.diags = append(d.diags, diags...)
		for name, attr := range attrs {
			if before, twice := l.exprs[name]; twice {
				d.error(attr.NameRange, "Local value stated twice", "local.%s stands at %s already.", name, at(before.NameRange))
				continue
			}
			l.exprs[name] = attr
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.exprs)) {
		l.visit(name, nil)
	}
	return l.values
}

type localValues struct {
	d        *decoder
	scope    *scope
	exprs    map[string]*hcl.Attribute
	values   map[string]cty.Value
	visiting map[string]bool
}

func (l *localValues) visit(name string, path []string) {
	attr, ok := l.exprs[name]
	if _, done := l.values[name]; done || !ok {
		return
	}
	path = append(path, "local."+name)
	if l.visiting[name] {
		l.d.error(attr.Range, "Local values in a circle", "%s: each needs the one after it. One of them has to be stated without the others.", joinArrow(path))
		l.values[name] = cty.DynamicVal
		return
	}
	l.visiting[name] = true
	for _, t := range attr.Expr.Variables() {
		if step, ok := second(t); ok && t.RootName() == "local" {
			l.visit(step, path)
		}
	}
	if _, circular := l.values[name]; circular {
		return
	}
	own := l.scope.with("local", l.all())
	v, ok := l.d.evaluate(attr.Expr, own)
	if !ok {
		v = cty.DynamicVal
	} else if n := size(v, maxValue); n >= maxValue {
		l.d.error(attr.Range, "Value too large", "local.%s has more than %d parts. No policy needs that many.", name, maxValue)
		v = cty.DynamicVal
	}
	l.values[name] = v
}

// all gives every local value by name; those that are not worked out yet cannot
// be among what an expression needs, and are there for "did you mean".
func (l *localValues) all() map[string]cty.Value {
	out := maps.Clone(l.values)
	for name := range l.exprs {
		if _, ok := out[name]; !ok {
			out[name] = cty.DynamicVal
		}
	}
	return out
}

func second(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

func joinArrow(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += " -> "
		}
		out += n
	}
	return out
}

// maxValue bounds a local value: its elements, and the bytes of its texts. Each
// local value can be many times the size of those it is made of.
const maxValue = 4 << 20

func size(v cty.Value, most int) int {
	switch {
	case most <= 0, v.IsNull() || !v.IsKnown():
		return 1
	case v.Type() == cty.String:
		return 1 + len(v.AsString())
	case !v.CanIterateElements():
		return 1
	}
	n := 1
	for it := v.ElementIterator(); it.Next() && n < most; {
		_, e := it.Element()
		n += size(e, most-n)
	}
	return n
}

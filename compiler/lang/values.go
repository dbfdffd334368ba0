package lang

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// variables decides the value of every variable: given from outside, else its
// default.
func (d *decoder) variables(bs hcl.Blocks, given []Variable, s *scope) map[string]cty.Value {
	out := map[string]cty.Value{}
	declared := map[string]hcl.Range{}
	for _, b := range bs {
		name := b.Labels[0]
		if before, twice := declared[name]; twice {
			d.error(b.DefRange, "Variable declared twice", "The variable %q stands at %s already. Give one of the two another name.", name, hcltext.At(before))
			continue
		}
		if !hclsyntax.ValidIdentifier(name) {
			d.error(b.LabelRanges[0], "Not a name", "The name of a variable has letters, digits, '_' and '-', and begins with a letter, so that expressions can name it; %q does not.", name)
		}
		declared[name] = b.DefRange
		out[name] = d.variable(b, last(given, name), s)
	}
	for _, v := range given {
		if _, ok := declared[v.Name]; !ok && !v.Optional && !d.partial["var"] {
			has := "It declares none."
			if len(declared) > 0 {
				has = "It declares: " + join(slices.Sorted(maps.Keys(declared))) + "."
			}
			d.error(v.place(d.header()), "Unknown variable", "%s gives a value to the variable %q, which the policy does not declare.%s %s", v.Origin, v.Name, didYouMean(v.Name, slices.Sorted(maps.Keys(declared))), has)
		}
	}
	return out
}

// place is where a value was given, if that is in a policy.
func (v *Variable) place(otherwise hcl.Range) hcl.Range {
	if v != nil && v.at != nil {
		return *v.at
	}
	return otherwise
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
	want := variableType{cty.DynamicPseudoType, nil}
	if attr, ok := body.Attributes["type"]; ok {
		ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(attr.Expr)
		d.report(diags...)
		if diags.HasErrors() {
			return cty.DynamicVal
		}
		want = variableType{ty, defaults}
	}
	if attr, ok := body.Attributes["default"]; ok && given != nil {
		if v, ok := d.evaluate(attr.Expr, s); ok { // a default that nobody uses today is read all the same
			d.conform(v, want, attr.Expr.Range(), "A default")
		}
	}
	v, at, ok := d.given(b, body, given, want, s)
	if !ok {
		return cty.DynamicVal
	}
	what := fmt.Sprintf("The value of the variable %q", b.Labels[0])
	if given != nil {
		what += ", given by " + given.Origin + ","
	}
	v, ok = d.conform(v, want, at, what)
	if !ok {
		return cty.DynamicVal
	}
	for _, check := range body.Blocks {
		d.validation(check, b.Labels[0], v, at, s)
	}
	return v
}

// given finds a variable's value and where it stands.
func (d *decoder) given(b *hcl.Block, body *hcl.BodyContent, given *Variable, want variableType, s *scope) (cty.Value, hcl.Range, bool) {
	name := b.Labels[0]
	at := given.place(b.DefRange)
	switch {
	case given != nil && given.Value != cty.NilVal:
		return given.Value, at, true
	case given != nil && want.ty == cty.String:
		return cty.StringVal(given.Text), at, true
	case given != nil:
		v, ok := d.fromText(given, at)
		return v, at, ok
	}
	if attr, ok := body.Attributes["default"]; ok {
		v, ok := d.evaluate(attr.Expr, s)
		return v, attr.Expr.Range(), ok
	}
	if d.extendedAt != nil {
		d.error(*d.extendedAt, "Variable without a value", "The policy %q has a variable %q without a default. Give it a value: inputs = { %s = ... }.", d.doc.Path, name, name)
		return cty.NilVal, b.DefRange, false
	}
	d.error(b.DefRange, "Variable without a value", "The variable %q has no default and was given no value. Give one with --var %s=..., in a --var-file, or as BULKHEAD_VAR_%s.", name, name, name)
	return cty.NilVal, b.DefRange, false
}

// fromText reads a value that a command line or the environment gives to a
// variable which is no text.
func (d *decoder) fromText(given *Variable, at hcl.Range) (cty.Value, bool) {
	expr, diags := d.parseExpression(given.Text, given.Origin)
	if !diags.HasErrors() {
		var v cty.Value
		if v, diags = d.value(expr, newScope(nil)); !diags.HasErrors() && v.IsWhollyKnown() {
			return v, true
		}
	}
	d.error(at, "Value not readable", "%s gives %q to the variable %q, which is not a value. A text stands in quotes where the variable's type is not string.", given.Origin, given.Text, given.Name)
	return cty.NilVal, false
}

func (l *loader) parseExpression(text, origin string) (hcl.Expression, hcl.Diagnostics) {
	if d := tooComplex([]byte(text), origin); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), origin, hcl.InitialPos)
	if !diags.HasErrors() {
		l.meter.install(expr)
	}
	return expr, diags
}

// variableType is a type, with the defaults of its optional attributes.
type variableType struct {
	ty       cty.Type
	defaults *typeexpr.Defaults
}

// conform gives the value the structure of a type without ever converting a
// number to a text or the like.
func (d *decoder) conform(v cty.Value, want variableType, at hcl.Range, what string) (cty.Value, bool) {
	if !primitivesMatch(v, want.ty) {
		d.error(at, "Wrong type", "%s has to be of type %s; this is %s. Types are not converted.", what, typeexpr.TypeString(want.ty), typeName(v))
		return v, false
	}
	if want.defaults != nil && !v.IsNull() {
		v = want.defaults.Apply(v)
	}
	out, err := convert.Convert(v, want.ty)
	if err != nil {
		d.error(at, "Wrong type", "%s has to be of type %s: %s.", what, typeexpr.TypeString(want.ty), err)
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
	l := &localValues{decoder: d, scope: s, exprs: map[string]*hcl.Attribute{}, values: map[string]cty.Value{}, visiting: map[string]bool{}}
	for _, b := range bs {
		attrs, diags := b.Body.JustAttributes()
		if diags.HasErrors() {
			d.partial["local"] = true
		}
		d.report(diags...)
		for _, name := range slices.Sorted(maps.Keys(attrs)) {
			attr := attrs[name]
			if before, twice := l.exprs[name]; twice {
				d.error(attr.NameRange, "Local value stated twice", "local.%s stands at %s already. Give one of the two another name.", name, hcltext.At(before.NameRange))
				continue
			}
			l.exprs[name], l.values[name] = attr, cty.DynamicVal
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.exprs)) {
		l.visit(name, nil)
	}
	return l.values
}

// localValues works out local values. Values holds all of them from the start,
// those that are not worked out yet as unknown.
type localValues struct {
	*decoder
	scope    *scope
	exprs    map[string]*hcl.Attribute
	values   map[string]cty.Value
	visiting map[string]bool // true while at it, false once done
}

// maxLocalChain bounds how long a chain of local values may be, each of which
// needs the next.
const maxLocalChain = 1000

func (l *localValues) visit(name string, path []string) {
	attr, ok := l.exprs[name]
	inside, seen := l.visiting[name]
	path = append(path, "local."+name)
	switch {
	case !ok, seen && !inside:
		return
	case inside:
		first := slices.Index(path, "local."+name)
		l.error(attr.NameRange, "Local values in a circle", "%s: each needs the one after it. State one of them without the others.", strings.Join(path[first:], " -> "))
		return
	case len(path) > maxLocalChain:
		l.error(attr.NameRange, "Local values too deep", "local.%s is needed by %d local values, each for the next. No policy needs as many.", name, maxLocalChain)
		return
	}
	l.visiting[name] = true
	defer func() { l.visiting[name] = false }()
	needed := map[string]cty.Value{}
	for _, t := range attr.Expr.Variables() {
		if t.RootName() != "local" {
			continue
		}
		other, ok := second(t)
		if !ok {
			l.error(t.SourceRange(), "Local values as a whole", "A local value can name others one by one, as in local.%s, but not all of them at once, since it is one of them.", name)
			return
		}
		l.visit(other, path)
		needed[other] = l.values[other]
		if needed[other] == cty.NilVal {
			needed[other] = cty.DynamicVal
		}
	}
	if v, ok := l.evaluate(attr.Expr, l.scope.withPart("local", l.values, needed)); ok {
		l.values[name] = v
	}
}

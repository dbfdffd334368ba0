package lang

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// decoder turns the blocks of one policy into a document. It keeps every
// mistake that it meets and goes on.
type decoder struct {
	*loader
	folder     *folder
	stack      []string
	extendedAt *hcl.Range // the extends block that wants the policy
	scope      *scope     // with everything in it, once names are known
	doc        *policy.Document
	peers      map[string]*policy.Peer // by the name that expressions use, inherited ones too
	tests      []*Test
	diags      hcl.Diagnostics
	// trouble counts what could not be read, said or already said: whoever
	// depends on it keeps quiet.
	trouble int
	// partial are the roots of expressions not all of whose names could be read.
	partial map[string]bool
}

// report keeps diagnostics.
func (d *decoder) report(diags ...*hcl.Diagnostic) {
	d.diags = append(d.diags, diags...)
	if hcl.Diagnostics(diags).HasErrors() {
		d.trouble++
	}
}

func (d *decoder) error(at hcl.Range, summary, format string, args ...any) {
	d.report(errorf(&at, summary, format, args...))
}

func (d *decoder) warn(at hcl.Range, summary, format string, args ...any) {
	w := errorf(&at, summary, format, args...)
	w.Severity = hcl.DiagWarning
	d.report(w)
}

// watch begins to look for trouble; what it gives tells whether there was none.
func (d *decoder) watch() (clean func() bool) {
	before := d.trouble
	return func() bool { return d.trouble == before }
}

// unsure marks controls about which nothing can be told, because a statement
// that may be about them could not be read.
func (d *decoder) unsure(controls ...*control.Control) {
	for _, c := range controls {
		d.doc.Broken[c.ID] = true
	}
}

// content reads a body by its schema. Unknown names are errors with the nearest
// known one, which HCL gives.
func (d *decoder) content(body hcl.Body, schema *hcl.BodySchema) *hcl.BodyContent {
	content, diags := body.Content(schema)
	var meant strings.Builder
	for _, diag := range diags {
		if diag.Summary == "Unsupported argument" {
			meant.WriteString(diag.Detail)
		}
	}
	for _, a := range schema.Attributes { // what was meant is not missing too
		if a.Required && strings.Contains(meant.String(), fmt.Sprintf("Did you mean %q", a.Name)) {
			diags = slices.DeleteFunc(diags, func(diag *hcl.Diagnostic) bool {
				return diag.Summary == "Missing required argument" && strings.Contains(diag.Detail, strconv.Quote(a.Name))
			})
		}
	}
	d.report(diags...)
	return content
}

func attributes(names ...string) []hcl.AttributeSchema {
	out := make([]hcl.AttributeSchema, len(names))
	for i, n := range names {
		out[i].Name, out[i].Required = strings.CutSuffix(n, "!")
	}
	return out
}

func blocks(types ...string) []hcl.BlockHeaderSchema {
	out := make([]hcl.BlockHeaderSchema, len(types))
	for i, t := range types {
		name, label, ok := strings.Cut(t, " ")
		out[i].Type = name
		if ok {
			out[i].LabelNames = []string{label}
		}
	}
	return out
}

// singletons gives the only block of each type and refuses a second one.
func (d *decoder) singletons(blocks hcl.Blocks) map[string]*hcl.Block {
	first := map[string]*hcl.Block{}
	for _, b := range blocks {
		if before, ok := first[b.Type]; ok {
			d.error(b.DefRange, "Block stated twice", "The block %s stands at %s already. Put everything into one.", b.Type, hcltext.At(before.DefRange))
			continue
		}
		first[b.Type] = b
	}
	return first
}

// text decodes an attribute of type string; false where it is absent, null or wrong.
func (d *decoder) text(content *hcl.BodyContent, name string, s *scope) (string, hcl.Range, bool) {
	attr, ok := content.Attributes[name]
	if !ok {
		return "", hcl.Range{}, false
	}
	v, ok := d.evaluate(attr.Expr, s)
	if !ok || v.IsNull() {
		return "", attr.Expr.Range(), false
	}
	out, ok := d.asText(v, attr.Expr.Range(), name)
	return out, attr.Expr.Range(), ok
}

// need is text for an attribute that has to say something.
func (d *decoder) need(content *hcl.BodyContent, name string, s *scope) (string, hcl.Range, bool) {
	clean := d.watch()
	text, at, ok := d.text(content, name, s)
	if attr, stated := content.Attributes[name]; stated && clean() && strings.TrimSpace(text) == "" {
		d.error(attr.Expr.Range(), "Nothing stated", "%s has to say something; this is %s.", name, empty(ok))
		return "", at, false
	}
	return text, at, ok
}

func empty(text bool) string {
	if text {
		return "an empty text"
	}
	return "null"
}

func (d *decoder) asText(v cty.Value, at hcl.Range, what string) (string, bool) {
	if v.IsNull() || v.Type() != cty.String {
		d.error(at, "Wrong type", "%s must be a string, not %s.", what, typeName(v))
		return "", false
	}
	return v.AsString(), true
}

func typeName(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.Bool:
		return "true or false"
	case v.Type() == refType:
		r := v.EncapsulatedValue().(*ref)
		return fmt.Sprintf("the %s %q", r.kind, r.name)
	case v.Type() == cty.String:
		return "a text"
	case v.Type().IsPrimitiveType():
		return "a " + v.Type().FriendlyName()
	case v.CanIterateElements() && (v.Type().IsObjectType() || v.Type().IsMapType()):
		return "an object"
	}
	return "a list"
}

// element is one value of a list, with the tightest range that can be had.
type element struct {
	key   cty.Value // of a map, else the index
	value cty.Value
	at    hcl.Range
	expr  hcl.Expression // of the value of an object that is written out
}

// list decodes a list, element by element where it is written out.
func (d *decoder) list(expr hcl.Expression, s *scope, what string) ([]element, bool) {
	if exprs, diags := hcl.ExprList(expr); !diags.HasErrors() {
		var out []element
		good := true
		for _, e := range exprs {
			v, ok := d.evaluate(e, s)
			if ok && v.IsNull() {
				d.error(e.Range(), "Wrong type", "An element of %s is null. Leave it out.", what)
				ok = false
			}
			good = good && ok
			if ok {
				out = append(out, element{value: v, at: e.Range()})
			}
		}
		return out, good
	}
	v, ok := d.evaluate(expr, s)
	if !ok || v.IsNull() {
		return nil, false
	}
	if !v.CanIterateElements() || v.Type().IsObjectType() || v.Type().IsMapType() {
		d.error(expr.Range(), "Wrong type", "%s is a list; this is %s.", what, typeName(v))
		return nil, false
	}
	return iterate(v, expr.Range()), true
}

// object decodes names with values, pair by pair where it is written out.
func (d *decoder) object(expr hcl.Expression, s *scope, what string) ([]element, bool) {
	v, ok := d.evaluate(expr, s)
	if !ok || v.IsNull() {
		return nil, false
	}
	if !v.Type().IsObjectType() && !v.Type().IsMapType() {
		d.error(expr.Range(), "Wrong type", "%s is names with values, in braces; this is %s.", what, typeName(v))
		return nil, false
	}
	written := d.pairs(expr, s)
	out := iterate(v, expr.Range())
	for i := range out {
		if p, ok := written[out[i].key.AsString()]; ok {
			out[i].at, out[i].expr = hcl.RangeBetween(p.Key.Range(), p.Value.Range()), p.Value
		}
	}
	return out, true
}

// pairs finds the pairs of a written out object, and refuses a key that stands
// twice.
func (d *decoder) pairs(expr hcl.Expression, s *scope) map[string]hcl.KeyValuePair {
	pairs, diags := hcl.ExprMap(expr)
	if diags.HasErrors() {
		return nil
	}
	out := map[string]hcl.KeyValuePair{}
	for _, p := range pairs {
		key, diags := d.value(p.Key, s)
		if diags.HasErrors() || key.IsNull() || !key.IsKnown() || key.Type() != cty.String {
			continue
		}
		if _, twice := out[key.AsString()]; twice {
			d.error(p.Key.Range(), "Key stated twice", "The key %q stands in this object already; only one of the two could hold.", key.AsString())
		}
		out[key.AsString()] = p
	}
	return out
}

func iterate(v cty.Value, at hcl.Range) []element {
	var out []element
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		out = append(out, element{key: key, value: value, at: at})
	}
	return out
}

// texts decodes a list of texts into items.
func (d *decoder) texts(content *hcl.BodyContent, name string, s *scope) []control.Item {
	attr, ok := content.Attributes[name]
	if !ok {
		return nil
	}
	elements, _ := d.list(attr.Expr, s, name)
	out := []control.Item{}
	for _, e := range elements {
		if t, ok := d.asText(e.value, e.at, "An element of "+name); ok {
			out = append(out, control.Item{Key: t, Range: e.at})
		}
	}
	return out
}

// labels decodes an object of texts, such as the labels of a pod.
func (d *decoder) labels(content *hcl.BodyContent, name string, s *scope) map[string]string {
	attr, ok := content.Attributes[name]
	if !ok {
		return nil
	}
	elements, _ := d.object(attr.Expr, s, name)
	out := map[string]string{}
	for _, e := range elements {
		t, ok := d.asText(e.value, e.at, "The value of a label")
		if !ok {
			continue
		}
		key := e.key.AsString()
		if !labelKey.MatchString(key) || !labelValue.MatchString(t) || len(t) > 63 || len(key) > 317 {
			d.error(e.at, "Not a label", "%q = %q is not a label that Kubernetes takes: a key has letters, digits, '-', '_', '.' and may begin with a domain and a slash; a value has up to 63 such characters.", key, t)
			continue
		}
		out[key] = t
	}
	return out
}

var (
	labelKey   = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$`)
	dnsLabel   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
)

// maxName is short enough for a name to be part of the name of a Kubernetes
// object or an AppArmor profile.
const maxName = 40

// name checks a label that becomes part of names elsewhere.
func (d *decoder) name(name string, at hcl.Range, what string) bool {
	if dnsLabel.MatchString(name) && len(name) <= maxName {
		return true
	}
	d.error(at, "Not a name", "The name of a %s has up to %d lower-case letters, digits and '-', and begins and ends with a letter or digit; %q does not.", what, maxName, name)
	return false
}

// maxTitle bounds free text that ends up in artifacts.
const maxTitle = 200

// title checks free text that names something: it ends up in comments, messages
// and annotations of every format, so nothing in it may mean something there.
func (d *decoder) title(text string, at hcl.Range, what string) bool {
	if text != "" && len(text) <= maxTitle && !strings.ContainsAny(text, "\"\\{}`$%<>") && !hasControl(text) {
		return true
	}
	d.error(at, "Not a title", "The title of %s has 1 to %d bytes on one line, without quotes, backslashes, braces, backquotes, $, %%, < and >; %q does not fit.", what, maxTitle, text)
	return false
}

// sentence checks free text for people: an owner, a reason.
func (d *decoder) sentence(text string, at hcl.Range, what string) bool {
	if strings.TrimSpace(text) != "" && len(text) <= 1000 && !hasControl(text) {
		return true
	}
	d.error(at, "Not a sentence", "%s is one line of 1 to 1000 bytes.", what)
	return false
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 || r == 0x7f || r == '\uFEFF' || r >= 0x80 && r <= 0x9f || r == 0x2028 || r == 0x2029
	})
}

// oneOf checks a text against the values that it may have.
func (d *decoder) oneOf(text string, at hcl.Range, what string, known []string) bool {
	if slices.Contains(known, text) {
		return true
	}
	d.error(at, "Unknown value", "%s is one of %s; %q is not.%s", what, join(known), text, didYouMean(text, known))
	return false
}

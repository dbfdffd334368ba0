package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// blockReader is one block of a control, for the file of the control to decode.
type blockReader struct {
	*decoder
	in instance
}

func (r *blockReader) Label() (string, hcl.Range) { return r.in.label, r.in.at }

func (r *blockReader) Range() hcl.Range { return r.in.block.DefRange }

func (r *blockReader) Stated(attribute string) (hcl.Range, bool) {
	attr, ok := r.in.body.Attributes[attribute]
	if !ok {
		return hcl.Range{}, false
	}
	return attr.Expr.Range(), true
}

func (r *blockReader) Text(attribute string) (string, hcl.Range, bool) {
	return r.text(r.in.body, attribute, r.in.scope)
}

func (r *blockReader) Need(attribute string) (string, hcl.Range, bool) {
	return r.need(r.in.body, attribute, r.in.scope)
}

func (r *blockReader) Texts(attribute string) []control.Item {
	attr, ok := r.in.body.Attributes[attribute]
	if !ok {
		return nil
	}
	if _, diags := hcl.ExprList(attr.Expr); !diags.HasErrors() {
		return r.texts(r.in.body, attribute, r.in.scope)
	}
	if text, at, ok := r.Need(attribute); ok {
		return []control.Item{{Key: text, Range: at}}
	}
	return nil
}

func (r *blockReader) Value(attribute string) (cty.Value, bool) {
	attr, ok := r.in.body.Attributes[attribute]
	if !ok {
		return cty.NilVal, false
	}
	return r.evaluate(attr.Expr, r.in.scope)
}

func (r *blockReader) Values(attribute string) []control.Evaluated {
	attr, ok := r.in.body.Attributes[attribute]
	if !ok {
		return nil
	}
	var elements []element
	if _, diags := hcl.ExprList(attr.Expr); !diags.HasErrors() {
		elements, _ = r.list(attr.Expr, r.in.scope, attribute)
	} else if v, ok := r.evaluate(attr.Expr, r.in.scope); ok && !v.IsNull() {
		elements = []element{{value: v, at: attr.Expr.Range()}}
		if v.CanIterateElements() {
			elements = iterate(v, attr.Expr.Range())
		}
	}
	var out []control.Evaluated
	for _, e := range elements {
		out = append(out, control.Evaluated{Value: e.value, Range: e.at})
	}
	return out
}

func (r *blockReader) Items(attribute string, of *control.Control) []control.Item {
	attr, ok := r.in.body.Attributes[attribute]
	if !ok {
		return nil
	}
	var out policy.Setting
	r.items(of, attr, r.in.scope, &out)
	return out.Items
}

func (r *blockReader) Blocks(kind string, schema hcl.BodySchema) []control.BlockReader {
	var out []control.BlockReader
	for _, b := range r.in.body.Blocks.OfType(kind) {
		out = append(out, &blockReader{r.decoder, instance{block: b, body: r.content(b.Body, &schema), scope: r.in.scope}})
	}
	return out
}

func (r *blockReader) CheckName(what string) { r.name(r.in.label, r.in.at, what) }

func (r *blockReader) CheckTitle(what string) { r.title(r.in.label, r.in.at, what) }

func (r *blockReader) Sentence(text string, at hcl.Range, what string) bool {
	return r.sentence(text, at, what)
}

func (r *blockReader) OneOf(text string, at hcl.Range, what string, known []string) bool {
	return r.oneOf(text, at, what, known)
}

func (r *blockReader) Error(at hcl.Range, summary, format string, args ...any) {
	r.error(at, summary, format, args...)
}

func (r *blockReader) Clean() func() bool { return r.watch() }

func (r *blockReader) TypeName(v cty.Value) string { return typeName(v) }

func (r *blockReader) DidYouMean(text string, known []string) string { return didYouMean(text, known) }

package lang

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// platform decodes the facts about where the artifacts will run.
func (d *decoder) platform(bs hcl.Blocks, s *scope) {
	b, ok := d.singletons(bs)["platform"]
	if !ok {
		return
	}
	var known []platform.Definition
	schema := &hcl.BodySchema{}
	for _, f := range platform.Known(d.opts.Facts...) {
		switch {
		case !f.Stateable():
			continue
		case f.Attributes() != nil:
			schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: f.FactName()})
		default:
			schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: f.FactName()})
		}
		known = append(known, f)
	}
	body := d.content(b.Body, schema)
	within := d.singletons(body.Blocks)
	facts := platform.Facts{Range: b.DefRange}
	for _, f := range known {
		if attr, ok := body.Attributes[f.FactName()]; ok {
			facts = f.Decode(factReader{d, body, attr.Name, attr.Range, s}, facts)
		}
		if b, ok := within[f.FactName()]; ok {
			stated := d.content(b.Body, &hcl.BodySchema{Attributes: attributes(f.Attributes()...)})
			facts = f.Decode(factReader{d, stated, "", b.DefRange, s}, facts)
		}
	}
	d.doc.Platform = facts
}

// factReader reads the attribute of a fact, or its block.
type factReader struct {
	*decoder
	body  *hcl.BodyContent
	name  string // of the attribute; "" of a block, whose body it is
	at    hcl.Range
	scope *scope
}

func (r factReader) Range() hcl.Range { return r.at }

func (r factReader) Text() (control.Item, bool) {
	text, at, ok := r.text(r.body, r.name, r.scope)
	return control.Item{Key: text, Range: at}, ok
}

func (r factReader) Texts() ([]control.Item, bool) {
	clean := r.watch()
	return r.texts(r.body, r.name, r.scope), clean()
}

func (r factReader) Lists(what, each string) []platform.List {
	var out []platform.List
	if r.name == "" {
		for _, name := range slices.Sorted(maps.Keys(r.body.Attributes)) {
			attr := r.body.Attributes[name]
			e := element{at: attr.NameRange, expr: attr.Expr}
			out = append(out, platform.List{
				Name: control.Item{Key: name, Range: attr.NameRange},
				Each: func(do func(control.Item)) bool { return r.each(e, name, each, do) },
			})
		}
		return out
	}
	elements, _ := r.object(r.body.Attributes[r.name].Expr, r.scope, r.name)
	for _, e := range elements {
		out = append(out, platform.List{
			Name: control.Item{Key: e.key.AsString(), Range: e.at},
			Each: func(do func(control.Item)) bool { return r.each(e, what, each, do) },
		})
	}
	return out
}

// each reads the texts of one list.
func (r factReader) each(e element, what, each string, do func(control.Item)) bool {
	expr := e.expr
	if expr == nil {
		expr = hcl.StaticExpr(e.value, e.at)
	}
	clean := r.watch()
	texts, _ := r.list(expr, r.scope, what)
	good := clean()
	for _, t := range texts {
		text, ok := r.asText(t.value, t.at, each)
		if good = good && ok; ok {
			do(control.Item{Key: text, Range: t.at})
		}
	}
	return good
}

func (r factReader) OneOf(text control.Item, what string, known []string) bool {
	return r.oneOf(text.Key, text.Range, what, known)
}

func (r factReader) Error(at hcl.Range, summary, format string, args ...any) {
	r.error(at, summary, format, args...)
}

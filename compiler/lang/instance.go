package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// instance is one block, or one of those that for_each makes of it.
type instance struct {
	label string
	at    hcl.Range // where the label is stated
	block *hcl.Block
	body  *hcl.BodyContent
	scope *scope // without names that were not known when it was expanded
	each  map[string]cty.Value
}

func names(list []instance) []string {
	out := make([]string, len(list))
	for i, in := range list {
		out[i] = in.label
	}
	return out
}

// expand reads labelled blocks, each as often as its for_each says.
func (d *decoder) expand(bs hcl.Blocks, s *scope, schema *hcl.BodySchema) []instance {
	var out []instance
	schema.Attributes = append(schema.Attributes, attributes("for_each", "name")...)
	for _, b := range bs {
		clean := d.watch()
		body := d.content(b.Body, schema)
		if !clean() {
			d.unsure(control.Controls()...)
		}
		out = append(out, d.instances(b, body, s)...)
	}
	return out
}

// maxInstances bounds what for_each makes, over a whole load.
const maxInstances = 10_000

func (d *decoder) instances(b *hcl.Block, body *hcl.BodyContent, s *scope) []instance {
	attr, ok := body.Attributes["for_each"]
	if !ok {
		if name, ok := body.Attributes["name"]; ok {
			d.error(name.NameRange, "Name without for_each", "The block's label is its name. name is for blocks with for_each, which makes several of one.")
		}
		return []instance{{label: b.Labels[0], at: b.LabelRanges[0], block: b, body: body, scope: s}}
	}
	if d.loader.instances > maxInstances { // which was said
		d.trouble++
		return nil
	}
	v, ok := d.evaluate(attr.Expr, s)
	if !ok {
		return nil
	}
	at := attr.Expr.Range()
	if v.IsNull() || !v.CanIterateElements() || v.Type().IsTupleType() || v.Type().IsListType() {
		d.error(at, "Wrong type", "for_each is a set or a map; this is %s. Make a set of a list with toset().", typeName(v))
		return nil
	}
	if d.loader.instances += v.LengthInt(); d.loader.instances > maxInstances {
		d.error(at, "Too many blocks", "With this for_each there are more than %d blocks made by for_each, which no policy needs.", maxInstances)
		return nil
	}
	var out []instance
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if key.Type() != cty.String || key.IsNull() {
			d.error(at, "Wrong type", "for_each is a set of texts, or a map; this set has %s in it.", typeName(key))
			return nil
		}
		each := map[string]cty.Value{"key": key, "value": value}
		in := instance{b.Labels[0] + "-" + key.AsString(), b.LabelRanges[0], b, body, s.with("each", each), each}
		if stated, ok := body.Attributes["name"]; ok {
			clean := d.watch()
			in.at = stated.Expr.Range()
			if name, _, ok := d.text(body, "name", in.scope); ok {
				in.label = name
			}
			if !clean() {
				continue // what it would be called cannot be told
			}
		}
		out = append(out, in)
	}
	return out
}

// full gives the scope of an instance with everything in it.
func (in instance) full(d *decoder) *scope {
	if in.each == nil {
		return d.scope
	}
	return d.scope.with("each", in.each)
}

// unique refuses a second block with a name that one has already. A for_each
// whose name does not depend on each is told once. It gives the first of each name.
func (d *decoder) unique(list []instance, what string) []instance {
	seen := map[string]*hcl.Block{}
	told := map[*hcl.Block]bool{}
	var out []instance
	for _, in := range list {
		before, twice := seen[in.label]
		switch {
		case !twice:
			seen[in.label] = in.block
			out = append(out, in)
		case told[in.block]:
		case before == in.block:
			told[in.block] = true
			d.error(in.at, "Name used twice", "Two of the blocks that this for_each makes are called %q. Make the name of each.key.", in.label)
		default:
			told[in.block] = true
			d.error(in.at, "Name used twice", "A %s called %q stands at %s already. Give one of the two another name.", what, in.label, hcltext.At(before.DefRange))
		}
	}
	return out
}

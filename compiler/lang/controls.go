package lang

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// place is where control blocks stand, which decides what they may state.
type place int

const (
	_ place = iota
	inPolicy
	inCeiling
	inWorkload
	inContainer
	inException
)

// blockSchema is the schema of a control block, from the catalogue. Controls
// that no target holds yet are in it, so that they can be answered.
func blockSchema(name string) *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, c := range control.Of(name) {
		switch {
		case c.Type == control.Version:
			schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: c.ID.Name()})
		case c.Type == control.Blocks:
			schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: c.ID.Name(), LabelNames: []string{"name"}})
		default:
			schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: c.ID.Name()})
		}
	}
	for _, id := range control.ReservedIDs() {
		if id.Block() == name {
			schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: id.Name()})
		}
	}
	return schema
}

// settings decodes the control blocks among a body's blocks.
func (d *decoder) settings(bs hcl.Blocks, s *scope, where place) policy.Settings {
	out := policy.Settings{}
	var own hcl.Blocks
	for _, b := range bs {
		if len(control.Of(b.Type)) > 0 {
			own = append(own, b)
		}
	}
	first := d.singletons(own)
	for _, name := range control.ControlBlocks() {
		if b, ok := first[name]; ok {
			d.controlBlock(b, s, where, out)
		}
	}
	return out
}

func (d *decoder) controlBlock(b *hcl.Block, s *scope, where place, out policy.Settings) {
	clean := d.watch()
	content := d.content(b.Body, blockSchema(b.Type))
	if !clean() {
		d.unsure(control.Of(b.Type)...)
	}
	for _, c := range control.Of(b.Type) {
		clean := d.watch()
		setting, stated := d.setting(c, content, s)
		if !clean() {
			d.unsure(c)
		}
		if stated && d.mayStand(c, setting, where) {
			setting.Policy = d.doc.Name
			out[c.ID] = setting
		}
	}
	for name, attr := range content.Attributes {
		id := control.ID(b.Type + "." + name)
		if target, ok := control.Reserved(id); ok {
			d.error(attr.NameRange, "Control not available yet", "%s is a reserved name: %s will hold it. Until then nothing would, so it cannot be stated.", id, target)
		}
	}
}

// mayStand refuses a control that is a property of something wider than the
// block it stands in, and a ceiling of what has none.
func (d *decoder) mayStand(c *control.Control, s policy.Setting, where place) bool {
	switch {
	case where == inContainer && c.Scope != control.OfContainer:
		d.error(s.Range, "Not a container's to state", "%s is a property of the %s, not of one container. State it in the workload or the policy.", c.ID, c.Scope)
	case where == inWorkload && c.Scope == control.OfPolicy:
		d.error(s.Range, "Not a workload's to state", "%s is a property of the whole policy. State it outside of workloads.", c.ID)
	case (where == inCeiling || where == inException) && c.Order == control.DenySet:
		d.error(s.Range, "Ceiling not supported for this control", "%s lists what is refused. Such a list only grows downward, so it has no ceiling that could be stated or exceeded. State it outside of this block.", c.ID)
	case (where == inCeiling || where == inException) && c.Order == control.Fixed:
		d.error(s.Range, "Ceiling not supported for this control", "%s is neither strict nor loose, so it has no ceiling: the nearest statement decides. State it outside of this block.", c.ID)
	case where == inException && c.Scope == control.OfPolicy:
		d.error(s.Range, "Ceiling not supported for this control", "%s is a property of the whole policy, so no workload can ask for more of it.", c.ID)
	default:
		return true
	}
	return false
}

// setting decodes one control of a block.
func (d *decoder) setting(c *control.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	if c.Block != nil {
		return d.blocks(c, content, s)
	}
	attr, ok := content.Attributes[c.ID.Name()]
	if !ok {
		return policy.Setting{}, false
	}
	out := policy.Setting{Range: attr.Range}
	if c.Type == control.Set || c.Type == control.Map {
		ok = d.items(c, attr, s, &out)
		return out, ok
	}
	v, ok := d.evaluate(attr.Expr, s)
	if !ok || v.IsNull() {
		return out, false
	}
	if c.Type == control.Bool {
		if v.Type() != cty.Bool {
			d.error(attr.Expr.Range(), "Wrong type", "%s is true or false; this is %s.", c.ID, typeName(v))
			return out, false
		}
		out.Bool = v.True()
		return out, true
	}
	if c.Type == control.Count {
		out.Text, ok = d.count(v, attr.Expr.Range(), string(c.ID))
		return out, ok
	}
	out.Text, ok = d.asText(v, attr.Expr.Range(), string(c.ID))
	return out, ok && d.scalar(c, out.Text, attr.Expr.Range())
}

// count reads a whole number of at least 1.
func (d *decoder) count(v cty.Value, at hcl.Range, what string) (string, bool) {
	if v.Type() != cty.Number {
		d.error(at, "Wrong type", "%s must be a whole number, not %s.", what, typeName(v))
		return "", false
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != big.Exact || n < 1 {
		d.error(at, "Not a count", "%s must be a whole number of at least 1, not %s.", what, v.AsBigFloat().Text('g', 20))
		return "", false
	}
	return strconv.FormatInt(n, 10), true
}

func (d *decoder) scalar(c *control.Control, text string, at hcl.Range) bool {
	if c.Names != nil {
		return d.oneOf(text, at, string(c.ID), c.Names)
	}
	if err := control.CheckQuantity(text); err != nil {
		d.error(at, "Not an amount", "%s: %s; %q is not.", c.ID, err, text)
		return false
	}
	return true
}

// items decodes a set or a map, each element with its range.
func (d *decoder) items(c *control.Control, attr *hcl.Attribute, s *scope, out *policy.Setting) bool {
	read := d.list
	if c.Type == control.Map {
		read = d.object
	}
	elements, ok := read(attr.Expr, s, string(c.ID))
	if !ok {
		return false
	}
	out.Items = []control.Item{}
	for _, e := range elements {
		it, ok := d.item(c, e)
		if ok {
			out.Items = append(out.Items, it)
		}
	}
	return true
}

func (d *decoder) item(c *control.Control, e element) (control.Item, bool) {
	key, it := e.value, control.Item{Range: e.at}
	if c.Type == control.Map {
		key = e.key
		arg, ok := d.asText(e.value, e.at, "What "+string(c.ID)+" gives a "+c.Element.What)
		if !ok || c.Element.Args != nil && !d.oneOf(arg, e.at, "What "+string(c.ID)+" gives a "+c.Element.What, c.Element.Args) {
			return it, false
		}
		if c.Element.ParseArg != nil {
			if err := c.Element.ParseArg(arg); err != nil {
				d.error(e.at, "Not an amount", "%s: %s; %q is not.", c.ID, err, arg)
				return it, false
			}
		}
		it.Arg = arg
	}
	text, ok := d.key(c, key, e.at)
	if !ok {
		return it, false
	}
	canonical, err := c.Element.Parse(text)
	switch {
	case control.IsUnknown(err):
		d.error(e.at, "Unknown "+c.Element.What, "No %s is called %q.%s", c.Element.What, text, d.nearest(c, text))
		return it, false
	case err != nil:
		d.error(e.at, "Not "+withArticle(c.Element.What), "%s: %s.", c.ID, err)
		return it, false
	}
	it.Key = canonical
	return it, true
}

func withArticle(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// key gives an element as text. Numbers of users and groups may be numbers.
func (d *decoder) key(c *control.Control, v cty.Value, at hcl.Range) (string, bool) {
	if c.Element.Numeric && !v.IsNull() && v.Type() == cty.Number {
		return v.AsBigFloat().Text('g', 20), true
	}
	return d.asText(v, at, "A "+c.Element.What+" of "+string(c.ID))
}

func (d *decoder) nearest(c *control.Control, text string) string {
	names := c.Element.Names()
	if hint := didYouMean(text, names); hint != "" {
		return hint
	}
	if len(names) <= 40 {
		return " There are: " + strings.Join(names, ", ") + "."
	}
	return ""
}

// blocks decodes the blocks of a control: labelled ones, or the only one without a label.
func (d *decoder) blocks(c *control.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	var out policy.Setting
	if c.Type == control.Version {
		b, ok := d.singletons(content.Blocks.OfType(c.ID.Name()))[c.ID.Name()]
		if !ok {
			return out, false
		}
		var it control.Item
		ok = c.Block.Decode(&blockReader{d, instance{block: b, body: d.content(b.Body, &c.Block.Schema), scope: s}}, &it)
		return policy.Setting{Value: control.Value{Text: it.Arg}, Range: b.DefRange}, ok
	}
	schema := c.Block.Schema // expand adds to it
	for _, in := range d.uniquely(c.ID.Name(), content.Blocks, s, &schema) {
		it := control.Item{Key: in.label, Range: in.block.DefRange}
		if c.Block.Decode(&blockReader{d, in}, &it) {
			out.Items = append(out.Items, it)
		}
	}
	if len(out.Items) == 0 {
		return out, false
	}
	out.Range = out.Items[0].Range
	return out, true
}

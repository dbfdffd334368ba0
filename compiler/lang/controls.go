package lang

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

var runtimeNames = []string{"containerd", "cri-o", "crun", "docker", "runc"}

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
		d.error(s.Range, "Nothing to raise", "%s lists what is refused. Such a list only grows downward, so it has no ceiling that could be stated or exceeded. State it outside of this block.", c.ID)
	case (where == inCeiling || where == inException) && c.Order == control.Fixed:
		d.error(s.Range, "Nothing to raise", "%s is neither strict nor loose, so it has no ceiling: the nearest statement decides. State it outside of this block.", c.ID)
	case where == inException && c.Scope == control.OfPolicy:
		d.error(s.Range, "Nothing to raise", "%s is a property of the whole policy, so no workload can ask for more of it.", c.ID)
	default:
		return true
	}
	return false
}

// setting decodes one control of a block.
func (d *decoder) setting(c *control.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	switch {
	case c.Type == control.Blocks:
		return d.labelled(c, content, s)
	case c.Type == control.Version:
		return d.version(c, content, s)
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
	out.Text, ok = d.asText(v, attr.Expr.Range(), string(c.ID))
	return out, ok && d.scalar(c, out.Text, attr.Expr.Range())
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

// labelled decodes the labelled blocks of a control.
func (d *decoder) labelled(c *control.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	var out policy.Setting
	for _, in := range d.uniquely(c.ID.Name(), content.Blocks, s, labelledSchema(c.ID)) {
		it := control.Item{Key: in.label, Range: in.block.DefRange}
		switch c.ID {
		case control.Detect:
			it.Body = d.detection(in)
		case control.SeccompRule:
			it.Body = d.rule(in)
		case control.RuntimeVersion:
			if !d.oneOf(in.label, in.at, "A runtime", runtimeNames) {
				continue
			}
			it.Arg, _ = d.least(in.body, in.scope)
		}
		out.Items = append(out.Items, it)
	}
	if len(out.Items) == 0 {
		return out, false
	}
	out.Range = out.Items[0].Range
	return out, true
}

func labelledSchema(id control.ID) *hcl.BodySchema {
	switch id {
	case control.Detect:
		return &hcl.BodySchema{Attributes: attributes("priority", "condition!", "description")}
	case control.SeccompRule:
		return &hcl.BodySchema{Attributes: attributes("syscalls!"), Blocks: blocks("arg")}
	}
	return &hcl.BodySchema{Attributes: attributes("min!")}
}

func (d *decoder) detection(in instance) *control.Detection {
	d.name(in.label, in.at, "detection")
	out := &control.Detection{Range: in.block.DefRange, Priority: "warning"}
	if p, at, ok := d.text(in.body, "priority", in.scope); ok {
		violations, _ := control.Lookup(control.Violations)
		if d.oneOf(p, at, "priority", violations.Names[:len(violations.Names)-1]) {
			out.Priority = p
		}
	}
	out.Condition, out.ConditionRange, _ = d.need(in.body, "condition", in.scope)
	if text, at, ok := d.text(in.body, "description", in.scope); ok && d.sentence(text, at, "A description") {
		out.Description = text
	}
	return out
}

func (d *decoder) rule(in instance) *control.SyscallRule {
	d.title(in.label, in.at, "a rule")
	out := &control.SyscallRule{Range: in.block.DefRange}
	if attr, ok := in.body.Attributes["syscalls"]; ok {
		out.Syscalls = d.ruleCalls(in, attr)
	}
	args := in.body.Blocks.OfType("arg")
	for _, arg := range args {
		out.Args = append(out.Args, d.arg(arg, in.scope))
	}
	if len(args) == 0 {
		d.error(in.block.DefRange, "Rule without conditions", "The rule %q has no arg block, so it would hold nothing. To refuse a call whatever its arguments, name it in seccomp.deny.", in.label)
	}
	return out
}

func (d *decoder) ruleCalls(in instance, attr *hcl.Attribute) []control.Item {
	allow, _ := control.Lookup(control.SeccompAllow)
	clean := d.watch()
	var calls policy.Setting
	d.items(allow, attr, in.scope, &calls)
	if clean() && len(calls.Items) == 0 {
		d.error(attr.Expr.Range(), "Rule without calls", "The rule %q names no system call, so it would hold nothing.", in.label)
	}
	for _, it := range calls.Items {
		if it.Key == control.AnyCall || it.Key == control.RuntimeDefaultSet {
			d.error(it.Range, "Rule too wide", "A rule names calls, or sets of calls whose arguments mean the same; %q holds calls of all kinds.", it.Key)
		}
	}
	return calls.Items
}

// argOperators are what an arg block says of its argument: exactly one of these.
var argOperators = []string{"in", "not_in", "eq", "has_any", "has_none", "mask"}

func (d *decoder) arg(b *hcl.Block, s *scope) control.ArgCondition {
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes(slices.Concat([]string{"index!", "value"}, argOperators)...)})
	out := control.ArgCondition{Range: b.DefRange}
	if attr, ok := body.Attributes["index"]; ok {
		out.Index = d.argIndex(attr, s)
	}
	var used []string
	for _, name := range argOperators {
		if attr, ok := body.Attributes[name]; ok {
			used = append(used, name)
			d.operator(&out, attr, s)
		}
	}
	if attr, ok := body.Attributes["value"]; ok {
		d.masked(&out, attr, slices.Equal(used, []string{"mask"}), s)
	}
	if len(used) != 1 {
		d.error(b.DefRange, "One condition wanted", "An arg block has exactly one of in, not_in, eq, has_any, has_none and mask; this one has %d of them.", len(used))
	}
	return out
}

// operator reads one condition. One that names no value, or no bit, holds always
// or never, which its author cannot have meant.
func (d *decoder) operator(out *control.ArgCondition, attr *hcl.Attribute, s *scope) {
	clean := d.watch()
	values := d.arguments(attr, s)
	var bits uint64
	for _, v := range values {
		bits |= v
	}
	switch attr.Name {
	case "in", "eq":
		out.In = values
		if clean() && len(values) == 0 {
			d.error(attr.Expr.Range(), "Condition without values", "%s names no value, so the call would never be allowed. To refuse it, name it in seccomp.deny.", attr.Name)
		} else if attr.Name == "eq" && len(values) > 1 {
			d.error(attr.Expr.Range(), "Wrong type", "eq is one number or the name of a constant. For one of several there is in.")
		}
	case "not_in":
		out.NotIn = values
		if clean() && len(values) == 0 {
			d.error(attr.Expr.Range(), "Condition without values", "not_in names no value, so the condition would hold for every argument.")
		}
	case "has_any":
		out.HasAny = bits
		if clean() && bits == 0 {
			d.error(attr.Expr.Range(), "Condition without bits", "has_any names no bit, so the call would never be allowed. To refuse it, name it in seccomp.deny.")
		}
	case "has_none", "mask":
		out.Masked, out.Mask = true, bits
		if clean() && bits == 0 {
			d.error(attr.Expr.Range(), "Condition without bits", "%s names no bit, so the condition would hold for every argument.", attr.Name)
		}
	}
}

// masked reads what the bits of a mask must be.
func (d *decoder) masked(out *control.ArgCondition, attr *hcl.Attribute, beside bool, s *scope) {
	clean := d.watch()
	values := d.arguments(attr, s)
	switch {
	case !clean():
	case !beside || len(values) != 1:
		d.error(attr.Range, "Wrong type", "value is one number or constant, beside mask: the bits of mask must equal it.")
	case values[0]&^out.Mask != 0:
		d.error(attr.Expr.Range(), "Condition never true", "value has bits that mask has not, so that no argument could equal it.")
	default:
		out.Value = values[0]
	}
}

func (d *decoder) argIndex(attr *hcl.Attribute, s *scope) int {
	v, ok := d.evaluate(attr.Expr, s)
	if !ok {
		return 0
	}
	if !v.IsNull() && v.Type() == cty.Number {
		if n, accuracy := v.AsBigFloat().Int64(); accuracy == 0 && n >= 0 && n <= 5 {
			return int(n)
		}
	}
	d.error(attr.Expr.Range(), "Not an argument", "index is a number from 0 to 5: a system call has six arguments.")
	return 0
}

// arguments reads numbers and names of constants, of 32 bits.
func (d *decoder) arguments(attr *hcl.Attribute, s *scope) (values []uint64) {
	var elements []element
	if _, diags := hcl.ExprList(attr.Expr); !diags.HasErrors() {
		elements, _ = d.list(attr.Expr, s, attr.Name)
	} else if v, ok := d.evaluate(attr.Expr, s); ok && !v.IsNull() {
		elements = []element{{value: v, at: attr.Expr.Range()}}
		if v.CanIterateElements() {
			elements = iterate(v, attr.Expr.Range())
		}
	}
	for _, e := range elements {
		var text string
		switch {
		case e.value.IsNull() || e.value.Type() != cty.Number && e.value.Type() != cty.String:
			d.error(e.at, "Wrong type", "An argument is a whole number or the name of a constant; this is %s.", typeName(e.value))
			continue
		case e.value.Type() == cty.Number:
			text = e.value.AsBigFloat().Text('g', 25) // whole numbers of 64 bits have at most 20 digits
		default:
			text = e.value.AsString()
		}
		v, err := attempt.ParseArgument(text)
		switch {
		case err != nil:
			d.error(e.at, "Unknown constant", "An argument is a whole number or the name of a constant; %q is not.%s", text, didYouMean(text, linux.Constants()))
			continue
		case v > 1<<32-1:
			d.error(e.at, "Argument too large", "%s has more than 32 bits. The kernel reads integer arguments as 32 bits, and a filter must compare what the kernel reads.", text)
			continue
		}
		values = append(values, v)
	}
	return values
}

// version decodes a block with nothing but a least version.
func (d *decoder) version(c *control.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	b, ok := d.singletons(content.Blocks.OfType(c.ID.Name()))[c.ID.Name()]
	if !ok {
		return policy.Setting{}, false
	}
	body := d.content(b.Body, labelledSchema(c.ID))
	v, ok := d.least(body, s)
	return policy.Setting{Value: control.Value{Text: v}, Range: b.DefRange}, ok
}

// least reads the least version that will do, or one for each of several branches.
func (d *decoder) least(body *hcl.BodyContent, s *scope) (string, bool) {
	attr, ok := body.Attributes["min"]
	if !ok {
		return "", false
	}
	var versions []string
	if _, diags := hcl.ExprList(attr.Expr); !diags.HasErrors() {
		for _, it := range d.texts(body, "min", s) {
			versions = append(versions, it.Key)
		}
	} else if text, _, ok := d.need(body, "min", s); ok {
		versions = []string{text}
	}
	if len(versions) == 0 {
		return "", false
	}
	least, err := control.NewMinimum(versions)
	if err != nil {
		d.error(attr.Expr.Range(), "Not a version", "min: %s. For several branches it is a list: [\"1.7.29\", \"2.0.7\"].", err)
		return "", false
	}
	return least.String(), true
}

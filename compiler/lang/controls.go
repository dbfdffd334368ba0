package lang

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
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
	for _, c := range policy.Of(name) {
		switch {
		case name == "updates" && c.Type == policy.Version:
			schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: c.ID.Name()})
		case c.Type == policy.Blocks:
			schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: c.ID.Name(), LabelNames: []string{"name"}})
		default:
			schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: c.ID.Name()})
		}
	}
	for _, id := range policy.ReservedIDs() {
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
		if len(policy.Of(b.Type)) > 0 {
			own = append(own, b)
		}
	}
	for _, name := range policy.ControlBlocks() {
		if b, ok := d.singletons(own)[name]; ok {
			d.controlBlock(b, s, where, out)
		}
	}
	return out
}

func (d *decoder) controlBlock(b *hcl.Block, s *scope, where place, out policy.Settings) {
	content := d.content(b.Body, blockSchema(b.Type))
	for _, c := range policy.Of(b.Type) {
		setting, ok := d.setting(c, content, s)
		if !ok || !d.mayStand(c, setting, where) {
			continue
		}
		setting.Policy = d.doc.Name
		out[c.ID] = setting
	}
	for name, attr := range content.Attributes {
		id := policy.ID(b.Type + "." + name)
		if target, ok := policy.Reserved(id); ok {
			d.error(attr.NameRange, "Control not available yet", "%s is a reserved name: %s will hold it. Until then nothing would, so it cannot be stated.", id, target)
		}
	}
}

// mayStand refuses a control that is a property of something wider than the
// block it stands in, and a ceiling of what has none.
func (d *decoder) mayStand(c *policy.Control, s policy.Setting, where place) bool {
	switch {
	case where == inContainer && c.Scope != policy.OfContainer:
		d.error(s.Range, "Not a container's to state", "%s is a property of the %s, not of one container. State it in the workload or the policy.", c.ID, c.Scope)
	case where == inWorkload && c.Scope == policy.OfPolicy:
		d.error(s.Range, "Not a workload's to state", "%s is a property of the whole policy. State it outside of workloads.", c.ID)
	case (where == inCeiling || where == inException) && (c.Order == policy.Refusal || c.Order == policy.Plain):
		d.error(s.Range, "Nothing to raise", "%s is a %s: it has no ceiling, so that nothing below can ask for more or less of it.", c.ID, c.Order)
	case where == inException && c.Scope == policy.OfPolicy:
		d.error(s.Range, "Nothing to raise", "%s is a property of the whole policy, so no workload can ask for more of it.", c.ID)
	default:
		return true
	}
	return false
}

// setting decodes one control of a block.
func (d *decoder) setting(c *policy.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	switch {
	case c.ID == policy.RuntimeVersion:
		return d.runtimes(content, s)
	case c.ID.Block() == "updates":
		return d.version(c, content, s)
	case c.Type == policy.Blocks:
		return d.labelled(c, content, s)
	}
	attr, ok := content.Attributes[c.ID.Name()]
	if !ok {
		return policy.Setting{}, false
	}
	out := policy.Setting{Range: attr.Range}
	if c.Type == policy.Set || c.Type == policy.Map {
		ok = d.items(c, attr, s, &out)
		return out, ok
	}
	v, ok := d.evaluate(attr.Expr, s)
	if !ok || v.IsNull() {
		return out, false
	}
	if c.Type == policy.Bool {
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

func (d *decoder) scalar(c *policy.Control, text string, at hcl.Range) bool {
	if c.Names != nil {
		return d.oneOf(text, at, string(c.ID), c.Names)
	}
	if err := policy.CheckQuantity(text); err != nil {
		d.error(at, "Not an amount", "%s: %s; %q is not.", c.ID, err, text)
		return false
	}
	return true
}

// items decodes a set or a map, each element with its range.
func (d *decoder) items(c *policy.Control, attr *hcl.Attribute, s *scope, out *policy.Setting) bool {
	read := d.list
	if c.Type == policy.Map {
		read = d.object
	}
	elements, ok := read(attr.Expr, s, string(c.ID))
	if !ok {
		return false
	}
	out.Items = []policy.Item{}
	for _, e := range elements {
		it, ok := d.item(c, e)
		if ok {
			out.Items = append(out.Items, it)
		}
	}
	return true
}

func (d *decoder) item(c *policy.Control, e element) (policy.Item, bool) {
	key, it := e.value, policy.Item{Range: e.at}
	if c.Type == policy.Map {
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
	case policy.IsUnknown(err):
		d.error(e.at, "Unknown "+c.Element.What, "No %s is called %q.%s", c.Element.What, text, d.nearest(c, text))
		return it, false
	case err != nil:
		d.error(e.at, "Not a "+c.Element.What, "%s: %s.", c.ID, err)
		return it, false
	}
	it.Key = canonical
	return it, true
}

// key gives an element as text. Numbers of users and groups may be numbers.
func (d *decoder) key(c *policy.Control, v cty.Value, at hcl.Range) (string, bool) {
	if c.Element.Numeric && !v.IsNull() && v.Type() == cty.Number {
		return v.AsBigFloat().Text('f', -1), true
	}
	return d.asText(v, at, "A "+c.Element.What+" of "+string(c.ID))
}

func (d *decoder) nearest(c *policy.Control, text string) string {
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
func (d *decoder) labelled(c *policy.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	var out policy.Setting
	seen := map[string]hcl.Range{}
	for _, b := range content.Blocks.OfType(c.ID.Name()) {
		d.each(b, s, func(label string, s *scope, body *hcl.BodyContent) {
			if before, twice := seen[label]; twice {
				d.error(b.DefRange, "Name used twice", "%s %q stands at %s already.", c.ID, label, at(before))
				return
			}
			seen[label] = b.DefRange
			it := policy.Item{Key: label, Range: b.DefRange}
			if c.ID == policy.Detect {
				it.Body = d.detection(b, label, s, body)
			} else {
				it.Body = d.rule(b, label, s, body)
			}
			out.Items = append(out.Items, it)
		}, c.ID)
	}
	if len(out.Items) == 0 {
		return out, false
	}
	out.Range = out.Items[0].Range
	return out, true
}

func (d *decoder) detection(b *hcl.Block, label string, s *scope, body *hcl.BodyContent) *policy.Detection {
	d.name(label, b.LabelRanges[0], "detection")
	out := &policy.Detection{Range: b.DefRange, Priority: "warning"}
	if p, at, ok := d.text(body, "priority", s); ok {
		violations, _ := policy.Lookup(policy.Violations)
		if d.oneOf(p, at, "priority", violations.Names[:len(violations.Names)-1]) {
			out.Priority = p
		}
	}
	out.Condition, out.ConditionRange, _ = d.text(body, "condition", s)
	var ok bool
	var at hcl.Range
	if out.Description, at, ok = d.text(body, "description", s); ok {
		d.sentence(out.Description, at, "A description")
	}
	return out
}

func (d *decoder) rule(b *hcl.Block, label string, s *scope, body *hcl.BodyContent) *policy.SyscallRule {
	d.title(label, b.LabelRanges[0], "a rule")
	out := &policy.SyscallRule{Range: b.DefRange}
	allow, _ := policy.Lookup(policy.SeccompAllow)
	if attr, ok := body.Attributes["syscalls"]; ok {
		var calls policy.Setting
		if d.items(allow, attr, s, &calls) && len(calls.Items) == 0 {
			d.error(attr.Expr.Range(), "Rule without calls", "The rule %q names no system call, so it would hold nothing.", label)
		}
		for _, it := range calls.Items {
			if it.Key == policy.AnyCall || it.Key == policy.RuntimeDefaultSet {
				d.error(it.Range, "Rule too wide", "A rule names calls, or sets of calls whose arguments mean the same; %q holds calls of all kinds.", it.Key)
			}
		}
		out.Syscalls = calls.Items
	}
	for _, arg := range body.Blocks.OfType("arg") {
		out.Args = append(out.Args, d.arg(arg, s))
	}
	if len(out.Args) == 0 {
		d.error(b.DefRange, "Rule without conditions", "The rule %q has no arg block, so it would hold nothing. To refuse a call whatever its arguments, name it in seccomp.deny.", label)
	}
	return out
}

// unsafeOperators are what authors may expect of a condition and a filter
// cannot say safely (docs/targets/seccomp.md).
var argOperators = []string{"in", "eq", "has_none", "mask", "value"}

func (d *decoder) arg(b *hcl.Block, s *scope) policy.ArgCondition {
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes(append([]string{"index!", "not_in", "has_any"}, argOperators...)...)})
	out := policy.ArgCondition{Range: b.DefRange}
	if attr, ok := body.Attributes["index"]; ok {
		out.Index = d.argIndex(attr, s)
	}
	for _, name := range []string{"not_in", "has_any"} {
		if attr, ok := body.Attributes[name]; ok {
			d.error(attr.Range, "Condition cannot be held", "A filter cannot say %q of an argument without comparing more bits than the kernel reads, which lets the call through with junk in the others. State what is allowed instead, with in or has_none.", name)
		}
	}
	used := 0
	for _, name := range []string{"in", "eq", "has_none", "mask"} {
		attr, ok := body.Attributes[name]
		if !ok {
			continue
		}
		used++
		values, names := d.arguments(attr, s)
		switch name {
		case "in", "eq":
			out.In, out.Names = values, names
			if name == "eq" && len(values) != 1 {
				d.error(attr.Expr.Range(), "Wrong type", "eq is one number or the name of a constant.")
			}
		case "has_none", "mask":
			out.Masked, out.Names = true, names
			for _, v := range values {
				out.Mask |= v
			}
		}
	}
	if attr, ok := body.Attributes["value"]; ok {
		values, _ := d.arguments(attr, s)
		if _, ok := body.Attributes["mask"]; !ok || len(values) != 1 {
			d.error(attr.Range, "Wrong type", "value is one number or constant, beside mask: the bits of mask must equal it.")
		} else {
			out.Value = values[0]
		}
	}
	if used != 1 {
		d.error(b.DefRange, "One condition wanted", "An arg block has exactly one of in, eq, has_none and mask.")
	}
	return out
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
func (d *decoder) arguments(attr *hcl.Attribute, s *scope) (values []uint64, names []string) {
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
		case !e.value.IsNull() && e.value.Type() == cty.Number:
			text = e.value.AsBigFloat().Text('f', -1)
		case !e.value.IsNull() && e.value.Type() == cty.String:
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
		values, names = append(values, v), append(names, text)
	}
	return values, names
}

var runtimeNames = []string{"containerd", "cri-o", "crun", "docker", "runc"}

// runtimes decodes updates' runtime blocks.
func (d *decoder) runtimes(content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	var out policy.Setting
	for _, b := range content.Blocks.OfType("runtime") {
		label := b.Labels[0]
		if !d.oneOf(label, b.LabelRanges[0], "A runtime", runtimeNames) {
			continue
		}
		if out.Has(label) {
			d.error(b.DefRange, "Name used twice", "updates.runtime %q is stated already.", label)
			continue
		}
		body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("min!")})
		if v, _, ok := d.semver(body, s); ok {
			out.Items = append(out.Items, policy.Item{Key: label, Arg: v, Range: b.DefRange})
			out.Range = out.Items[0].Range
		}
	}
	return out, len(out.Items) > 0
}

// version decodes a block with nothing but a least version.
func (d *decoder) version(c *policy.Control, content *hcl.BodyContent, s *scope) (policy.Setting, bool) {
	bs := content.Blocks.OfType(c.ID.Name())
	b, ok := d.singletons(bs)[c.ID.Name()]
	if !ok {
		return policy.Setting{}, false
	}
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("min!")})
	v, _, ok := d.semver(body, s)
	return policy.Setting{Value: policy.Value{Text: v}, Range: b.DefRange}, ok
}

func (d *decoder) semver(body *hcl.BodyContent, s *scope) (string, hcl.Range, bool) {
	text, at, ok := d.text(body, "min", s)
	if !ok {
		return "", at, false
	}
	if err := policy.CheckVersion(text); err != nil {
		d.error(at, "Not a version", "min is a version such as \"1.7.29\"; %q is not.", text)
		return "", at, false
	}
	return text, at, true
}

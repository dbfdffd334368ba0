package control

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// SeccompRule is the ID of the control in this file.
const SeccompRule ID = "seccomp.rule"

var seccompRule = &Control{
	ID:       SeccompRule,
	Title:    "System calls must meet the conditions on their arguments",
	Reason:   "One call often does both harmless and dangerous things: clone, socket, personality.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    DenySet, Type: Blocks, Scope: OfContainer, Linux: true,
	Block: ruleBlock,
}

// SyscallRule says when the calls it names are allowed. It only narrows: a
// call must be allowed by seccomp.allow too.
type SyscallRule struct {
	Syscalls []Item         // names and @sets, as written
	Args     []ArgCondition // all of them must match
	// Alternatives are lists of conditions. One list must match, in all of its conditions; with no lists there is nothing to match.
	Alternatives [][]ArgCondition
	Range        hcl.Range
}

// Conditions are those of the rule and of its alternatives, in the order in which they are written.
func (r *SyscallRule) Conditions() []ArgCondition {
	all := slices.Clone(r.Args)
	for _, alternative := range r.Alternatives {
		all = append(all, alternative...)
	}
	return all
}

func (*SyscallRule) body() {}

// ArgCondition is a condition on one argument of a system call. Exactly one
// operator is set: In, NotIn, HasAny or Masked. All but In look at the lower 32
// bits alone, as the kernel does for most integer arguments.
type ArgCondition struct {
	Index  int      // 0 to 5
	In     []uint64 // the argument is one of these
	NotIn  []uint64 // its lower 32 bits are none of these
	HasAny uint64   // it has at least one of these bits
	// Mask and Value say: argument & Mask == Value.
	Masked      bool
	Mask, Value uint64
	Range       hcl.Range
}

var ruleBlock = &BlockType{
	Schema: hcl.BodySchema{Attributes: []hcl.AttributeSchema{required("syscalls")}, Blocks: []hcl.BlockHeaderSchema{{Type: "arg"}, {Type: "alternative"}}},
	Decode: decodeRule,
	Within: sameRule,
	Meet:   func(a, b Item) (Item, bool) { return a, sameRule(a, b) },
}

func sameRule(x, y Item) bool {
	a, okA := x.Body.(*SyscallRule)
	b, okB := y.Body.(*SyscallRule)
	return okA && okB && slices.EqualFunc(a.Syscalls, b.Syscalls, func(x, y Item) bool { return x.Key == y.Key }) &&
		sameConditions(a.Args, b.Args) && slices.EqualFunc(a.Alternatives, b.Alternatives, sameConditions)
}

func sameConditions(a, b []ArgCondition) bool { return slices.EqualFunc(a, b, sameCondition) }

func sameCondition(x, y ArgCondition) bool {
	return x.Index == y.Index && sameValues(x.In, y.In) && sameValues(x.NotIn, y.NotIn) && x.HasAny == y.HasAny &&
		x.Masked == y.Masked && x.Mask == y.Mask && x.Value == y.Value
}

// sameValues compares lists whose order means nothing.
func sameValues(a, b []uint64) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

func decodeRule(r BlockReader, it *Item) bool {
	r.CheckTitle("a rule")
	label, _ := r.Label()
	out := &SyscallRule{Range: r.Range(), Syscalls: ruleCalls(r, label)}
	out.Args = argConditions(r)
	alternatives := r.Blocks("alternative", alternativeSchema)
	for _, alternative := range alternatives {
		args := argConditions(alternative)
		if len(args) == 0 {
			alternative.Error(alternative.Range(), "Alternative without conditions", "An alternative without an arg block always matches, and with it the others mean nothing. State a condition, or remove it.")
		}
		out.Alternatives = append(out.Alternatives, args)
	}
	switch {
	case len(alternatives) == 1:
		r.Error(alternatives[0].Range(), "One alternative", "An alternative needs another one beside it. Write its arg blocks in the rule itself.")
	case len(out.Args) == 0 && len(alternatives) == 0:
		r.Error(r.Range(), "Rule without conditions", "The rule %q has no arg block, so it would hold nothing. To refuse a call whatever its arguments, name it in seccomp.deny.", label)
	}
	it.Body = out
	return true
}

// alternativeSchema is of the blocks of which one must match.
var alternativeSchema = hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "arg"}}}

func argConditions(r BlockReader) []ArgCondition {
	var args []ArgCondition
	for _, arg := range r.Blocks("arg", argSchema) {
		args = append(args, argCondition(arg))
	}
	return args
}

func ruleCalls(r BlockReader, label string) []Item {
	at, ok := r.Stated("syscalls")
	if !ok {
		return nil
	}
	clean := r.Clean()
	calls := r.Items("syscalls", seccompAllow)
	if clean() && len(calls) == 0 {
		r.Error(at, "Rule without calls", "The rule %q names no system call, so it would hold nothing.", label)
	}
	for _, it := range calls {
		if it.Key == AnyCall || it.Key == RuntimeDefaultSet {
			r.Error(it.Range, "Rule too wide", "A rule names calls, or sets of calls whose arguments mean the same; %q holds calls of all kinds.", it.Key)
		}
	}
	return calls
}

// argOperators are what an arg block says of its argument: exactly one of these.
var argOperators = []string{"in", "not_in", "eq", "has_any", "has_none", "mask"}

var argSchema = func() hcl.BodySchema {
	schema := blockSchema(required("index"), optional("value"))
	for _, name := range argOperators {
		schema.Attributes = append(schema.Attributes, optional(name))
	}
	return schema
}()

func argCondition(r BlockReader) ArgCondition {
	out := ArgCondition{Range: r.Range(), Index: argIndex(r)}
	var used []string
	for _, name := range argOperators {
		if _, ok := r.Stated(name); ok {
			used = append(used, name)
			operator(r, &out, name)
		}
	}
	if at, ok := r.Stated("value"); ok {
		masked(r, &out, at, slices.Equal(used, []string{"mask"}))
	}
	if len(used) != 1 {
		r.Error(r.Range(), "Exactly one operator required", "An arg block has exactly one of in, not_in, eq, has_any, has_none and mask; this one has %d of them.", len(used))
	}
	return out
}

// operator reads one condition. One that names no value, or no bit, holds always
// or never, which its author cannot have meant.
func operator(r BlockReader, out *ArgCondition, name string) {
	clean := r.Clean()
	at, _ := r.Stated(name)
	values := arguments(r, name)
	var bits uint64
	for _, v := range values {
		bits |= v
	}
	switch name {
	case "in", "eq":
		out.In = values
		if clean() && len(values) == 0 {
			r.Error(at, "Condition without values", "%s names no value, so the call would never be allowed. To refuse it, name it in seccomp.deny.", name)
		} else if name == "eq" && len(values) > 1 {
			r.Error(at, "Wrong type", "eq is one number or the name of a constant. For one of several there is in.")
		}
	case "not_in":
		out.NotIn = values
		if clean() && len(values) == 0 {
			r.Error(at, "Condition without values", "not_in names no value, so the condition would hold for every argument.")
		}
	case "has_any":
		out.HasAny = bits
		if clean() && bits == 0 {
			r.Error(at, "Condition without bits", "has_any names no bit, so the call would never be allowed. To refuse it, name it in seccomp.deny.")
		}
	case "has_none", "mask":
		out.Masked, out.Mask = true, bits
		if clean() && bits == 0 {
			r.Error(at, "Condition without bits", "%s names no bit, so the condition would hold for every argument.", name)
		}
	}
}

// masked reads what the bits of a mask must be.
func masked(r BlockReader, out *ArgCondition, at hcl.Range, beside bool) {
	clean := r.Clean()
	values := arguments(r, "value")
	switch {
	case !clean():
	case !beside || len(values) != 1:
		r.Error(at, "Wrong type", "value is one number or constant, beside mask: the bits of mask must equal it.")
	case values[0]&^out.Mask != 0:
		r.Error(at, "Condition never true", "value has bits that mask has not, so that no argument could equal it.")
	default:
		out.Value = values[0]
	}
}

func argIndex(r BlockReader) int {
	at, _ := r.Stated("index")
	v, ok := r.Value("index")
	if !ok {
		return 0
	}
	if !v.IsNull() && v.Type() == cty.Number {
		if n, accuracy := v.AsBigFloat().Int64(); accuracy == 0 && n >= 0 && n <= 5 {
			return int(n)
		}
	}
	r.Error(at, "Not an argument", "index is a number from 0 to 5: a system call has six arguments.")
	return 0
}

// arguments reads numbers and names of constants, of 32 bits.
func arguments(r BlockReader, attribute string) (values []uint64) {
	for _, e := range r.Values(attribute) {
		var text string
		switch {
		case e.Value.IsNull() || e.Value.Type() != cty.Number && e.Value.Type() != cty.String:
			r.Error(e.Range, "Wrong type", "An argument is a whole number or the name of a constant; this is %s.", r.TypeName(e.Value))
			continue
		case e.Value.Type() == cty.Number:
			text = e.Value.AsBigFloat().Text('g', 25) // whole numbers of 64 bits have at most 20 digits
		default:
			text = e.Value.AsString()
		}
		v, err := linux.ParseArgument(text)
		switch {
		case err != nil:
			r.Error(e.Range, "Unknown constant", "An argument is a whole number or the name of a constant; %q is not.%s", text, r.DidYouMean(text, linux.Constants()))
			continue
		case v > 1<<32-1:
			r.Error(e.Range, "Argument too large", "%s has more than 32 bits. The kernel reads integer arguments as 32 bits, and a filter must compare what the kernel reads.", text)
			continue
		}
		values = append(values, v)
	}
	return values
}

package filter

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// operator is a comparison of one argument.
type operator int

const (
	equal operator = iota + 1
	notEqual
	maskedEqual // the argument's bits of the mask
	less
	lessOrEqual
	greater
	greaterOrEqual
)

var operators = map[string]operator{
	"SCMP_CMP_EQ":        equal,
	"SCMP_CMP_NE":        notEqual,
	"SCMP_CMP_MASKED_EQ": maskedEqual,
	"SCMP_CMP_LT":        less,
	"SCMP_CMP_LE":        lessOrEqual,
	"SCMP_CMP_GT":        greater,
	"SCMP_CMP_GE":        greaterOrEqual,
}

// condition compares one argument with a value, unsigned.
type condition struct {
	index       int
	op          operator
	mask, value uint64 // of maskedEqual value lies within mask; of the others mask is all ones
}

// holds compares on as many bits as the architecture's registers have.
func (c condition) holds(args [6]uint64, bits int) bool {
	arg, value, mask := args[c.index], c.value, c.mask
	if bits == 32 {
		arg, value, mask = uint64(uint32(arg)), uint64(uint32(value)), uint64(uint32(mask))
	}
	switch c.op {
	case equal:
		return arg == value
	case notEqual:
		return arg != value
	case maskedEqual:
		return arg&mask == value
	case less:
		return arg < value
	case lessOrEqual:
		return arg <= value
	case greater:
		return arg > value
	case greaterOrEqual:
		return arg >= value
	}
	return false
}

// always says that no argument can fail the condition: libseccomp leaves it out.
func (c condition) always() bool { return c.op == maskedEqual && c.mask == 0 }

// class is the order in which libseccomp tries conditions on one argument: equality first, then upper bounds, then lower ones.
func (c condition) class() int {
	switch c.op {
	case equal, notEqual, maskedEqual:
		return 3
	case less, lessOrEqual:
		return 2
	}
	return 1
}

// compareConditions is negative when libseccomp tries a before b: the later argument first, then by class, then the greater value
// first, or the smaller of upper bounds, so that what is narrower comes before what is wider.
func compareConditions(a, b condition) int {
	if d := cmp.Or(cmp.Compare(b.index, a.index), cmp.Compare(b.class(), a.class())); d != 0 {
		return d
	}
	if a.class() == 2 {
		return cmp.Compare(a.value, b.value)
	}
	return cmp.Compare(b.value, a.value)
}

func (r *rule) matches(args [6]uint64, bits int) bool {
	for _, c := range r.conds {
		if !c.holds(args, bits) {
			return false
		}
	}
	return true
}

// add tells of a rule for one system call, as a runtime does.
func (f *Filter) add(name, namePlace, place string, v verdict, sets [][]condition) error {
	if _, ok := linux.LookupSyscall(name); !ok {
		f.unknown = append(f.unknown, Note{namePlace, fmt.Sprintf("no architecture here has a system call %q", name)})
	}
	if v == f.initial {
		f.dropped = append(f.dropped, Note{namePlace, "it does what the default action does anyway"})
		return nil
	}
	for _, conds := range sets {
		conds = slices.DeleteFunc(slices.Clone(conds), condition.always)
		if err := f.insert(name, namePlace, &rule{verdict: v, place: place, conds: conds, added: len(f.calls[name])}); err != nil {
			return err
		}
	}
	return nil
}

// insert merges a rule into those of its call. A rule without conditions takes the call over and none gets past it; of two whose
// conditions begin alike the shorter covers the longer, and libseccomp refuses the shorter one when it comes later with
// another action.
func (f *Filter) insert(name, namePlace string, r *rule) error {
	var kept []*rule
	for _, old := range f.calls[name] {
		switch {
		case begins(r.conds, old.conds):
			f.dropped = append(f.dropped, Note{namePlace, fmt.Sprintf("%s holds for %s already, and is the wider rule", old.place, name)})
			if len(r.conds) == len(old.conds) && len(r.conds) > 0 && r.verdict != old.verdict {
				return fmt.Errorf("%s: %s and this rule have the same conditions for %s and different actions, which libseccomp refuses; remove one",
					namePlace, old.place, name)
			}
			return nil
		case len(r.conds) > 0 && begins(old.conds, r.conds) && r.verdict != old.verdict:
			return fmt.Errorf("%s: it covers %s, which has another action for %s: libseccomp refuses that; remove one of the two",
				namePlace, old.place, name)
		case begins(old.conds, r.conds):
			f.dropped = append(f.dropped, Note{old.place, fmt.Sprintf("%s holds for %s, and is the wider rule", r.place, name)})
		default:
			kept = append(kept, old)
		}
	}
	f.calls[name] = append(kept, r)
	return nil
}

// begins says whether long starts with all conditions of short.
func begins(long, short []condition) bool {
	return len(long) >= len(short) && slices.Equal(long[:len(short)], short)
}

// order sorts the rules of every call as libseccomp tries them.
func (f *Filter) order() {
	for _, rules := range f.calls {
		slices.SortStableFunc(rules, func(a, b *rule) int { return slices.CompareFunc(a.conds, b.conds, compareConditions) })
	}
}

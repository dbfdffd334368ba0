package seccomp

import (
	"cmp"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// condition says that argument & mask == value. A mask is of the lower 32 bits, which are what the kernel reads of most integer arguments,
// or allBits.
type condition struct {
	index       int
	mask, value uint64
}

const (
	allBits = ^uint64(0)
	lowBits = 1<<32 - 1
)

// clause is a conjunction of conditions on different arguments, by index, under which a call is allowed. A call with several clauses is
// allowed where one of them is met. The empty clause allows the call whatever its arguments.
type clause []condition

// maxClauses bounds the clauses of one call: each becomes a rule, and a kernel takes 4,096 instructions a filter.
const maxClauses = 256

func unconditional(clauses []clause) bool {
	return slices.ContainsFunc(clauses, func(w clause) bool { return len(w) == 0 })
}

// intersect gives the clauses that satisfy one of a and one of b. It is false where there are more than maxClauses.
func intersect(a, b []clause) ([]clause, bool) {
	var out []clause
	for _, x := range a {
		for _, y := range b {
			if w, ok := conjunction(x, y); ok {
				out = append(out, w)
			}
		}
		if len(out) > 4*maxClauses { // some of which may cover others
			return nil, false
		}
	}
	out = simplify(out)
	return out, len(out) <= maxClauses
}

// intersectAll gives the clauses that satisfy one of each of the lists, too. It is false as intersect is.
func intersectAll(clauses []clause, to [][]clause) ([]clause, bool) {
	for _, list := range to {
		var ok bool
		if clauses, ok = intersect(clauses, list); !ok {
			return nil, false
		}
	}
	return clauses, true
}

// conjunction gives the conditions of two clauses together. It is false when they contradict each other.
func conjunction(a, b clause) (clause, bool) {
	out := slices.Clone(a)
	for _, c := range b {
		i := slices.IndexFunc(out, func(o condition) bool { return o.index == c.index })
		if i < 0 {
			out = append(out, c)
			continue
		}
		common := out[i].mask & c.mask
		if out[i].value&common != c.value&common {
			return nil, false
		}
		out[i].mask |= c.mask
		out[i].value |= c.value
	}
	slices.SortFunc(out, func(x, y condition) int { return cmp.Compare(x.index, y.index) })
	return out, true
}

// simplify sorts clauses, and leaves out those that another one covers.
func simplify(clauses []clause) []clause {
	if len(clauses) <= 1 {
		return clauses
	}
	slices.SortFunc(clauses, compareClauses)
	clauses = slices.CompactFunc(clauses, func(a, b clause) bool { return slices.Equal(a, b) })
	var out []clause
	for i, w := range clauses {
		covers := func(wider clause) bool { return wider.covers(w) }
		if !slices.ContainsFunc(clauses[:i], covers) && !slices.ContainsFunc(clauses[i+1:], covers) {
			out = append(out, w)
		}
	}
	return out
}

// covers reports whether this clause allows all that the other one allows.
func (w clause) covers(other clause) bool {
	for _, c := range w {
		i := slices.IndexFunc(other, func(o condition) bool { return o.index == c.index })
		if i < 0 || other[i].mask&c.mask != c.mask || other[i].value&c.mask != c.value {
			return false
		}
	}
	return true
}

// maxSplits bounds the work of covered for one clause.
const maxSplits = 1 << 12

// covered reports whether some of the wider clauses allow, together, all that the clauses allow. What takes too long to find out counts as not
// covered.
func covered(clauses, wider []clause) bool {
	return !slices.ContainsFunc(clauses, func(w clause) bool {
		splits := maxSplits
		return !coveredTogether(w, wider, &splits)
	})
}

// coveredTogether reports whether some of the wider clauses together allow all that a clause allows. Where none does alone, it divides the
// clause by a bit of which one of them depends.
func coveredTogether(w clause, wider []clause, splits *int) bool {
	var overlapping []clause
	for _, o := range wider {
		if o.covers(w) {
			return true
		}
		if _, ok := conjunction(w, o); ok {
			overlapping = append(overlapping, o)
		}
	}
	if *splits--; len(overlapping) == 0 || *splits < 0 {
		return false
	}
	bit := w.undecided(overlapping[0])
	for _, value := range []uint64{bit.mask &^ bit.value, bit.value} { // what the one of them leaves out comes first
		half, _ := conjunction(w, clause{{bit.index, bit.mask, value}})
		if !coveredTogether(half, overlapping, splits) {
			return false
		}
	}
	return true
}

// undecided gives one bit, as a condition, that another clause compares and this one leaves open.
func (w clause) undecided(other clause) condition {
	for _, c := range other {
		open := c.mask
		if i := slices.IndexFunc(w, func(o condition) bool { return o.index == c.index }); i >= 0 {
			open &^= w[i].mask
		}
		if bit := open & -open; bit != 0 {
			return condition{c.index, bit, c.value & bit}
		}
	}
	panic("seccomp: the other clause covers this one")
}

func compareClauses(a, b clause) int {
	return slices.CompareFunc(a, b, func(x, y condition) int {
		return cmp.Or(cmp.Compare(x.index, y.index), cmp.Compare(x.mask, y.mask), cmp.Compare(x.value, y.value))
	})
}

// argClauses gives the clauses of one condition of a rule. No two of them are met by the same argument, so that it makes no
// difference in which order libseccomp tries them.
func argClauses(arg control.ArgCondition) []clause {
	var out []clause
	add := func(mask, value uint64) { out = append(out, clause{condition{arg.Index, mask, value}}) }
	switch {
	case arg.Masked:
		switch {
		case arg.Value&^arg.Mask != 0: // never: no argument has bits outside the mask
		case arg.Mask == 0:
			out = []clause{{}} // always
		default:
			add(arg.Mask, arg.Value)
		}
	case arg.HasAny != 0:
		var seen uint64
		for b := range 32 { // the first of the bits that the argument has
			if bit := uint64(1) << b; arg.HasAny&bit != 0 {
				seen |= bit
				add(seen, bit)
			}
		}
	case len(arg.NotIn) > 0:
		outside(arg.NotIn, 0, 1<<32, add)
	default:
		for _, v := range slices.Compact(slices.Sorted(slices.Values(arg.In))) {
			add(allBits, v)
		}
	}
	return out
}

// outside divides what the values leave of the numbers from a first one on into blocks, as a range of addresses is divided into prefixes:
// size is a power of two, and the first number a multiple of it.
func outside(values []uint64, first, size uint64, add func(mask, value uint64)) {
	within := slices.DeleteFunc(slices.Clone(values), func(v uint64) bool { return v < first || v-first >= size })
	switch {
	case len(within) == 0:
		add(lowBits&^(size-1), first)
	case size > 1:
		outside(within, first, size/2, add)
		outside(within, first+size/2, size/2, add)
	}
}

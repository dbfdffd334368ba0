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

// way is one way in which a call is allowed: conditions on different arguments, by index, that hold together. The empty way is the
// call whatever its arguments.
type way []condition

// maxWays bounds the ways of one call: each becomes a rule, and a kernel takes 4,096 instructions a filter.
const maxWays = 256

func unconditional(ways []way) bool {
	return slices.ContainsFunc(ways, func(w way) bool { return len(w) == 0 })
}

// both gives the ways that satisfy one of a and one of b. It is false where there are more than maxWays.
func both(a, b []way) ([]way, bool) {
	var out []way
	for _, x := range a {
		for _, y := range b {
			if w, ok := join(x, y); ok {
				out = append(out, w)
			}
		}
		if len(out) > 4*maxWays { // some of which may cover others
			return nil, false
		}
	}
	out = tidy(out)
	return out, len(out) <= maxWays
}

// within gives the ways that satisfy one of each of the lists, too. It is false as both is.
func within(ways []way, to [][]way) ([]way, bool) {
	for _, list := range to {
		var ok bool
		if ways, ok = both(ways, list); !ok {
			return nil, false
		}
	}
	return ways, true
}

// join gives the conditions of two ways together. It is false when they contradict each other.
func join(a, b way) (way, bool) {
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

// tidy sorts ways, and leaves out those that another one covers.
func tidy(ways []way) []way {
	if len(ways) <= 1 {
		return ways
	}
	slices.SortFunc(ways, compareWays)
	ways = slices.CompactFunc(ways, func(a, b way) bool { return slices.Equal(a, b) })
	var out []way
	for i, w := range ways {
		covers := func(wider way) bool { return wider.covers(w) }
		if !slices.ContainsFunc(ways[:i], covers) && !slices.ContainsFunc(ways[i+1:], covers) {
			out = append(out, w)
		}
	}
	return out
}

// covers says whether all that the other way allows is allowed by this one.
func (w way) covers(other way) bool {
	for _, c := range w {
		i := slices.IndexFunc(other, func(o condition) bool { return o.index == c.index })
		if i < 0 || other[i].mask&c.mask != c.mask || other[i].value&c.mask != c.value {
			return false
		}
	}
	return true
}

func compareWays(a, b way) int {
	return slices.CompareFunc(a, b, func(x, y condition) int {
		return cmp.Or(cmp.Compare(x.index, y.index), cmp.Compare(x.mask, y.mask), cmp.Compare(x.value, y.value))
	})
}

// argWays gives the ways in which one condition of a rule holds. No two of them hold for the same argument, so that it makes no
// difference in which order libseccomp tries them.
func argWays(arg control.ArgCondition) []way {
	var out []way
	add := func(mask, value uint64) { out = append(out, way{condition{arg.Index, mask, value}}) }
	switch {
	case arg.Masked:
		if arg.Value&^arg.Mask == 0 { // otherwise never: no argument has bits outside the mask
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

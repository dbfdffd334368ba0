package seccomp

import (
	"cmp"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// condition says that argument & mask == value, on the 32 bits that the kernel reads of an integer argument.
type condition struct {
	index       int
	mask, value uint32
}

const allBits = ^uint32(0)

// way is one way in which a call is allowed: conditions on different arguments, by index, that hold together. The empty way is the
// call whatever its arguments.
type way []condition

// maxWays bounds the ways of one call: each becomes a rule, and a kernel takes 4,096 instructions a filter.
const maxWays = 256

func unconditional(ways []way) bool {
	return slices.ContainsFunc(ways, func(w way) bool { return len(w) == 0 })
}

// both gives the ways that satisfy one of a and one of b.
func both(a, b []way) []way {
	var out []way
	for _, x := range a {
		for _, y := range b {
			if w, ok := join(x, y); ok {
				out = append(out, w)
			}
			if len(out) > 4*maxWays {
				return out
			}
		}
	}
	return tidy(out)
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

// waysOf gives the ways that a rule of the policy leaves: one for each value of each list.
func waysOf(rule *policy.SyscallRule) []way {
	ways := []way{{}}
	for _, arg := range rule.Args {
		ways = both(ways, argWays(arg))
	}
	return ways
}

func argWays(arg policy.ArgCondition) []way {
	var out []way
	if arg.Masked {
		if arg.Value&^arg.Mask != 0 { // no argument has bits outside the mask: never
			return nil
		}
		return []way{{condition{arg.Index, uint32(arg.Mask), uint32(arg.Value)}}}
	}
	for _, v := range arg.In {
		out = append(out, way{condition{arg.Index, allBits, uint32(v)}})
	}
	return out
}

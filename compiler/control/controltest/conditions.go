package controltest

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Holds reports whether an argument of a system call meets a condition, by the condition's definition alone. in compares all 64 bits of the
// argument, the other operators compare the lower 32.
func Holds(c control.ArgCondition, arg uint64) bool {
	low := arg & 0xffffffff
	switch {
	case c.Masked:
		return low&c.Mask == c.Value
	case c.HasAny != 0:
		return low&c.HasAny != 0
	case c.NotIn != nil:
		return !slices.Contains(c.NotIn, low)
	}
	return slices.Contains(c.In, arg)
}

// Allows reports whether the arguments of a system call meet a rule: all of its conditions, and all conditions of one alternative where there are
// alternatives.
func Allows(rule *control.SyscallRule, args [6]uint64) bool {
	fails := func(c control.ArgCondition) bool { return !Holds(c, args[c.Index]) }
	holds := func(all []control.ArgCondition) bool { return !slices.ContainsFunc(all, fails) }
	return holds(rule.Args) && (len(rule.Alternatives) == 0 || slices.ContainsFunc(rule.Alternatives, holds))
}

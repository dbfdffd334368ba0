package seccomp

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/control/controltest"
)

func (w clause) matches(args [6]uint64) bool {
	return !slices.ContainsFunc(w, func(c condition) bool { return args[c.index]&c.mask != c.value })
}

// drawValue draws numbers of 32 bits that lie close to each other, to powers of two and to the ends.
func drawValue(t *rapid.T) uint64 {
	base := rapid.SampledFrom([]uint64{0, 4, 0x80, 0x5412, 0x10000000, 0x7fffffff, 0x80000000, 0xfffffff0}).Draw(t, "base")
	return (base + rapid.Uint64Range(0, 9).Draw(t, "offset")) & 0xffffffff
}

func drawCondition(t *rapid.T) control.ArgCondition {
	c := control.ArgCondition{Index: rapid.IntRange(0, 2).Draw(t, "index")}
	values := rapid.SliceOfN(rapid.Custom(drawValue), 1, 4).Draw(t, "values")
	mask := rapid.SampledFrom([]uint64{1, 0xf, 0x80000001, 0x10000100, 0xffffffff, 0x7e020000}).Draw(t, "mask")
	switch rapid.IntRange(0, 3).Draw(t, "operator") {
	case 0:
		c.In = values
	case 1:
		c.NotIn = values
	case 2:
		c.HasAny = mask
	case 3:
		c.Masked, c.Mask, c.Value = true, mask, values[0]&mask
	}
	return c
}

// TestClausesAreTheConditions holds that the clauses of conditions are met by exactly the arguments that meet the conditions, whatever is in the
// upper half, and one clause at most is met.
func TestClausesAreTheConditions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		conditions := rapid.SliceOfN(rapid.Custom(drawCondition), 1, 4).Draw(t, "conditions")
		var lists [][]clause
		for _, c := range conditions {
			lists = append(lists, argClauses(c))
		}
		clauses, ok := intersectAll([]clause{{}}, lists)
		if !ok {
			return // which the policy is told
		}
		for range 100 {
			var args [6]uint64
			for i := range 3 {
				args[i] = rapid.OneOf(rapid.Uint64(), rapid.Custom(drawValue)).Draw(t, "argument")
				args[i] |= rapid.SampledFrom([]uint64{0, 1 << 32, 0xffffffff << 32}).Draw(t, "upper half")
			}
			want := !slices.ContainsFunc(conditions, func(c control.ArgCondition) bool { return !controltest.Holds(c, args[c.Index]) })
			met := 0
			for _, w := range clauses {
				if w.matches(args) {
					met++
				}
			}
			if want && met != 1 || !want && met != 0 {
				t.Fatalf("%#x meets %d of the clauses %v; the conditions %+v: %v", args, met, clauses, conditions, want)
			}
		}
	})
}

// TestAlternativesAreTheConditions holds the same of rules with alternatives, of which several may be met.
func TestAlternativesAreTheConditions(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) *control.SyscallRule {
		conditions := rapid.SliceOfN(rapid.Custom(drawCondition), 1, 2)
		return &control.SyscallRule{
			Args:         rapid.SliceOfN(rapid.Custom(drawCondition), 0, 1).Draw(t, "conditions"),
			Alternatives: rapid.SliceOfN(conditions, 2, 3).Draw(t, "alternatives"),
		}
	})
	args := rapid.Custom(func(t *rapid.T) (args [6]uint64) {
		for i := range 3 {
			args[i] = rapid.OneOf(rapid.Uint64(), rapid.Custom(drawValue)).Draw(t, "argument")
			args[i] |= rapid.SampledFrom([]uint64{0, 0, 1 << 32}).Draw(t, "upper half")
		}
		return args
	})
	outcomes := map[bool]int{}
	check := func(t interface{ Fatalf(string, ...any) }, rule *control.SyscallRule, args [6]uint64) {
		r := &resolution{problems: map[control.ID]problem{}}
		clauses, ok := intersectAll([]clause{{}}, r.ruleClauses(rule))
		if !ok || len(r.problems) > 0 {
			return // which the policy is told
		}
		want := controltest.Allows(rule, args)
		if got := slices.ContainsFunc(clauses, func(w clause) bool { return w.matches(args) }); got != want {
			t.Fatalf("%#x and %+v: the clauses %v say %v, the conditions %v", args, rule, clauses, got, want)
		}
		outcomes[want]++
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			check(t, draw.Draw(t, "rule"), args.Draw(t, "arguments"))
		}
	})
	for seed := range 500 {
		check(t, draw.Example(seed), args.Example(seed))
	}
	if outcomes[true] < 20 || outcomes[false] < 20 {
		t.Errorf("outcomes: %v", outcomes)
	}
}

// TestNotInTakesFewRules holds the numbers of rules that the documentation names.
func TestNotInTakesFewRules(t *testing.T) {
	for _, test := range []struct {
		values []uint64
		want   int
	}{
		{[]uint64{0}, 32}, {[]uint64{0x5412}, 32}, {[]uint64{0x5412, 0x5412}, 32}, {[]uint64{2, 3}, 31}, {[]uint64{0, 0xffffffff}, 62},
	} {
		if got := len(argClauses(control.ArgCondition{NotIn: test.values})); got != test.want {
			t.Errorf("not in %d takes %d rules, want %d", test.values, got, test.want)
		}
	}
	if got := len(argClauses(control.ArgCondition{HasAny: 0x10020000})); got != 2 {
		t.Errorf("one of two bits takes %d rules", got)
	}
}

// TestCoveredTogether compares what clauses allow, of three arguments with four values each, one by one.
func TestCoveredTogether(t *testing.T) {
	draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) clause {
		var w clause
		for index := range 3 {
			if mask := rapid.SampledFrom([]uint64{0, 0, 1, 2, 3, allBits}).Draw(t, "mask"); mask != 0 {
				w = append(w, condition{index, mask, rapid.Uint64Range(0, 3).Draw(t, "value") & mask})
			}
		}
		return w
	}), 1, 8)
	outcomes := map[bool]int{}
	check := func(t interface{ Fatalf(string, ...any) }, clauses, wider []clause) {
		allows := func(list []clause, args [6]uint64) bool {
			return slices.ContainsFunc(list, func(w clause) bool { return w.matches(args) })
		}
		want := true
		for i := range uint64(8 * 8 * 8) {
			args := [6]uint64{i & 7, i >> 3 & 7, i >> 6} // 4 and above stand for all values with other bits
			want = want && (!allows(clauses, args) || allows(wider, args))
		}
		if got := covered(clauses, wider); got != want {
			t.Fatalf("%v within %v: %v, want %v", clauses, wider, got, want)
		}
		outcomes[want]++
	}
	rapid.Check(t, func(t *rapid.T) { check(t, draw.Draw(t, "clauses"), draw.Draw(t, "wider")) })
	for seed := range 200 {
		check(t, draw.Example(seed)[:1:1], draw.Example(-1-seed))
	}
	if outcomes[true] < 20 || outcomes[false] < 20 {
		t.Errorf("outcomes: %v", outcomes)
	}
}

// TestCoveredGivesUp holds that what takes too long counts as not covered.
func TestCoveredGivesUp(t *testing.T) {
	var wider []clause
	for bit := range 32 { // one of two bits that are side by side, in all combinations
		wider = append(wider, clause{{0, 1 << bit, 0}, {1, 1 << bit, 0}}, clause{{2, 1 << bit, 1 << bit}, {1, 1 << bit, 1 << bit}})
	}
	if covered([]clause{{}}, wider) {
		t.Error("the clauses do not allow everything")
	}
}

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

// TestSizeTellsClausesApart holds that clauses are of one size only where they are the same, one being within the other.
func TestSizeTellsClausesApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCondition(t), drawCondition(t)
		clauses := argClauses(a)
		left, ok := intersectAll(clauses, [][]clause{argClauses(b)})
		if !ok {
			return
		}
		same := size(left).Cmp(size(clauses)) == 0
		var args [6]uint64
		for range 100 {
			args[a.Index], args[b.Index] = drawValue(t), drawValue(t)
			if same && controltest.Holds(a, args[a.Index]) && !controltest.Holds(b, args[b.Index]) {
				t.Fatalf("%+v takes %#x away from %+v, and no size", b, args, a)
			}
		}
		if a.Index == b.Index && slices.Equal(a.In, b.In) && slices.Equal(a.NotIn, b.NotIn) && a.HasAny == b.HasAny && a.Mask == b.Mask && a.Value == b.Value && !same {
			t.Fatalf("%+v changes itself", a)
		}
	})
}

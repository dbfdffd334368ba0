package module

import (
	"reflect"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// budget counts down the steps that an evaluation may still take. Once it is
// used up, every further charge fails: `try` cannot hide that.
type budget struct{ left atomic.Int64 }

func newBudget() *budget {
	b := &budget{}
	b.left.Store(MaxSteps)
	return b
}

func (b *budget) charge(steps int) bool { return b.left.Add(-int64(steps)) >= 0 }

func (b *budget) spent() bool { return b.left.Load() < 0 }

// budgetType carries a budget as a value of an evaluation context.
var budgetType = cty.Capsule("budget", reflect.TypeFor[budget]())

// budgetOf finds the budget of an evaluation.
func budgetOf(ctx *hcl.EvalContext) *budget {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[budgetName]; ok {
			return v.EncapsulatedValue().(*budget)
		}
	}
	return &budget{} // nothing may be spent
}

// length is what it costs to walk over a value once: its elements, or bytes.
func length(v cty.Value) int {
	v, _ = v.Unmark()
	switch {
	case v == cty.NilVal || !v.IsKnown() || v.IsNull():
		return 1
	case v.Type() == cty.String:
		return 1 + len(v.AsString())/16 // copying is cheaper than a round of a loop
	case v.CanIterateElements():
		return 1 + v.LengthInt()
	}
	return 1
}

// size is what it costs to walk over a value to its leaves. It stops counting
// beyond the largest budget, so it cannot run away itself.
func size(v cty.Value) int {
	total := 0
	var walk func(cty.Value)
	walk = func(v cty.Value) {
		total += length(v)
		v, _ = v.Unmark()
		if v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
			for it := v.ElementIterator(); it.Next() && total < MaxSteps; {
				_, e := it.Element()
				walk(e)
			}
		}
	}
	if v != cty.NilVal {
		walk(v)
	}
	return total
}

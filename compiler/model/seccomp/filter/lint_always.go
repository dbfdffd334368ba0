package filter

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// alwaysTrue finds conditions on one argument that together match every value: SCMP_CMP_NE with two values, SCMP_CMP_GE beside SCMP_CMP_LE. Whoever
// writes them in one rule means that all must match, but runtimes make a rule of each (see sets), and one rule that matches is enough.
func (f *Filter) alwaysTrue() []Lint {
	type finding struct {
		rules []*rule
		names []string
	}
	var all []*finding
	for _, call := range linux.Syscalls() {
		for _, rules := range alone(f.wide.calls[call.Name]) {
			if !matchAll(rules) {
				continue
			}
			i := slices.IndexFunc(all, func(g *finding) bool { return slices.EqualFunc(g.rules, rules, sameRule) })
			if i < 0 {
				i, all = len(all), append(all, &finding{rules: rules})
			}
			all[i].names = append(all[i].names, call.Name)
		}
	}
	found := f.emptyMasks()
	for _, g := range all {
		var places []string
		for _, r := range g.rules {
			if !slices.Contains(places, r.place) {
				places = append(places, r.place)
			}
		}
		effect := "refuse"
		if g.rules[0].action.permits() {
			effect = "allow"
		}
		found = append(found, Lint{Place: places[len(places)-1], Call: only(g.names), Summary: "Conditions that always match", Warning: true,
			Reason: fmt.Sprintf("The conditions on argument %d in %s together match every value, and so %s %s whatever the argument: runtimes make a rule of each, and one that matches is enough.",
				g.rules[0].conds[0].index, listed(places), effect, listed(g.names)),
			Remedy: "Write a rule with SCMP_CMP_EQ for each value that is meant."})
	}
	return found
}

// emptyMasks finds comparisons under a mask without bits. libseccomp leaves them out, so that the rule is without them.
func (f *Filter) emptyMasks() []Lint {
	var found []Lint
	for _, r := range f.rules {
		i := slices.IndexFunc(r.conds, condition.always)
		if i < 0 {
			continue
		}
		found = append(found, Lint{Place: r.place, Call: only(r.names), Summary: "Conditions that always match", Warning: true,
			Reason: fmt.Sprintf("The mask of argument %d in %s is 0, and so the condition matches every value.", r.conds[i].index, r.place),
			Remedy: "State the bits of the argument that are compared as the mask (value), and what they must be (valueTwo)."})
	}
	return found
}

// sameRule says whether two rules of different calls are the same line of the profile.
func sameRule(a, b *rule) bool { return a.place == b.place && slices.Equal(a.conds, b.conds) }

// alone groups the rules that have one condition, by their verdict and by the argument.
func alone(rules []*rule) [][]*rule {
	var groups [][]*rule
	for _, r := range rules {
		if len(r.conds) != 1 {
			continue
		}
		i := slices.IndexFunc(groups, func(g []*rule) bool { return g[0].verdict == r.verdict && g[0].conds[0].index == r.conds[0].index })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// matchAll says whether every value meets the condition of one of the rules. Masks count where those of one mask name all values of its bits.
func matchAll(rules []*rule) bool {
	var spans []span
	masks := map[uint64]map[uint64]bool{}
	for _, r := range rules {
		c := r.conds[0]
		spans = append(spans, c.spans()...)
		if c.op == maskedEqual {
			if masks[c.mask] == nil {
				masks[c.mask] = map[uint64]bool{}
			}
			masks[c.mask][c.value] = true
		}
	}
	for mask, values := range masks {
		bits := 0
		for m := mask; m != 0; m &= m - 1 {
			bits++
		}
		if bits < 32 && len(values) == 1<<bits {
			return true
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	next := uint64(0) // the least value that none matches so far
	for _, s := range spans {
		if s.first > next {
			return false
		}
		if s.last == ^uint64(0) {
			return true
		}
		next = max(next, s.last+1)
	}
	return false
}

// span is the numbers from the first to the last.
type span struct{ first, last uint64 }

// spans are the values that meet a condition; none of maskedEqual.
func (c condition) spans() []span {
	const most = ^uint64(0)
	all := map[operator][]span{
		equal: {{c.value, c.value}}, lessOrEqual: {{0, c.value}}, greaterOrEqual: {{c.value, most}},
	}[c.op]
	if c.value > 0 && (c.op == less || c.op == notEqual) {
		all = append(all, span{0, c.value - 1})
	}
	if c.value < most && (c.op == greater || c.op == notEqual) {
		all = append(all, span{c.value + 1, most})
	}
	return all
}

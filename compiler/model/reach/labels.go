package reach

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// labelled is a set of labels, and what it has beyond those that each pod of an end has.
type labelled struct {
	labels  map[string]string
	further string // "tier=db, zone=a"; "" of nothing
}

// divideLabels gives the sets of labels that selectors tell apart, among those that have at least the labels given: one of each
// class. The first has the fewest labels.
func divideLabels(labels map[string]string, selectors []Selector, steps *budget) ([]labelled, error) {
	rest := residuals(labels, selectors)
	all := []map[string]string{maps.Clone(labels)}
	if labels == nil {
		all[0] = map[string]string{}
	}
	values, done := valuesOf(rest), map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		before := all // in which the key is absent
		if err := steps.spend(len(before) * (1 + len(values[key])) * len(rest)); err != nil {
			return nil, err
		}
		for _, value := range values[key] {
			for _, set := range before {
				with := maps.Clone(set)
				with[key] = value
				if all = append(all, with); len(all) > MaxParts {
					return nil, errTooMany
				}
			}
		}
		done[key] = true
		all = apart(all, rest, done)
	}
	out := make([]labelled, len(all))
	for i, set := range all {
		out[i] = labelled{set, beyond(set, labels)}
	}
	return out, nil
}

// residuals are what is left of selectors for labels beyond those given: of each that these do not rule out, the requirements on
// other labels.
func residuals(labels map[string]string, selectors []Selector) []Selector {
	var out []Selector
	seen := map[string]bool{}
	for _, s := range selectors {
		rest, ok := s.residual(labels)
		if !ok || len(rest) == 0 {
			continue
		}
		key := ""
		for _, r := range rest {
			key += fmt.Sprintf("%q %d %q;", r.Key, r.Operator, r.Values)
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, rest)
		}
	}
	return out
}

// residual gives the requirements on labels that are not given; ok is false where those that are given rule the selector out.
func (s Selector) residual(labels map[string]string) (rest Selector, ok bool) {
	for _, r := range s {
		value, has := labels[r.Key]
		switch {
		case !has:
			rest = append(rest, r)
		case r.match(value, true) != yes:
			return nil, false
		}
	}
	return rest, true
}

// valuesOf lists, by key, the values that requirements tell apart: those that they name and, where one tells an unnamed value from
// none, an unnamed one.
func valuesOf(selectors []Selector) map[string][]string {
	out := map[string][]string{}
	unnamed := map[string]bool{}
	for _, s := range selectors {
		for _, r := range s {
			out[r.Key] = append(out[r.Key], r.Values...)
			unnamed[r.Key] = unnamed[r.Key] || r.Operator == Exists || r.Operator == DoesNotExist
		}
	}
	for key, values := range out {
		slices.Sort(values)
		values = slices.Compact(values)
		if unnamed[key] {
			other := "some-other-value"
			for slices.Contains(values, other) {
				other += "-2"
			}
			values = append(values, other)
		}
		out[key] = values
	}
	return out
}

// apart keeps the first of the sets of labels that leave the same selectors possible. The keys that are done are decided; the others
// are the same in every set.
func apart(sets []map[string]string, selectors []Selector, done map[string]bool) []map[string]string {
	seen := map[string]bool{}
	return slices.DeleteFunc(sets, func(set map[string]string) bool {
		possible := make([]byte, len(selectors))
		for i, s := range selectors {
			failed := func(r Requirement) bool {
				value, has := set[r.Key]
				return done[r.Key] && r.match(value, has) != yes
			}
			if !slices.ContainsFunc(s, failed) {
				possible[i] = 1
			}
		}
		key := string(possible)
		before := seen[key]
		seen[key] = true
		return before
	})
}

func beyond(set, labels map[string]string) string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if _, has := labels[key]; !has {
			words = append(words, fmt.Sprintf("%s=%s", key, set[key]))
		}
	}
	return strings.Join(words, ", ")
}

package falco

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

// callArgument says how Falco shows an argument of a call.
type callArgument struct {
	call   string
	index  int
	name   string // of the event's parameter
	prefix string // of the constants that it shows instead of numbers; "": it shows numbers
	flags  bool   // it shows all names whose bits are set, with bars between
}

// callArguments are the arguments that Falco 0.44 decodes and that seccomp sees.
var callArguments = []callArgument{
	{"bpf", 0, "cmd", "BPF_", false},
	{"clone", 0, "flags", "CLONE_", true},
	{"keyctl", 0, "operation", "KEYCTL_", false},
	{"mount", 3, "flags", "MS_", true},
	{"prctl", 0, "option", "PR_", false},
	{"ptrace", 0, "request", "PTRACE_", false},
	{"setns", 1, "nstype", "CLONE_", true},
	{"socket", 0, "domain", "AF_", false},
	{"socket", 1, "type", "", false},
	{"socket", 2, "proto", "", false},
	{"socketpair", 0, "domain", "AF_", false},
	{"socketpair", 1, "type", "", false},
	{"socketpair", 2, "proto", "", false},
	{"unshare", 0, "flags", "CLONE_", true},
}

func findArgument(call string, index int) (callArgument, bool) {
	i := slices.IndexFunc(callArguments, func(a callArgument) bool { return a.call == call && a.index == index })
	if i < 0 {
		return callArgument{}, false
	}
	return callArguments[i], true
}

// watchCallArguments watches calls that go against a seccomp.rule.
func watchCallArguments(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	var w watch
	for _, it := range c.Get(ctrl.ID).Items {
		one := watchRule(it.Body.(*control.SyscallRule))
		w.clauses = append(w.clauses, one.clauses...)
		if w.gap == "" {
			w.gap = one.gap
		}
	}
	w.clauses = merged(w.clauses)
	return w
}

// watchRule watches calls that do not fulfil a rule's conditions: one that fails
// is enough, or all alternatives.
func watchRule(rule *control.SyscallRule) watch {
	var w watch
	for _, call := range control.ExpandCalls(rule.Syscalls) {
		see := func(conditions []control.ArgCondition, when string, ok bool) {
			if ok {
				w.clauses = append(w.clauses, clause{[]string{call.Key}, when})
				return
			}
			hidden := slices.IndexFunc(conditions, func(c control.ArgCondition) bool { _, shown := violated(call.Key, c); return !shown })
			w.gap = fmt.Sprintf("Falco does not show argument %d of %s as the rule compares it", conditions[hidden].Index, call.Key)
		}
		for _, condition := range rule.Args {
			when, ok := violated(call.Key, condition)
			see([]control.ArgCondition{condition}, when, ok)
		}
		if len(rule.Alternatives) > 0 {
			when, ok := violatedAll(call.Key, rule.Alternatives)
			see(slices.Concat(rule.Alternatives...), when, ok)
		}
	}
	return w
}

// violatedAll says when arguments go against every alternative, if Falco shows all of them.
func violatedAll(call string, alternatives [][]control.ArgCondition) (string, bool) {
	var all []string
	for _, alternative := range alternatives {
		var some []string
		for _, condition := range alternative {
			when, ok := violated(call, condition)
			if !ok {
				return "", false
			}
			some = append(some, "("+when+")")
		}
		all = append(all, "("+strings.Join(some, " or ")+")")
	}
	return strings.Join(all, " and "), true
}

// violated says when an argument goes against a condition, if Falco shows it.
func violated(call string, condition control.ArgCondition) (string, bool) {
	a, ok := findArgument(call, condition.Index)
	if !ok {
		return "", false
	}
	field := "evt.arg." + a.name
	switch {
	case condition.Masked && a.flags && condition.Value == 0:
		names := constantsWithin(a.prefix, condition.Mask)
		return flagged(field, names...), len(names) > 0
	case len(condition.In) > 0 && !a.flags:
		return field + " exists and not " + field + " in " + a.allShown(condition.In), true
	case len(condition.NotIn) > 0 && !a.flags:
		return field + " in " + a.allShown(condition.NotIn), true
	}
	return "", false
}

// allShown lists the ways in which Falco may write the values.
func (a callArgument) allShown(values []uint64) string {
	var shown []string
	for _, v := range values {
		shown = append(shown, a.shown(v)...)
	}
	slices.Sort(shown)
	return words(slices.Compact(shown))
}

// constant is a name that Falco may show for a number.
type constant struct {
	name  string
	value uint64
}

// constants are those that package linux knows, by the part of their names up to
// the first underscore, sorted by name.
var constants = sync.OnceValue(func() map[string][]constant {
	byPrefix := map[string][]constant{}
	for _, name := range linux.Constants() {
		if prefix, _, ok := strings.Cut(name, "_"); ok {
			value, _ := linux.Constant(name)
			byPrefix[prefix+"_"] = append(byPrefix[prefix+"_"], constant{name, value})
		}
	}
	return byPrefix
})

// shown are the ways in which Falco may write a value: the constants' names, and
// the number where it has none. Of a family with two names it writes both, in an order of its own ("AF_LOCAL|AF_UNIX").
func (a callArgument) shown(value uint64) []string {
	var names []string
	for _, c := range constants()[a.prefix] {
		if c.value == value && (a.prefix != "AF_" || rules.HasFamily(c.name)) {
			names = append(names, c.name)
		}
	}
	shown := append([]string{strconv.FormatUint(value, 10)}, names...)
	if a.prefix == "AF_" && len(names) == 2 {
		shown = append(shown, quote(names[0]+"|"+names[1]), quote(names[1]+"|"+names[0]))
	}
	return shown
}

// constantsWithin are the constants of one bit which a mask covers.
func constantsWithin(prefix string, mask uint64) []string {
	var names []string
	for _, c := range constants()[prefix] {
		if c.value&mask == c.value && c.value != 0 && c.value&(c.value-1) == 0 {
			names = append(names, c.name)
		}
	}
	return names
}

// watchFamilies watches sockets of other families than network.families.
func watchFamilies(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	var shown []string
	for _, family := range c.Get(ctrl.ID).Keys() {
		number, ok := linux.Family(family)
		if !ok {
			continue
		}
		domain, _ := findArgument("socket", 0)
		shown = append(shown, domain.shown(uint64(number))...)
	}
	slices.Sort(shown)
	when := "evt.arg.domain exists"
	if len(shown) > 0 {
		when += " and not evt.arg.domain in " + words(slices.Compact(shown))
	}
	return watch{
		clauses: []clause{{[]string{"socket", "socketpair"}, when}},
		gap:     "what socketcall does on 32-bit x86 is not decoded",
	}
}

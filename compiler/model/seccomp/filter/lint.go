package filter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Lint is something in a profile that holds less than it seems to, or more than was meant, or that is good to know.
type Lint struct {
	Name    string // of what was looked for, in kebab case: "swallowed-deny"
	Place   string // JSON pointer; empty: the whole profile
	Call    string // the system call that it is about, where it is one
	Summary string // in three to five words
	Reason  string // one or two sentences
	Remedy  string // one sentence; empty where there is nothing to do
	Warning bool   // somebody should change something; otherwise it is only said
}

// lints are what is looked for. Each gives its lints without their name.
var lints = []struct {
	name string
	look func(*Filter) []Lint
}{
	{"allowed-for-nothing", (*Filter).allowedForNothing},
	{"always-true", (*Filter).alwaysTrue},
	{"architectures", (*Filter).uncovered},
	{"bitmap", (*Filter).bitmap},
	{"capability-for-nothing", (*Filter).capabilityForNothing},
	{"capability-opens", (*Filter).capabilityOpens},
	{"clone3", (*Filter).clone3},
	{"default-allow", (*Filter).defaultAllow},
	{"distribution-limit", (*Filter).distributionLimit},
	{"ignored", (*Filter).passedOver},
	{"io-uring", (*Filter).ring},
	{"kill-thread", (*Filter).killThread},
	{"late-name", (*Filter).lateName},
	{"multiplexed-call", (*Filter).multiplexedCall},
	{"no-effect", (*Filter).noEffect},
	{"notify", (*Filter).notify},
	{"pointer-comparison", (*Filter).pointerComparison},
	{"runtime-needs", (*Filter).runtimeNeeds},
	{"swallowed-deny", (*Filter).swallowedDeny},
	{"unknown-name", (*Filter).unknownName},
	{"unsafe-comparison", (*Filter).unsafeComparison},
}

// LintNames lists what Lint looks for, by name.
func LintNames() []string {
	var names []string
	for _, l := range lints {
		names = append(names, l.name)
	}
	return names
}

// Lint looks for all of it, in the order of the profile's text. What it says of capabilities needs Node.Capabilities.
func (f *Filter) Lint() []Lint {
	var all []Lint
	for _, l := range lints {
		for _, found := range l.look(f) {
			found.Name = l.name
			all = append(all, found)
		}
	}
	slices.SortStableFunc(all, func(a, b Lint) int { return cmp.Compare(f.index[a.Place], f.index[b.Place]) })
	return all
}

// permits says whether an action lets a call be carried out.
func (a Action) permits() bool { return a == Allow || a == Log }

// reach is how far the filter lets a call get.
type reach int

const (
	unreached reach = iota // whatever the arguments, it is refused
	narrowed               // some arguments get through, or another process decides
	open                   // whatever the arguments, it is carried out
)

// reach is of the rules as compared on 64 bits.
func (f *Filter) reach(name string) reach {
	rules := f.wide.calls[name]
	verdicts := []Action{}
	for _, r := range rules {
		verdicts = append(verdicts, r.action)
	}
	if len(rules) == 0 || len(rules[0].conds) > 0 {
		verdicts = append(verdicts, f.initial.action)
	}
	passed := 0
	for _, a := range verdicts {
		if a.permits() {
			passed++
		}
	}
	switch {
	case passed == len(verdicts):
		return open
	case passed > 0, slices.Contains(verdicts, Notify), slices.Contains(verdicts, Trace):
		return narrowed
	}
	return unreached
}

// ruled is the place of the first rule for a call, in the order in which they are tried, or of the default action.
func (f *Filter) ruled(name string) string {
	if rules := f.wide.calls[name]; len(rules) > 0 {
		return rules[0].place
	}
	return "/defaultAction"
}

// covered lists the architectures that the filter is known to cover and whose calls are known, by Arch.
func (f *Filter) covered() []linux.Architecture {
	return slices.DeleteFunc(linux.Architectures(), func(a linux.Architecture) bool {
		return !a.HasTable || !f.arches[a.Arch] && a.Arch != f.node.Native
	})
}

// has says whether a covered architecture has a call; where none is listed, all may.
func (f *Filter) has(name string) bool {
	arches := f.covered()
	return len(arches) == 0 || slices.ContainsFunc(arches, func(a linux.Architecture) bool {
		_, ok := linux.SyscallNumber(a.Arch, name)
		return ok
	})
}

// those gives the calls that a covered architecture has and that pass a test.
func (f *Filter) those(names []string, test func(string) bool) []string {
	var list []string
	for _, name := range names {
		if f.has(name) && test(name) {
			list = append(list, name)
		}
	}
	return list
}

// listed writes names out, the first few of them.
func listed(names []string) string {
	const most = 5
	switch {
	case len(names) > most+1:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	case len(names) > 1:
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return strings.Join(names, "")
}

// only is the one name of a list of one, which a lint is about then.
func only(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return ""
}

// about places a lint that is about some of the names of a rule: at the name where it is one, or at the rule.
func (r written) about(names []string) (place, call string) {
	if call = only(names); call != "" {
		return r.namePlaces[slices.Index(r.names, call)], call
	}
	return r.place, ""
}

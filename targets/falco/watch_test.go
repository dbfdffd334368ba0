package falco

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

func TestViolated(t *testing.T) {
	cases := []struct {
		call      string
		condition control.ArgCondition
		want      string // "" where Falco does not show it
	}{
		{"unshare", control.ArgCondition{Index: 0, Masked: true, Mask: 0x10020000},
			"(evt.arg.flags contains CLONE_NEWNS or evt.arg.flags contains CLONE_NEWUSER)"},
		{"setns", control.ArgCondition{Index: 1, Masked: true, Mask: 0x40000000}, "evt.arg.nstype contains CLONE_NEWNET"},
		{"socket", control.ArgCondition{Index: 0, In: []uint64{40}}, "evt.arg.domain exists and not evt.arg.domain in (40)"},
		{"socket", control.ArgCondition{Index: 1, In: []uint64{1, 2}}, "evt.arg.type exists and not evt.arg.type in (1, 2)"},
		{"ptrace", control.ArgCondition{Index: 0, In: []uint64{0}}, "evt.arg.request exists and not evt.arg.request in (0, PTRACE_SYSCALL_INFO_NONE, PTRACE_TRACEME)"},
		{"socket", control.ArgCondition{Index: 0, NotIn: []uint64{16}}, `evt.arg.domain in ("AF_NETLINK|AF_ROUTE", "AF_ROUTE|AF_NETLINK", 16, AF_NETLINK, AF_ROUTE)`},
		{"unshare", control.ArgCondition{Index: 0, NotIn: []uint64{0x20000}}, ""},
		{"unshare", control.ArgCondition{Index: 0, Masked: true, Mask: 0x10020000, Value: 0x20000}, ""},
		{"personality", control.ArgCondition{Index: 0, In: []uint64{0}}, ""},
		{"socket", control.ArgCondition{Index: 5, In: []uint64{0}}, ""},
	}
	for _, c := range cases {
		got, ok := violated(c.call, c.condition)
		if ok != (c.want != "") || got != c.want {
			t.Errorf("%s: got %q, %t; want %q", c.call, got, ok, c.want)
		}
		if err := rules.CheckCondition("evt.type = " + c.call + " and (" + got + ")"); ok && err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}

// TestTablesFitFalco holds the types and conditions that the watchers name to
// Falco's tables: a misspelt one would never fire.
func TestTablesFitFalco(t *testing.T) {
	check := func(c clause) {
		when := c.when
		if when == "" {
			when = "evt.num > 0"
		}
		for _, one := range c.types {
			if !hasEvent(one) {
				t.Errorf("Falco has no event %q", one)
			}
		}
		if err := rules.CheckCondition(eventIs(c.types) + " and (" + when + ")"); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	for name, clauses := range capabilityUses {
		for _, c := range clauses {
			check(c)
		}
		if len(clauses) == 0 {
			t.Errorf("%s has no use", name)
		}
	}
	for _, clauses := range conditionalCalls {
		for _, c := range clauses {
			check(c)
		}
	}
	p := resolve(t, document())
	for c := range p.Subjects() {
		for _, ctrl := range control.Controls() {
			for _, cl := range watchOf(p, c, ctrl).clauses {
				check(cl)
			}
		}
	}
	for _, a := range callArguments {
		if err := rules.CheckCondition("evt.type = " + a.call + " and evt.arg." + a.name + " exists"); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
	}
}

// TestAlternativesAreViolatedTogether holds that an event goes against alternatives only where it goes against each of them, in one
// condition at least.
func TestAlternativesAreViolatedTogether(t *testing.T) {
	rule := &control.SyscallRule{Syscalls: []control.Item{{Key: "socket"}}, Alternatives: [][]control.ArgCondition{
		{{Index: 0, NotIn: []uint64{16}}}, {{Index: 1, In: []uint64{3}}, {Index: 2, In: []uint64{0}}},
	}}
	w := watchRule(rule)
	want := `((evt.arg.domain in ("AF_NETLINK|AF_ROUTE", "AF_ROUTE|AF_NETLINK", 16, AF_NETLINK, AF_ROUTE))) and ((evt.arg.type exists and not evt.arg.type in (3)) or (evt.arg.proto exists and not evt.arg.proto in (0)))`
	if len(w.clauses) != 1 || w.clauses[0].when != want || w.gap != "" {
		t.Errorf("got %+v, want %s", w, want)
	}
	if err := rules.CheckCondition("evt.type = socket and " + want); err != nil {
		t.Error(err)
	}
	rule.Alternatives[1][1] = control.ArgCondition{Index: 5, In: []uint64{0}}
	if w := watchRule(rule); len(w.clauses) != 0 || w.gap != "Falco does not show argument 5 of socket as the rule compares it" {
		t.Errorf("an alternative that Falco does not show: %+v", w)
	}
}

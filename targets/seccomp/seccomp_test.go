package seccomp_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// TestVerdicts tells what becomes of calls, and which control is behind a refusal.
func TestVerdicts(t *testing.T) {
	runtimeDefault := policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}
	with := func(id control.ID, s policy.Setting) policy.Settings {
		return policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), id: s}
	}
	everything := func(id control.ID, s policy.Setting) policy.Settings {
		return policy.Settings{control.SeccompAllow: set(10, "*"), id: s}
	}
	families := set(14, "unix", "inet", "inet6")
	withNetlink := policy.Settings{
		control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: set(14, "unix", "netlink"),
		control.SeccompRule: rules(either("route", []string{"socket"}, []control.ArgCondition{notIn(0, 16)}, []control.ArgCondition{in(2, 0)})),
	}
	tests := []struct {
		name     string
		settings policy.Settings
		arches   []string
		arch     string
		call     string
		args     []uint64
		want     string // the outcome, and the action where it is refused
		control  string
	}{
		{"default allows reading", runtimeDefault, nil, "", "read", nil, "allow", ""},
		{"default refuses mounting", runtimeDefault, nil, "", "mount", nil, "deny ERRNO(1)", "seccomp.allow"},
		{"default refuses a user namespace", runtimeDefault, nil, "", "clone", []uint64{0x10000000}, "deny ERRNO(1)", "seccomp.allow"},
		{"junk above 32 bits changes nothing", runtimeDefault, nil, "", "clone", []uint64{0xff00000010000000}, "deny ERRNO(1)", "seccomp.allow"},
		{"default allows threads", runtimeDefault, nil, "", "clone", []uint64{0x3d0f00}, "allow", ""},
		{"libc probes clone3", runtimeDefault, nil, "", "clone3", nil, "deny ERRNO(38)", "seccomp.allow"},
		{"default refuses AF_ALG", runtimeDefault, nil, "", "socket", []uint64{38}, "deny ERRNO(1)", "seccomp.allow"},
		{"default refuses AF_VSOCK", runtimeDefault, nil, "", "socket", []uint64{40}, "deny ERRNO(1)", "seccomp.allow"},
		{"default allows AF_PACKET", runtimeDefault, nil, "", "socket", []uint64{17}, "allow", ""},
		{"default allows the query of personality", runtimeDefault, nil, "", "personality", []uint64{0xffffffff}, "allow", ""},
		{"default refuses READ_IMPLIES_EXEC", runtimeDefault, nil, "", "personality", []uint64{0x0400000}, "deny ERRNO(1)", "seccomp.allow"},
		{"no such call", runtimeDefault, nil, "arm64", "open", nil, "not-applicable", ""},
		{"32-bit calls end", runtimeDefault, []string{"amd64"}, "386", "read", nil, "deny KILL", "seccomp.allow"},
		{"32-bit calls run where the platform has them", runtimeDefault, []string{"386", "amd64"}, "386", "read", nil, "allow", ""},
		{"default reaches socketcall, as moby's does", runtimeDefault, []string{"386", "amd64"}, "386", "socketcall", []uint64{1}, "allow", ""},

		{"and a policy can close it", with(control.SeccompDeny, set(11, "socketcall")), []string{"386", "amd64"}, "386", "socketcall", []uint64{1}, "deny ERRNO(38)", "seccomp.deny"},
		{"while direct calls go on", with(control.SeccompDeny, set(11, "socketcall")), []string{"386", "amd64"}, "386", "socket", []uint64{1}, "allow", ""},

		{"a capability opens its calls", with(control.CapabilitiesAdd, set(11, "SYS_ADMIN")), nil, "", "mount", nil, "allow", ""},
		{"and not others", with(control.CapabilitiesAdd, set(11, "SYS_ADMIN")), nil, "", "reboot", nil, "deny ERRNO(1)", "seccomp.allow"},
		{"without a capability its calls close", with(control.CapabilitiesDrop, set(11, "ALL")), nil, "", "chroot", nil, "deny ERRNO(1)", "seccomp.allow"},

		{"deny takes away", with(control.SeccompDeny, set(11, "@ptrace", "vmsplice")), nil, "", "ptrace", nil, "deny ERRNO(1)", "seccomp.deny"},
		{"deny of a newer call", with(control.SeccompDeny, set(11, "@landlock")), nil, "", "landlock_create_ruleset", nil, "deny ERRNO(1)", "seccomp.deny"},
		{"deny leaves the rest", with(control.SeccompDeny, set(11, "@ptrace")), nil, "", "read", nil, "allow", ""},
		{"deny of all but", everything(control.SeccompDeny, set(11, "bpf")), nil, "", "bpf", nil, "deny ERRNO(1)", "seccomp.deny"},
		{"all but denied", everything(control.SeccompDeny, set(11, "bpf")), nil, "", "mount", nil, "allow", ""},
		{"all is all", policy.Settings{control.SeccompAllow: set(10, "*")}, nil, "386", "mount", nil, "allow", ""},

		{"a family of the list", with(control.NetworkFamilies, families), nil, "", "socket", []uint64{2}, "allow", ""},
		{"a family beside the list", with(control.NetworkFamilies, families), nil, "", "socket", []uint64{17}, "deny ERRNO(1)", "network.families"},
		{"a pair of a family beside the list", with(control.NetworkFamilies, families), nil, "", "socketpair", []uint64{40}, "deny ERRNO(1)", "network.families"},
		{"all sockets but", everything(control.NetworkFamilies, families), nil, "", "socket", []uint64{17}, "deny ERRNO(1)", "network.families"},
		{"no way round by socketcall", with(control.NetworkFamilies, families), []string{"386", "amd64"}, "386", "socketcall", []uint64{1}, "deny ERRNO(38)", "network.families"},
		{"no way round by socketcall on s390x", with(control.NetworkFamilies, families), []string{"s390x"}, "", "socketcall", []uint64{1}, "deny ERRNO(38)", "network.families"},
		{"nor by socketcall that is denied", with(control.SeccompDeny, set(11, "socketcall")), []string{"386"}, "386", "socketcall", []uint64{3}, "deny ERRNO(38)", "seccomp.deny"},
		{"deny of socket closes socketcall for it", with(control.SeccompDeny, set(11, "socket")), []string{"386"}, "386", "socketcall", []uint64{1}, "deny ERRNO(1)", "seccomp.deny"},
		{"and leaves it for others", with(control.SeccompDeny, set(11, "socket")), []string{"386"}, "386", "socketcall", []uint64{3}, "allow", ""},

		{"a rule allows its values", with(control.SeccompRule, rules(rule("streams", []string{"socket"}, in(1, 1)))), nil, "", "socket", []uint64{2, 1}, "allow", ""},
		{"a rule refuses others", with(control.SeccompRule, rules(rule("streams", []string{"socket"}, in(1, 1)))), nil, "", "socket", []uint64{2, 3}, "deny ERRNO(1)", "seccomp.rule.streams"},
		{"a rule does not widen", with(control.SeccompRule, rules(rule("alg", []string{"socket"}, in(0, 38)))), nil, "", "socket", []uint64{38}, "deny ERRNO(1)", "seccomp.rule.alg"},
		{"a rule on flags", with(control.SeccompRule, rules(rule("no exec", []string{"mprotect"}, masked(2, 4, 0)))), nil, "", "mprotect", []uint64{0, 0, 7}, "deny ERRNO(1)", "seccomp.rule.no exec"},
		{"a rule on other flags", with(control.SeccompRule, rules(rule("no exec", []string{"mprotect"}, masked(2, 4, 0)))), nil, "", "mprotect", []uint64{0, 0, 3}, "allow", ""},
		{"a value of none", with(control.SeccompRule, rules(rule("no TIOCSTI", []string{"ioctl"}, notIn(1, 0x5412)))), nil, "", "ioctl", []uint64{0, 0x5412}, "deny ERRNO(1)", "seccomp.rule.no TIOCSTI"},
		{"a value of none, with junk above", with(control.SeccompRule, rules(rule("no TIOCSTI", []string{"ioctl"}, notIn(1, 0x5412)))), nil, "", "ioctl", []uint64{0, 1<<32 | 0x5412}, "deny ERRNO(1)", "seccomp.rule.no TIOCSTI"},
		{"the value before", with(control.SeccompRule, rules(rule("no TIOCSTI", []string{"ioctl"}, notIn(1, 0x5412)))), nil, "", "ioctl", []uint64{0, 0x5411}, "allow", ""},
		{"the value before, with junk above", with(control.SeccompRule, rules(rule("no TIOCSTI", []string{"ioctl"}, notIn(1, 0x5412)))), nil, "", "ioctl", []uint64{0, 1<<63 | 0x5413}, "allow", ""},
		{"one bit of some", with(control.SeccompRule, rules(rule("private or shared", []string{"mmap"}, hasAny(3, 3)))), nil, "", "mmap", []uint64{0, 0, 0, 0x22}, "allow", ""},
		{"no bit of some", with(control.SeccompRule, rules(rule("private or shared", []string{"mmap"}, hasAny(3, 3)))), nil, "", "mmap", []uint64{0, 0, 0, 3<<32 | 0x20}, "deny ERRNO(1)", "seccomp.rule.private or shared"},
		{"both arguments", with(control.SeccompRule, rules(rule("r", []string{"socket"}, notIn(0, 16, 17), hasAny(1, 0x80000)))), nil, "", "socket", []uint64{2, 0x80001}, "allow", ""},
		{"one of two arguments", with(control.SeccompRule, rules(rule("r", []string{"socket"}, notIn(0, 16, 17), hasAny(1, 0x80000)))), nil, "", "socket", []uint64{17, 0x80001}, "deny ERRNO(1)", "seccomp.rule.r"},
		{"clone3 does not do what clone may not", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "clone3"), control.SeccompRule: rules(rule("r", []string{"clone"}, masked(0, 0x10000000, 0)))},
			[]string{"amd64"}, "", "clone3", nil, "deny ERRNO(38)", "seccomp.rule.r"},
		{"nor openat2 what openat may not", with(control.SeccompRule, rules(rule("r", []string{"openat"}, masked(2, 3, 0)))), nil, "", "openat2", nil, "deny ERRNO(38)", "seccomp.rule.r"},
		{"clone3 that is denied", everything(control.SeccompDeny, set(11, "clone3")), nil, "", "clone3", nil, "deny ERRNO(38)", "seccomp.deny"},
		{"the family, and not the rule", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: families, control.SeccompRule: rules(rule("streams", []string{"socket"}, in(1, 1)))},
			nil, "", "socket", []uint64{17, 1}, "deny ERRNO(1)", "network.families"},
		{"the rule, and not the family", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: families, control.SeccompRule: rules(rule("streams", []string{"socket"}, in(1, 1)))},
			nil, "", "socket", []uint64{2, 3}, "deny ERRNO(1)", "seccomp.rule.streams"},
		{"the default, and not the rule", with(control.SeccompRule, rules(rule("streams", []string{"socket"}, in(1, 1)))), nil, "", "socket", []uint64{38, 1}, "deny ERRNO(1)", "seccomp.allow"},
		{"two rules hold together", with(control.SeccompRule, rules(rule("a", []string{"socket"}, in(0, 1, 2)), rule("b", []string{"socket"}, in(0, 2, 3)))),
			nil, "", "socket", []uint64{1}, "deny ERRNO(1)", "seccomp.rule.a seccomp.rule.b"},
		{"both rules allow", with(control.SeccompRule, rules(rule("a", []string{"socket"}, in(0, 1, 2)), rule("b", []string{"socket"}, in(0, 2, 3)))),
			nil, "", "socket", []uint64{2}, "allow", ""},
		{"neither alternative", withNetlink, nil, "", "socket", []uint64{16, 3, 9}, "deny ERRNO(1)", "network.families seccomp.rule.route"},
		{"the first alternative", withNetlink, nil, "", "socket", []uint64{1, 1, 9}, "allow", ""},
		{"the second alternative", withNetlink, nil, "", "socket", []uint64{16, 3, 0}, "allow", ""},
		{"an alternative in the lower half alone", withNetlink, nil, "", "socket", []uint64{16, 3, 1 << 32}, "deny ERRNO(1)", "network.families seccomp.rule.route"},
		{"alternatives do not widen", withNetlink, nil, "", "socket", []uint64{17, 3, 0}, "deny ERRNO(1)", "network.families seccomp.rule.route"},

		{"another error", with(control.SeccompErrno, text(11, "ENOSYS")), nil, "", "mount", nil, "deny ERRNO(38)", "seccomp.allow"},
		{"s390x has clone's flags elsewhere", runtimeDefault, []string{"s390x"}, "", "clone", []uint64{0, 0x10000000}, "deny ERRNO(1)", "seccomp.allow"},
		{"and allows threads", runtimeDefault, []string{"s390x"}, "", "clone", []uint64{0x10000000, 0}, "allow", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := resolve(t, test.settings, test.arches...)
			v := judge(t, p, test.arch, test.call, test.args...)
			outcome, action, _ := strings.Cut(test.want, " ")
			if v.Outcome.String() != outcome {
				t.Fatalf("%v, want %s: %+v", v.Outcome, outcome, v.Findings)
			}
			for _, f := range v.Findings {
				if !strings.HasPrefix(f.Message, action) {
					t.Errorf("%s, want %s", f.Message, action)
				}
			}
			if test.control == "" {
				return
			}
			if got := strings.Join(controlsBehind(emit(t, p), v), " "); got != test.control {
				t.Errorf("it comes from %q, want %q", got, test.control)
			}
		})
	}
}

// TestLooseningOpens loosens the control behind a refusal: the bytes change and the call passes.
func TestLooseningOpens(t *testing.T) {
	p := resolve(t, policy.Settings{
		control.SeccompAllow:    set(10, "@runtime-default"),
		control.SeccompDeny:     set(11, "vmsplice"),
		control.SeccompRule:     rules(rule("streams", []string{"socketpair"}, in(1, 1))),
		control.NetworkFamilies: set(14, "unix", "inet"),
	})
	tests := []struct {
		call string
		args []uint64
		ref  control.Ref
	}{
		{"mount", nil, control.Ref{ID: control.SeccompAllow}},
		{"vmsplice", nil, control.Ref{ID: control.SeccompDeny}},
		{"socketpair", []uint64{1, 2}, control.Ref{ID: control.SeccompRule, Label: "streams"}},
		{"socket", []uint64{17, 3}, control.Ref{ID: control.NetworkFamilies}},
	}
	before := one(t, p)
	for _, test := range tests {
		loosened := p.Without(test.ref)
		if bytes.Equal(one(t, loosened).Body, before.Body) {
			t.Errorf("%s changes no byte", test.ref)
		}
		if v := judge(t, p, "", test.call, test.args...); v.Outcome != target.Deny {
			t.Errorf("%s is %v at first", test.call, v.Outcome)
		}
		if v := judge(t, loosened, "", test.call, test.args...); v.Outcome != target.Allow {
			t.Errorf("%s is %v without %s: %+v", test.call, v.Outcome, test.ref, v.Findings)
		}
	}
}

// TestSupport tells how far each statement is held.
func TestSupport(t *testing.T) {
	tests := []struct {
		name     string
		settings policy.Settings
		arches   []string
		control  control.ID
		want     target.Level
	}{
		{"allow", policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}, nil, control.SeccompAllow, target.Full},
		{"deny", policy.Settings{control.SeccompDeny: set(10, "bpf")}, nil, control.SeccompDeny, target.Full},
		{"families", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: set(11, "unix")}, nil, control.NetworkFamilies, target.Full},
		{"families beside io_uring", policy.Settings{control.SeccompAllow: set(10, "*"), control.NetworkFamilies: set(11, "unix")}, nil, control.NetworkFamilies, target.Partial},
		{"privileged", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.Privileged: {Value: control.Value{Bool: true}, Range: at(3)}}, nil, control.SeccompAllow, target.None},
		{"sandbox", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SandboxRuntime: text(4, control.GVisor)}, nil, control.SeccompAllow, target.None},
		{"two places of clone's flags", policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}, []string{"amd64", "s390x"}, control.SeccompAllow, target.None},
		{"two byte orders", policy.Settings{control.SeccompAllow: set(10, "read")}, []string{"amd64", "s390x"}, control.SeccompAllow, target.None},
		{"unknown architecture", policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}, []string{"mips64"}, control.SeccompAllow, target.None},
		{"another layer", policy.Settings{control.ReadOnlyRoot: {Value: control.Value{Bool: true}, Range: at(3)}}, nil, control.ReadOnlyRoot, target.NotApplicable},
		{"too many values", policy.Settings{control.SeccompAllow: set(10, "ioctl"), control.SeccompRule: rules(rule("many", []string{"ioctl"}, in(0, upTo(40)...), in(1, upTo(40)...)))}, nil, control.SeccompRule, target.None},
		{"many values of many calls", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("many", []string{"ioctl", "prctl", "fcntl", "mmap", "mprotect"}, in(1, upTo(250)...)))}, nil, control.SeccompRule, target.None},
		{"many values of one call", policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("many", []string{"ioctl"}, in(1, upTo(250)...)))}, nil, control.SeccompRule, target.Full},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := resolve(t, test.settings, test.arches...)
			found := false
			for s := range p.Statements() {
				if s.Control == nil || s.Container == nil || s.Control.ID != test.control {
					continue
				}
				found = true
				got := seccomp.Target{}.Support(p, s)
				if got.Level != test.want {
					t.Errorf("%v (%s), want %v", got.Level, got.Reason, test.want)
				}
				if (got.Level == target.None || got.Level == target.Partial) && got.Reason == "" {
					t.Error("no reason")
				}
			}
			if !found {
				t.Error("the policy states nothing")
			}
		})
	}
}

// TestTooManyValues holds that a condition which takes more rules than a filter has room for is a gap at its place, and its call refused.
func TestTooManyValues(t *testing.T) {
	var odd []uint64
	for v := range uint64(400) {
		odd = append(odd, 2*v+1)
	}
	for _, arg := range []control.ArgCondition{notIn(1, odd...), in(1, odd...)} {
		arg.Range = at(21)
		p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("many", []string{"ioctl"}, arg))})
		for s := range p.Statements() {
			if s.Control == nil || s.Container == nil || s.Control.ID != control.SeccompRule {
				continue
			}
			got := seccomp.Target{}.Support(p, s)
			if got.Level != target.None || got.Range != arg.Range || !strings.Contains(got.Reason, "say the fewer") {
				t.Errorf("%v at %v: %s", got.Level, got.Range, got.Reason)
			}
		}
		for _, v := range []uint64{0, 1, 2, 1000} {
			if v := judge(t, p, "", "ioctl", 0, v); v.Outcome != target.Deny {
				t.Errorf("ioctl is %v", v.Outcome)
			}
		}
	}
}

// TestDenyBeyondThePlatform holds that what is denied is refused on every architecture that the profile lists, though none of the platform's
// has the call.
func TestDenyBeyondThePlatform(t *testing.T) {
	for arch, calls := range map[string][]string{"amd64": {"socketcall", "vm86", "clock_settime64"}, "arm64": {"clock_settime64", "stime"}} {
		p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "*"), control.SeccompDeny: set(11, calls...)}, arch)
		if v := judge(t, p, arch, "read"); v.Outcome != target.Allow {
			t.Errorf("read on %s is %v", arch, v.Outcome)
		}
		machine, _ := linux.LookupArch(arch)
		for _, sub := range machine.Sub {
			for _, call := range calls {
				if _, ok := linux.SyscallNumber(sub, call); !ok {
					continue
				}
				if v := judge(t, p, string(sub), call); v.Outcome != target.Deny {
					t.Errorf("%s on %s, which a node of %s runs, is %v", call, sub, arch, v.Outcome)
				}
			}
		}
	}
}

// TestPointers holds that a rule on an argument that is a pointer is not claimed, and that its call is refused.
func TestPointers(t *testing.T) {
	for _, test := range []struct {
		call   string
		args   []control.ArgCondition
		arches []string
		reason string // none: the rule is held
	}{
		{"clone3", []control.ArgCondition{masked(0, 0x10000000, 0)}, nil, "Argument 0 of clone3 is a pointer; a filter sees only the address. Refuse the call by seccomp.deny, or name an argument that is a number."},
		{"openat2", []control.ArgCondition{in(0, 3), masked(2, 1, 0)}, nil, "Argument 2 of openat2 is a pointer;"},
		{"connect", []control.ArgCondition{in(1, 0)}, nil, "Argument 1 of connect is a pointer;"},
		{"openat", []control.ArgCondition{masked(2, 3, 0)}, nil, ""},
		{"mmap", []control.ArgCondition{masked(2, 4, 0)}, nil, ""},
		{"mmap", []control.ArgCondition{masked(2, 4, 0)}, []string{"386", "amd64"}, "Argument 2 of mmap is a pointer on 386; a filter"},
		{"clone", []control.ArgCondition{masked(0, 0x10000000, 0)}, []string{"amd64"}, ""},
		{"fallocate", []control.ArgCondition{in(1, 0)}, []string{"386", "amd64"}, ""},
		{"sync_file_range", []control.ArgCondition{in(3, 0)}, []string{"amd64", "arm64"}, ""},
		{"sync_file_range", []control.ArgCondition{masked(3, 4, 4)}, []string{"386", "amd64"}, "Argument 3 of sync_file_range lies elsewhere on 386, "},
		{"clone", []control.ArgCondition{masked(0, 0x10000000, 0)}, []string{"s390x"}, "Argument 0 of clone is a pointer;"},
	} {
		for i := range test.args {
			test.args[i].Range = at(20 + i)
		}
		alone := rule("r", []string{test.call}, test.args...)
		for _, r := range []control.Item{alone, either("r", []string{test.call}, test.args, test.args[:1])} {
			p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "@runtime-default", test.call), control.SeccompRule: rules(r)}, test.arches...)
			for s := range p.Statements() {
				if s.Control == nil || s.Container == nil || s.Control.ID != control.SeccompRule {
					continue
				}
				got := seccomp.Target{}.Support(p, s)
				if test.reason == "" {
					if got.Level != target.Full {
						t.Errorf("%s: %v (%s), want full", test.call, got.Level, got.Reason)
					}
					continue
				}
				if got.Level != target.None || !strings.HasPrefix(got.Reason, test.reason) || got.Range != test.args[len(test.args)-1].Range {
					t.Errorf("%s: %v (%s) at %v", test.call, got.Level, got.Reason, got.Range)
				}
			}
			if test.reason == "" {
				continue
			}
			for _, args := range [][]uint64{{0, 0, 0}, {3, 0, 0}} { // the second satisfies what is said of a number
				v := judge(t, p, "", test.call, args...)
				if v.Outcome != target.Deny {
					t.Errorf("%s%v is %v", test.call, args, v.Outcome)
				}
				if got := controlsBehind(emit(t, p), v); !slices.Contains(got, "seccomp.rule.r") {
					t.Errorf("%s%v comes from %v", test.call, args, got)
				}
			}
		}
	}
}

func upTo(n uint64) []uint64 {
	var list []uint64
	for v := range n {
		list = append(list, v)
	}
	return list
}

// TestEmitIsDeterministic emits twice: maps in between must not show.
func TestEmitIsDeterministic(t *testing.T) {
	p := resolve(t, policy.Settings{
		control.SeccompAllow: set(10, "@runtime-default", "@aio"), control.SeccompDeny: set(11, "@ptrace"), control.NetworkFamilies: set(14, "unix", "inet"),
	}, "386", "amd64", "arm64")
	first := one(t, p)
	for range 5 {
		again := one(t, p)
		if !bytes.Equal(first.Body, again.Body) || !slices.Equal(first.Mappings, again.Mappings) {
			t.Fatal("the second artifact differs from the first")
		}
	}
}

// TestRuntimeDefaultIsWithoutRing holds what Support takes for granted.
func TestRuntimeDefaultIsWithoutRing(t *testing.T) {
	for _, call := range control.RuntimeDefault().Syscalls {
		for _, name := range call.Names {
			if strings.HasPrefix(name, "io_uring_") {
				t.Errorf("moby's profile names %s", name)
			}
		}
	}
}

// TestContainersShareProfiles emits for containers that the same holds for, and for one that it does not.
func TestContainersShareProfiles(t *testing.T) {
	p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.Undeclared: text(2, control.AsCeiling)})
	artifacts := emit(t, p)
	if len(artifacts) != 2 || !bytes.Equal(artifacts[0].Body, artifacts[1].Body) {
		t.Fatalf("%d artifacts, or different ones", len(artifacts))
	}
	for _, a := range artifacts {
		for _, o := range a.Mappings {
			if o.Container != a.Containers[0] {
				t.Errorf("%s: an origin of %s", a.Path, o.Container)
			}
		}
	}
	p.Workloads[0].Containers[0].Settings[control.SeccompDeny] = set(11, "bpf")
	changed := *p // of a copy nothing is derived yet
	if artifacts = emit(t, &changed); len(artifacts[0].Mappings) == len(artifacts[1].Mappings) {
		t.Error("a statement of one container is lost")
	}
}

func benchmark(b *testing.B, f func(*policy.Policy)) {
	p := resolve(b, policy.Settings{
		control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(11, "@ptrace"), control.NetworkFamilies: set(14, "unix", "inet"),
	})
	for b.Loop() {
		f(p)
	}
}

func BenchmarkEmit(b *testing.B) {
	benchmark(b, func(p *policy.Policy) {
		if _, err := (seccomp.Target{}).Emit(p); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkSupport(b *testing.B) {
	benchmark(b, func(p *policy.Policy) {
		for s := range p.Statements() {
			_ = seccomp.Target{}.Support(p, s)
		}
	})
}

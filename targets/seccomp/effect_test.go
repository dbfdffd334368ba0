package seccomp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// warnings are the statements that a policy is warned of, with the reason's beginning.
func warnings(t *testing.T, p *policy.Policy) []string {
	t.Helper()
	var out []string
	for _, n := range one(t, p).Diagnostics {
		if n.Lint == "rule-without-effect" {
			if !n.Warning || n.Range.Filename == "" {
				t.Errorf("not a warning at a place: %+v", n)
			}
			out = append(out, n.Message)
		}
	}
	return out
}

// TestRulesWithoutEffect tells which statements a policy is warned of, and which it is not.
func TestRulesWithoutEffect(t *testing.T) {
	runtimeDefault := set(10, "@runtime-default")
	tests := []struct {
		name     string
		settings policy.Settings
		arches   []string
		want     string // what a warning begins with; "": there is none
		why      string
	}{
		{"allow of what the set holds", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "read")}, nil, `"read" in seccomp.allow`, `"@runtime-default" holds it`},
		{"allow of what the set refuses", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "mount")}, nil, "", ""},
		{"allow of what the set allows in part", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "personality")}, nil, "", ""},
		{"allow of what a set of calls holds", policy.Settings{control.SeccompAllow: set(10, "@perf", "perf_event_open", "read")}, nil, `"@perf" in seccomp.allow`, `"perf_event_open" holds it`},
		{"allow of what there is not", policy.Settings{control.SeccompAllow: set(10, "read", "stime")}, nil, `"stime" in seccomp.allow`, "none of the platform's architectures has such a call (amd64, arm64)"},
		{"allow of what there is on one", policy.Settings{control.SeccompAllow: set(10, "read", "stime")}, []string{"386", "amd64"}, "", ""},
		{"deny of what nothing allows", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompDeny: set(11, "userfaultfd")}, nil, `"userfaultfd" in seccomp.deny`, "seccomp.allow allows none of its calls"},
		{"deny of what there is not", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompDeny: set(11, "vm86")}, nil, `"vm86" in seccomp.deny`, "none of the platform's"},
		{"deny of what is allowed", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompDeny: set(11, "vmsplice")}, nil, "", ""},
		{"deny with an error of its own", policy.Settings{control.SeccompAllow: set(10, "read"), control.SeccompDeny: set(11, "io_uring_setup")}, nil, "", ""},
		{"deny that closes a multiplexer", policy.Settings{control.SeccompAllow: set(10, "socketcall", "connect"), control.SeccompDeny: set(11, "socket")}, []string{"386"}, "", ""},
		{"rule on what nothing allows", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("r", []string{"reboot"}, in(0, 1)))}, nil, `The rule "r"`, "seccomp.allow allows none of its calls"},
		{"rule on what is denied", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompDeny: set(11, "ptrace"), control.SeccompRule: rules(rule("r", []string{"ptrace"}, in(0, 1)))}, nil, `The rule "r"`, "what it would refuse is refused without it"},
		{"rule within a rule", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("a", []string{"ioctl"}, notIn(1, 5)), rule("b", []string{"ioctl"}, notIn(1, 5, 6)))}, nil, `The rule "a"`, "what it would refuse"},
		{"rules that cross", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("a", []string{"ioctl"}, notIn(1, 5, 7)), rule("b", []string{"ioctl"}, notIn(1, 5, 6)))}, nil, "", ""},
		{"rules together imply one", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("a", []string{"ioctl"}, notIn(1, 5, 6)), rule("b", []string{"ioctl"}, notIn(1, 5)), rule("c", []string{"ioctl"}, notIn(1, 6)))}, nil, `The rule "a"`, "what it would refuse"},
		{"rule that the default implies", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("r", []string{"clone"}, masked(0, 0x10000000, 0)))}, []string{"amd64"}, `The rule "r"`, "what it would refuse"},
		{"rule that the families imply", policy.Settings{control.SeccompAllow: runtimeDefault, control.NetworkFamilies: set(14, "unix"), control.SeccompRule: rules(rule("r", []string{"socket"}, notIn(0, 16)))}, nil, `The rule "r"`, "what it would refuse"},
		{"rule that hides clone3", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "clone3"), control.SeccompRule: rules(rule("r", []string{"clone"}, masked(0, 0x10000000, 0)))}, []string{"amd64"}, "", ""},
		{"rule below all calls", policy.Settings{control.SeccompAllow: set(10, "*"), control.SeccompRule: rules(rule("r", []string{"clone"}, masked(0, 0x10000000, 0)))}, []string{"amd64"}, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := warnings(t, resolve(t, test.settings, test.arches...))
			switch {
			case test.want == "":
				if len(got) > 0 {
					t.Errorf("a warning for nothing: %q", got)
				}
			case len(got) != 1 || !strings.HasPrefix(got[0], test.want+" changes nothing") || !strings.Contains(got[0], test.why):
				t.Errorf("%q, want %q because %s", got, test.want, test.why)
			}
		})
	}
}

// TestEffectInOneContainer holds that a statement which does something for one container is none to warn of, and that what is inherited is
// another policy's business.
func TestEffectInOneContainer(t *testing.T) {
	settings := policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.Undeclared: text(2, control.AsCeiling),
		control.SeccompRule: rules(rule("r", []string{"reboot"}, in(0, 1)))}
	count := func(p *policy.Policy) int {
		n := 0
		for _, a := range emit(t, p) {
			for _, note := range a.Diagnostics {
				if note.Lint == "rule-without-effect" {
					n++
				}
			}
		}
		return n
	}
	p := resolve(t, settings)
	if n := count(p); n != 2 {
		t.Errorf("%d warnings of two containers, want 2", n)
	}
	p.Workloads[0].Containers[0].Settings[control.CapabilitiesAdd] = set(31, "SYS_BOOT")
	changed := *p // of a copy nothing is derived yet
	if n := count(&changed); n != 0 {
		t.Errorf("%d warnings where one container may reboot", n)
	}
	inherited := rules(rule("r", []string{"reboot"}, in(0, 1)))
	inherited.Items[0].Range.Filename = "../central/policy.hcl"
	settings[control.SeccompRule] = inherited
	if n := count(resolve(t, settings)); n != 0 {
		t.Errorf("%d warnings of what is inherited", n)
	}
}

// TestReasons holds what a profile's notes say of calls that no filter sees into, and where.
func TestReasons(t *testing.T) {
	runtimeDefault := set(10, "@runtime-default")
	onClone := rules(rule("r", []string{"clone"}, masked(0, 0x10000000, 0)))
	tests := []struct {
		name     string
		settings policy.Settings
		arches   []string
		call     string
		want     string
	}{
		{"clone3 of the default", policy.Settings{control.SeccompAllow: runtimeDefault}, nil, "clone3", "clone3 fails as if the kernel did not have it (ENOSYS), because of seccomp.allow: its flags lie in memory"},
		{"clone3 beside a rule", policy.Settings{control.SeccompAllow: set(10, "*"), control.SeccompRule: onClone}, []string{"amd64"}, "clone3", "clone3 fails as if the kernel did not have it (ENOSYS), because of seccomp.rule.r:"},
		{"clone3 denied", policy.Settings{control.SeccompAllow: set(10, "*"), control.SeccompDeny: set(11, "clone3")}, nil, "clone3", "clone3 fails as if the kernel did not have it (ENOSYS), because of seccomp.deny:"},
		{"clone3 allowed", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "clone3")}, nil, "clone3", "clone3 is allowed whatever it is asked"},
		{"openat2 beside a rule", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("r", []string{"openat"}, masked(2, 3, 0)))}, nil, "openat2", "openat2 fails as if the kernel did not have it (ENOSYS), because of seccomp.rule.r: its flags lie in memory, where a filter does not see them. Programs go on to openat."},
		{"socketcall", policy.Settings{control.SeccompAllow: runtimeDefault, control.NetworkFamilies: set(11, "unix")}, []string{"386"}, "socketcall", "socketcall is refused because of network.families."},
		{"io_uring refused", policy.Settings{control.SeccompAllow: runtimeDefault}, nil, "io_uring_setup", "io_uring is refused:"},
		{"io_uring allowed", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "@io_uring")}, nil, "io_uring_setup", "io_uring is allowed:"},
		{"bpf allowed", policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "bpf")}, nil, "bpf", "bpf is allowed whatever it is asked:"},
		{"a pointer", policy.Settings{control.SeccompAllow: runtimeDefault, control.SeccompRule: rules(rule("r", []string{"connect"}, in(1, 0)))}, nil, "connect", "connect is refused whatever its arguments, because of seccomp.rule.r: argument 1 is a pointer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := resolve(t, test.settings, test.arches...)
			var notes []target.Diagnostic
			for _, n := range one(t, p).Diagnostics {
				if n.Subject == test.call {
					notes = append(notes, n)
				}
			}
			if len(notes) != 1 || !strings.HasPrefix(notes[0].Message, test.want) {
				t.Fatalf("%+v, want %q", notes, test.want)
			}
			v := judge(t, p, "", test.call)
			if len(v.Findings) == 0 || v.Findings[0].Location != notes[0].Location {
				t.Errorf("the note is on %s, the verdict on %+v", notes[0].Location, v.Findings)
			}
			if notes[0].Warning {
				t.Error("a reason is no warning")
			}
		})
	}
}

// TestUnlimitedCapabilities holds that a policy which does not say what pods may add is warned of what "@runtime-default" then allows.
func TestUnlimitedCapabilities(t *testing.T) {
	unstated := policy.Setting{Value: control.Value{Items: []control.Item{{Key: "ALL"}}}}
	runtimeDefault := set(10, "@runtime-default")
	for _, test := range []struct {
		name     string
		settings policy.Settings
		line     int // of the warning; 0: none
		want     string
	}{
		{"drop alone", policy.Settings{control.SeccompAllow: runtimeDefault, control.CapabilitiesAdd: unstated, control.CapabilitiesDrop: set(11, "ALL")}, 11,
			`No policy states capabilities.add, so that pods may add any capability, and "@runtime-default" allows the calls of all. drop = ["ALL"] takes away what the ` +
				`runtime gives, not what the pod adds. Of 44 calls, such as acct, this profile allows more than the runtime's default does. ` +
				`Write capabilities { add = [] }, or list what pods may add.`},
		{"nothing of capabilities", policy.Settings{control.SeccompAllow: runtimeDefault, control.CapabilitiesAdd: unstated}, 10, "The runtime looks at what the pod adds. Of 43 calls, such as acct, "},
		{"drop of one", policy.Settings{control.SeccompAllow: runtimeDefault, control.CapabilitiesAdd: unstated, control.CapabilitiesDrop: set(11, "SYS_ADMIN")}, 10, "The runtime looks at what the pod adds. Of "},
		{"add stated", policy.Settings{control.SeccompAllow: runtimeDefault, control.CapabilitiesAdd: set(12), control.CapabilitiesDrop: set(11, "ALL")}, 0, ""},
		{"all stated", policy.Settings{control.SeccompAllow: runtimeDefault, control.CapabilitiesAdd: set(12, "ALL"), control.CapabilitiesDrop: set(11, "ALL")}, 0, ""},
		{"a list of calls", policy.Settings{control.SeccompAllow: set(10, "read", "mount"), control.CapabilitiesAdd: unstated, control.CapabilitiesDrop: set(11, "ALL")}, 0, ""},
		{"all calls", policy.Settings{control.SeccompAllow: set(10, "*"), control.CapabilitiesAdd: unstated, control.CapabilitiesDrop: set(11, "ALL")}, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := slices.DeleteFunc(slices.Clone(one(t, resolve(t, test.settings, "amd64")).Diagnostics), func(d target.Diagnostic) bool { return d.Lint != "unlimited-capabilities" })
			switch {
			case test.line == 0 && len(found) > 0:
				t.Errorf("warned for nothing: %+v", found)
			case test.line > 0 && (len(found) != 1 || !found[0].Warning || found[0].Range.Start.Line != test.line || !strings.Contains(found[0].Message, test.want)):
				t.Errorf("got %+v, want %q on line %d", found, test.want, test.line)
			}
		})
	}
}

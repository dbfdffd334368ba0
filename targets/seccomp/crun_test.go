package seccomp_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// TestUnknownCallsUnderCrun holds that calls which nobody thought of fail as if the kernel did not have them, under runc, which sees to it itself, and under
// crun, which does not.
func TestUnknownCallsUnderCrun(t *testing.T) {
	runtimeDefault := policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(11, "ptrace")}
	errno := policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(11, "ptrace"), control.SeccompErrno: text(12, "EACCES")}
	families := policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: set(11, "unix")}
	beyond := filter.Call{Native: linux.AMD64, Arch: linux.AMD64, Number: 900}
	named := func(name string) filter.Call { return filter.Call{Native: linux.AMD64, Arch: linux.AMD64, Name: name} }
	for _, test := range []struct {
		name, runtime string
		settings      policy.Settings
		arches        []string
		call          filter.Call
		want          string
	}{
		{"beyond, with runc", "runc 1.3.3", runtimeDefault, nil, beyond, "ERRNO(38)"},
		{"beyond, with CRI-O", "cri-o 1.33.0", runtimeDefault, nil, beyond, "ERRNO(38)"},
		{"beyond, with crun", "crun 1.20", runtimeDefault, nil, beyond, "ERRNO(38)"},
		{"beyond, with an older CRI-O, which comes with runc", "cri-o 1.30.0", runtimeDefault, nil, beyond, "ERRNO(38)"},
		{"not allowed", "cri-o 1.33.0", runtimeDefault, nil, named("mount"), "ERRNO(1)"},
		{"denied", "cri-o 1.33.0", runtimeDefault, nil, named("ptrace"), "ERRNO(1)"},
		{"allowed", "cri-o 1.33.0", runtimeDefault, nil, named("read"), "ALLOW"},
		{"hidden", "cri-o 1.33.0", runtimeDefault, nil, named("clone3"), "ERRNO(38)"},
		{"the policy's error", "cri-o 1.33.0", errno, nil, named("mount"), "ERRNO(13)"},
		{"beyond, with the policy's error", "cri-o 1.33.0", errno, nil, beyond, "ERRNO(38)"},
		{"arguments that no rule allows", "cri-o 1.33.0", families, nil, named("socket"), "ERRNO(38)"},
		{"a multiplexed call is refused by a rule", "cri-o 1.33.0", families, []string{"386", "amd64"},
			filter.Call{Native: linux.AMD64, Arch: linux.I386, Name: "socketcall", Args: [6]uint64{1}}, "ERRNO(38)"},
		{"and the default is the policy's error then", "cri-o 1.33.0", families, []string{"386", "amd64"}, beyond, "ERRNO(1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := resolve(t, test.settings, test.arches...)
			p.Platform = platform.Runtime.With(p.Platform, test.runtime)
			runtime, err := filter.ParseRuntime(test.runtime)
			if err != nil {
				t.Fatal(err)
			}
			f := parseOn(t, one(t, p).Body, filter.Node{Runtime: runtime, Native: linux.AMD64})
			if d := f.Decide(test.call); d.String() != test.want {
				t.Errorf("%v (%s), want %s", d, d.Reason, test.want)
			}
		})
	}
}

// TestRefusalsByNameHaveOrigins holds that under crun, too, a refusal names the control behind it.
func TestRefusalsByNameHaveOrigins(t *testing.T) {
	p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(11, "vmsplice")})
	p.Platform = platform.Runtime.With(p.Platform, "crun 1.20")
	for call, want := range map[string]string{"vmsplice": "seccomp.deny", "mount": "seccomp.allow"} {
		if got := controlsBehind(emit(t, p), judge(t, p, "", call)); len(got) != 1 || got[0] != want {
			t.Errorf("the refusal of %s comes from %v, want %s", call, got, want)
		}
	}
}

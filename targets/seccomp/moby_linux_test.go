package seccomp_test

import (
	"encoding/json"
	"runtime"
	"testing"

	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp/filter"
)

// parse reads a profile that must be right.
func parse(t rapid.TB, body []byte) *filter.Filter {
	t.Helper()
	f, err := filter.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func drawCapabilities(t *rapid.T) []string {
	var names []string
	for _, c := range linux.Capabilities() {
		names = append(names, c.Name)
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 8, rapid.ID).Draw(t, "capabilities")
}

func drawArgs(t *rapid.T) (args [6]uint64) {
	values := []uint64{0, 1, 2, 8, 37, 38, 39, 40, 41, 45, 46, 0x20000, 0x20008, 0x10000000, 0x3d0f00, 0x7e020000, 0xffffffff, 1 << 32, 1<<32 | 2, ^uint64(0)}
	for i := range 3 {
		args[i] = rapid.SampledFrom(values).Draw(t, "argument")
	}
	return args
}

// TestRuntimeDefaultIsMobys holds "@runtime-default" to what moby's own code makes of its profile for the same capabilities: the same calls
// pass, with the same arguments.
func TestRuntimeDefaultIsMobys(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("moby resolves its profile for the machine that it runs on")
	}
	rapid.Check(t, func(t *rapid.T) {
		capabilities := drawCapabilities(t)
		var prefixed []string
		for _, name := range capabilities {
			prefixed = append(prefixed, "CAP_"+name)
		}
		spec := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: prefixed}}}
		profile, err := moby.GetDefaultProfile(spec)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(profile)
		if err != nil {
			t.Fatal(err)
		}
		theirs := parse(t, body)
		ours := parse(t, one(t, resolve(t, policy.Settings{
			policy.SeccompAllow: set(10, "@runtime-default"), policy.CapabilitiesDrop: set(11, "ALL"), policy.CapabilitiesAdd: set(12, capabilities...),
		}, "386", "amd64")).Body)
		for _, arch := range []linux.Arch{linux.AMD64, linux.I386} {
			for _, call := range linux.Syscalls() {
				if _, ok := linux.SyscallNumber(arch, call.Name); !ok {
					continue
				}
				args := drawArgs(t)
				c := filter.Call{Native: linux.AMD64, Arch: arch, Name: call.Name, Args: args}
				a, b := ours.Decide(c), theirs.Decide(c)
				if a.Action == filter.Undecided || (a.Action == filter.Allow) != (b.Action == filter.Allow) {
					t.Errorf("%s on %s %#x is %v, moby's: %v", call.Name, arch, args, a, b)
				}
			}
		}
	})
}

// TestTighterNeverAllowsMore holds emission to the law of the policy language: what a looser policy refuses, a tighter one refuses.
func TestTighterNeverAllowsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"socket", "socketcall", "connect", "socketpair", "clone", "ptrace", "personality", "mount", "io_uring_setup", "read", "shmget", "ipc", "@socket", "@mount"}
		arches := []string{"amd64"}
		if rapid.Bool().Draw(t, "386") {
			arches = append(arches, "386")
		}
		loose := policy.Settings{policy.SeccompAllow: set(10, rapid.SampledFrom([]string{"*", "@runtime-default"}).Draw(t, "allow"))}
		tight := policy.Settings{policy.SeccompAllow: loose[policy.SeccompAllow]}
		if rapid.Bool().Draw(t, "families in both") {
			loose[policy.NetworkFamilies] = set(11, "unix", "inet", "alg")
			tight[policy.NetworkFamilies] = loose[policy.NetworkFamilies]
		}
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			tight[policy.SeccompDeny] = set(12, rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID).Draw(t, "deny")...)
		case 1:
			call := rapid.SampledFrom(names[:12]).Draw(t, "call")
			tight[policy.SeccompRule] = rules(rule("r", []string{call}, in(rapid.IntRange(0, 2).Draw(t, "index"), 1, 2, 38)))
		case 2:
			tight[policy.NetworkFamilies] = set(11, "unix")
		case 3:
			tight[policy.SeccompAllow] = set(10, "@runtime-default")
		}
		before, after := parse(t, one(t, resolve(t, loose, arches...)).Body), parse(t, one(t, resolve(t, tight, arches...)).Body)
		for _, arch := range []linux.Arch{linux.AMD64, linux.I386, linux.X32} {
			for _, call := range linux.Syscalls() {
				if _, ok := linux.SyscallNumber(arch, call.Name); !ok {
					continue
				}
				c := filter.Call{Native: linux.AMD64, Arch: arch, Name: call.Name, Args: drawArgs(t)}
				a, b := before.Decide(c), after.Decide(c)
				if a.Action == filter.Undecided || b.Action == filter.Undecided || a.Action != filter.Allow && b.Action == filter.Allow {
					t.Errorf("%s on %s %#x: %v (%s), and when tighter %v (%s)", call.Name, arch, c.Args, a, a.Reason, b, b.Reason)
				}
			}
		}
	})
}

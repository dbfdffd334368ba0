package seccomp_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
)

// TestStubIsRuncs makes calls around the highest number of profiles in containers that runc starts, and holds what the reader says of runc's stub
// to what they return.
func TestStubIsRuncs(t *testing.T) {
	c := newContainers(t)
	if !c.probe {
		missing(t, "gcc and x86-64 are needed")
	}
	// What the container needs, and old calls up to number 334 on amd64; of the ones above a profile names some. Those refused are left out.
	var old []string
	for _, call := range linux.Syscalls() {
		if number, ok := linux.SyscallNumber(linux.AMD64, call.Name); ok && number <= 334 && call.Name != "keyctl" && call.Name != "ioperm" {
			old = append(old, call.Name)
		}
	}
	thirteen := uint(13)
	enosys := uint(38)
	all := []specs.Arch{specs.ArchX86_64, specs.ArchX86, specs.ArchX32}
	rule := func(action specs.LinuxSeccompAction, names ...string) specs.LinuxSyscall {
		return specs.LinuxSyscall{Names: names, Action: action}
	}
	sameAsDefault := rule(specs.ActErrno, "landlock_restrict_self") // 446; runc drops it, and counts it
	sameAsDefault.ErrnoRet = &thirteen
	argued := rule(specs.ActAllow, "close_range")
	argued.Args = []specs.LinuxSeccompArg{{Index: 0, Value: 77, Op: specs.OpEqualTo}}
	profiles := map[string]specs.LinuxSeccomp{
		"old calls":                {DefaultAction: specs.ActErrno, DefaultErrnoRet: &thirteen, Architectures: all, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, old...)}},
		"one that is newer":        {DefaultAction: specs.ActErrno, DefaultErrnoRet: &thirteen, Architectures: all, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, append(old, "faccessat2")...)}},
		"with arguments":           {DefaultAction: specs.ActErrno, DefaultErrnoRet: &thirteen, Architectures: all, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, old...), argued}},
		"a rule like the default":  {DefaultAction: specs.ActErrno, DefaultErrnoRet: &thirteen, Architectures: all, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, old...), sameAsDefault}},
		"a name that nobody knows": {DefaultAction: specs.ActErrno, DefaultErrnoRet: &thirteen, Architectures: all, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, append(old, "frobnicate")...)}},
		"kill by default":          {DefaultAction: specs.ActKillProcess, DefaultErrnoRet: &enosys, Architectures: all, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, old...)}},
		"amd64 alone":              {DefaultAction: specs.ActErrno, DefaultErrnoRet: &thirteen, Architectures: all[:1], Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, old...)}},
		"allow by default":         {DefaultAction: specs.ActAllow, Architectures: all, Syscalls: []specs.LinuxSyscall{{Names: []string{"keyctl"}, Action: specs.ActErrno, ErrnoRet: &thirteen}}},
	}
	type call struct {
		arch   linux.Arch
		number int
		arg    uint64
	}
	var calls []call
	for _, number := range []int{39, 172, 250, 333, 334, 400, 424, 435, 436, 439, 440, 446, 447, 450, 462, 9999} {
		calls = append(calls, call{linux.AMD64, number, 99}, call{linux.AMD64, number | linux.X32Bit, 99}, call{linux.I386, number, 99})
	}
	calls = append(calls, call{linux.AMD64, 436, 77}, call{linux.AMD64, 547 | linux.X32Bit, 0}, call{linux.I386, 101, 0}, call{linux.I386, 288, 0}, call{linux.I386, 403, 0})
	calls = slices.DeleteFunc(calls, func(c call) bool { // they would end the probe, or stop it
		return c.arch == linux.I386 && (c.number == 172 || c.number == 250)
	})
	stubbed := 0
	for name, profile := range profiles {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(profile)
			if err != nil {
				t.Fatal(err)
			}
			// Every release in use knows the calls that the profiles name, but for the one that there is not.
			f, err := filter.Read(body, filter.Node{Runtime: named(t, "runc"), Native: linux.AMD64, Libseccomp: "2.6.1"})
			if err != nil {
				t.Fatal(err)
			}
			var input strings.Builder
			for _, c := range calls {
				abi := 64
				if c.arch == linux.I386 {
					abi = 32
				}
				fmt.Fprintf(&input, "%d %d %d\n", abi, c.number, c.arg)
			}
			out, err := c.run(t, body, input.String(), "/bin/probe")
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(out), "\n")
			if len(lines) != len(calls) {
				t.Fatalf("%d answers to %d calls:\n%s", len(lines), len(calls), out)
			}
			for i, c := range calls {
				d := f.Decide(filter.Call{Arch: c.arch, Number: c.number, Args: [6]uint64{c.arg}})
				if strings.Contains(d.Reason, "stub") {
					stubbed++
				}
				var agrees bool
				switch d.Action {
				case filter.Allow:
					agrees = lines[i] != "errno 13" && lines[i] != "signal 31"
				case filter.Errno:
					agrees = lines[i] == fmt.Sprintf("errno %d", d.Number)
				case filter.KillThread, filter.KillProcess:
					agrees = lines[i] == "signal 31"
				}
				if !agrees {
					t.Errorf("%s %#x %d: runc and the kernel say %s, the reader %v (%s)", c.arch, c.number, c.arg, lines[i], d, d.Reason)
				}
			}
		})
	}
	if stubbed < 30 {
		t.Errorf("only %d calls met the stub", stubbed)
	}
}

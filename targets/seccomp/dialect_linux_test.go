package seccomp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
)

// named gives a runtime that must be known.
func named(t rapid.TB, name string) filter.Runtime {
	t.Helper()
	r, err := filter.ParseRuntime(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// mobyLoads gives what moby's own loader makes of a profile for a container with these capabilities, as plain OCI.
func mobyLoads(t rapid.TB, body []byte, capabilities []string) ([]byte, error) {
	t.Helper()
	bounding := []string{}
	for _, name := range capabilities {
		bounding = append(bounding, "CAP_"+name)
	}
	profile, err := moby.LoadProfile(string(body), &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: bounding}}})
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(profile)
	if err != nil {
		t.Fatal(err)
	}
	return plain, nil
}

// thisKernel is the one that moby's loader asks.
func thisKernel(t *testing.T) string {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("moby resolves profiles for the machine that it runs on, and these calls are of amd64")
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	return string(release)
}

// drawDialect draws a profile with conditions on everything that Docker's dialect has them on.
func drawDialect(t *rapid.T, calls []string) []byte {
	condition := func(label string) map[string]any {
		if !rapid.Bool().Draw(t, label) {
			return nil
		}
		c := map[string]any{}
		if caps := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"CAP_SYS_ADMIN", "CAP_BPF", "CAP_CHOWN", "SYS_ADMIN", "CAP_NONE"}), 0, 2, rapid.ID).Draw(t, "caps"); len(caps) > 0 {
			c["caps"] = caps
		}
		if arches := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"amd64", "x86", "arm64", "x86_64"}), 0, 2, rapid.ID).Draw(t, "arches"); len(arches) > 0 {
			c["arches"] = arches
		}
		if kernel := rapid.SampledFrom([]string{"-", "-", "", "4.8", "6.1", "6.18", "200.0"}).Draw(t, "minKernel"); kernel != "-" {
			c["minKernel"] = kernel
		}
		return c
	}
	var rules []map[string]any
	for range rapid.IntRange(1, 6).Draw(t, "rules") {
		rule := map[string]any{"action": rapid.SampledFrom([]string{"SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"}).Draw(t, "action"), "comment": "drawn"}
		if rapid.Bool().Draw(t, "errnoRet") {
			rule["errnoRet"] = 38
		}
		how := rapid.IntRange(0, 9).Draw(t, "name or names")
		if how < 4 || how == 9 {
			rule["name"] = rapid.SampledFrom(calls).Draw(t, "name")
		}
		if how >= 4 {
			rule["names"] = rapid.SliceOfN(rapid.SampledFrom(calls), 1, 3).Draw(t, "names")
		}
		if rapid.Bool().Draw(t, "args") {
			rule["args"] = []map[string]any{{"index": rapid.IntRange(0, 1).Draw(t, "index"), "op": "SCMP_CMP_EQ", "value": rapid.IntRange(0, 2).Draw(t, "value")}}
		}
		for _, key := range []string{"includes", "excludes"} {
			if c := condition(key); c != nil {
				rule[key] = c
			}
		}
		rules = append(rules, rule)
	}
	profile := map[string]any{"defaultAction": rapid.SampledFrom([]string{"SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_LOG"}).Draw(t, "default"), "syscalls": rules}
	switch rapid.IntRange(0, 9).Draw(t, "architectures") {
	case 0:
		profile["architectures"] = []string{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}
	case 1:
		profile["architectures"] = []string{"SCMP_ARCH_X86"}
		profile["archMap"] = []map[string]any{{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []string{"SCMP_ARCH_X86"}}}
	case 2:
		profile["archMap"] = []map[string]any{{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []string{"SCMP_ARCH_ARM"}}}
	case 3, 4, 5, 6:
		profile["archMap"] = []map[string]any{
			{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []string{"SCMP_ARCH_ARM"}},
			{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []string{"SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
			{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []string{"SCMP_ARCH_ARM"}},
		}
	}
	body, err := json.MarshalIndent(profile, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestDialectIsMobys holds the reading of Docker's dialect to moby's loader: what it refuses is refused, and of the rest every call is decided
// as under the plain profile that it makes.
func TestDialectIsMobys(t *testing.T) {
	kernel := thisKernel(t)
	calls := []string{"read", "write", "mount", "socket", "socketcall", "clone3"}
	refused, decided := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		body := drawDialect(t, calls)
		capabilities := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"SYS_ADMIN", "BPF", "CHOWN"}), 0, 3, rapid.ID).Draw(t, "capabilities")
		ours, err := filter.Read(body, filter.Node{Runtime: named(t, "docker"), Native: linux.AMD64, Capabilities: slices.Clip(append([]string{}, capabilities...)), Kernel: kernel})
		plain, theirs := mobyLoads(t, body, capabilities)
		var want *filter.Filter
		if theirs == nil {
			want, theirs = filter.Read(plain, filter.Node{Runtime: named(t, "runc"), Native: linux.AMD64})
		}
		if (err == nil) != (theirs == nil) {
			t.Fatalf("here: %v; with moby's loader: %v\n%s", err, theirs, body)
		}
		if err != nil {
			refused++
			return
		}
		decided++
		for _, arch := range []linux.Arch{linux.AMD64, linux.I386, linux.X32, linux.ARM64, linux.ARM} {
			for _, name := range append(calls, "getpid", "mseal") {
				if _, ok := linux.SyscallNumber(arch, name); !ok {
					continue
				}
				c := filter.Call{Arch: arch, Name: name, Args: drawArgs(t)}
				if a, b := ours.Decide(c), want.Decide(c); a.String() != b.String() {
					t.Errorf("%s on %s %#x is %v (%s), with moby's loader %v (%s)\n%s\n%s", name, arch, c.Args, a, a.Reason, b, b.Reason, body, plain)
				}
			}
		}
	})
	if refused == 0 || decided == 0 {
		t.Errorf("%d profiles refused, %d decided: the draw is no test", refused, decided)
	}
}

// TestDefaultProfileIsMobys reads moby's own profile in Docker's dialect, for sets of capabilities, and holds every call to what moby makes of
// the profile.
func TestDefaultProfileIsMobys(t *testing.T) {
	kernel := thisKernel(t)
	body, err := json.Marshal(moby.DefaultProfile())
	if err != nil {
		t.Fatal(err)
	}
	sets := [][]string{{}, linux.RuntimeDefaultCapabilities()}
	for _, c := range linux.Capabilities() {
		sets = append(sets, []string{c.Name})
	}
	allowed := map[string]int{}
	for _, capabilities := range sets {
		ours, err := filter.Read(body, filter.Node{Runtime: named(t, "docker"), Native: linux.AMD64, Capabilities: capabilities, Kernel: kernel})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := mobyLoads(t, body, capabilities)
		if err != nil {
			t.Fatal(err)
		}
		want, err := filter.Read(plain, filter.Node{Runtime: named(t, "runc"), Native: linux.AMD64})
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range []linux.Arch{linux.AMD64, linux.I386, linux.X32, linux.ARM64} {
			for _, call := range linux.Syscalls() {
				for _, value := range []uint64{0, 2, 40, 0x10000000} {
					c := filter.Call{Arch: arch, Name: call.Name, Args: [6]uint64{value}}
					a, b := ours.Decide(c), want.Decide(c)
					if a.String() != b.String() {
						t.Errorf("%v: %s on %s %#x is %v, with moby's loader %v", capabilities, call.Name, arch, value, a, b)
					}
					if a.Action == filter.Allow {
						allowed[fmt.Sprint(capabilities)]++
					}
				}
			}
		}
	}
	if allowed["[]"] == 0 || allowed["[SYS_ADMIN]"] <= allowed["[]"] {
		t.Errorf("capabilities change nothing: %v", allowed)
	}
}

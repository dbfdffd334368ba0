// Package runtimedefault compares what policies call the runtime's default with the defaults of runtimes.
package runtimedefault

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/contrib/seccomp"
	"github.com/hashicorp/hcl/v2"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	target "github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// stricter are the calls that "@runtime-default" refuses and containerd's default allows, with why. There are none that it is the other way round with.
var stricter = map[string]string{
	"lsm_get_self_attr": "moby wants SYS_ADMIN", "lsm_list_modules": "moby wants SYS_ADMIN", "lsm_set_self_attr": "moby wants SYS_ADMIN",
}

// ours compiles "@runtime-default" for a container with these capabilities on these architectures.
func ours(t *testing.T, capabilities []string, arches []string) *filter.Filter {
	t.Helper()
	items := func(keys ...string) policy.Setting {
		s := policy.Setting{Range: hcl.Range{Filename: "policy.hcl", Start: hcl.InitialPos, End: hcl.InitialPos}}
		for _, key := range keys {
			s.Items = append(s.Items, control.Item{Key: key, Range: s.Range})
		}
		return s
	}
	deny := items()
	deny.Text = control.Deny
	p, diags := policy.Resolve(&policy.Document{
		Source:     policy.Source{Name: "p", Version: "1.0.0", Path: "policy.hcl"},
		Namespaces: []control.Item{{Key: "p"}},
		Platform:   platform.Architectures.With(platform.Facts{}, arches),
		Values: policy.Settings{
			control.Undeclared: deny, control.Privileged: items(), control.SeccompAllow: items(control.RuntimeDefaultSet),
			control.CapabilitiesDrop: items("ALL"), control.CapabilitiesAdd: items(capabilities...),
		},
		Workloads: []*policy.WorkloadBlock{{Name: "w", Match: map[string]string{"app": "w"}, OS: "linux"}},
	}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	artifacts, err := target.Target{}.Emit(p)
	if err != nil || len(artifacts) != 1 {
		t.Fatalf("%d profiles, %v", len(artifacts), err)
	}
	return read(t, artifacts[0].Body)
}

func read(t *testing.T, body []byte) *filter.Filter {
	t.Helper()
	f, err := filter.Read(body, filter.Node{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// containerds is containerd's default profile for a container with these capabilities, as it makes it on this machine.
func containerds(t *testing.T, capabilities []string) *filter.Filter {
	t.Helper()
	var prefixed []string
	for _, name := range capabilities {
		prefixed = append(prefixed, "CAP_"+name)
	}
	body, err := json.Marshal(seccomp.DefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: prefixed}}}))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, body)
}

// arguments are those by which one of the two tells calls apart: families of sockets, flags of namespaces, personalities.
func arguments() (list [][6]uint64) {
	for v := range uint64(64) {
		list = append(list, [6]uint64{v, v})
	}
	for bit := range 32 {
		list = append(list, [6]uint64{1 << bit, 1 << bit}, [6]uint64{1<<bit | 8, 1 << bit})
	}
	return append(list, [6]uint64{0xffffffff, 0xffffffff}, [6]uint64{0x20008})
}

// TestContainerdsDefault asks both profiles about every call, and expects differences where they are listed, and nowhere else.
func TestContainerdsDefault(t *testing.T) {
	arches := map[string][]string{"amd64": {"386", "amd64"}, "arm64": {"arm64"}}[runtime.GOARCH]
	if arches == nil {
		t.Fatalf("no architectures to ask about on %s", runtime.GOARCH)
	}
	seen := map[string]bool{}
	sets := [][]string{{}, linux.RuntimeDefaultCapabilities()}
	for _, c := range linux.Capabilities() {
		sets = append(sets, []string{c.Name})
	}
	for _, capabilities := range sets {
		a, b := ours(t, capabilities, arches), containerds(t, capabilities)
		for _, arch := range arches {
			for _, call := range linux.Syscalls() {
				if _, ok := linux.SyscallNumber(linux.Arch(arch), call.Name); !ok {
					continue
				}
				for _, args := range arguments() {
					c := filter.Call{Native: linux.Arch(runtime.GOARCH), Arch: linux.Arch(arch), Name: call.Name, Args: args}
					us, them := a.Decide(c), b.Decide(c)
					switch {
					case us.Action == filter.Allow && them.Action != filter.Allow:
						t.Errorf("with %v, %s on %s %#x is allowed, and by containerd %v", capabilities, call.Name, arch, args, them)
					case us.Action != filter.Allow && them.Action == filter.Allow && stricter[call.Name] == "":
						t.Errorf("with %v, %s on %s %#x is %v, and containerd allows it", capabilities, call.Name, arch, args, us)
					case us.Action != filter.Allow && them.Action == filter.Allow:
						seen[call.Name] = true
					}
				}
			}
		}
	}
	for call := range stricter {
		if !seen[call] {
			t.Errorf("%s is listed as a difference, and is none", call)
		}
	}
}

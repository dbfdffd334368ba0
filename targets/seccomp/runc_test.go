package seccomp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// missing ends a test for want of a tool: in CI that is a failure.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// containers starts containers with runc. The root file system has busybox and, where it can be built, probe.
type containers struct {
	folder string
	probe  bool
}

func newContainers(t *testing.T) containers {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		missing(t, "containers are started on Linux, by root")
	}
	if _, err := exec.LookPath("runc"); err != nil {
		missing(t, "runc is not installed: %v", err)
	}
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		missing(t, "busybox-static is not installed: %v", err)
	}
	c := containers{folder: t.TempDir()}
	bin := filepath.Join(c.folder, "rootfs", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "busybox"), busybox, 0o755); err != nil {
		t.Fatal(err)
	}
	if runtime.GOARCH == "amd64" {
		out, err := exec.Command("gcc", "-static", "-O1", "-o", filepath.Join(bin, "probe"), "testdata/probe.c").CombinedOutput()
		if c.probe = err == nil; !c.probe {
			t.Logf("probe cannot be built: %v\n%s", err, out)
		}
	}
	if out, err := c.run(t, nil, "", "/bin/busybox", "echo", "ready"); err != nil {
		missing(t, "runc cannot start a container here, even without a profile: %v\n%s", err, out)
	}
	return c
}

// run starts a container with a profile (nil: none) and the capabilities that Docker gives, and waits for its end.
func (c containers) run(t *testing.T, profile []byte, input string, command ...string) (string, error) {
	t.Helper()
	var caps []string
	for _, name := range linux.RuntimeDefaultCapabilities() {
		caps = append(caps, "CAP_"+name)
	}
	spec := specs.Spec{
		Version: "1.0.2",
		Root:    &specs.Root{Path: "rootfs", Readonly: true},
		Process: &specs.Process{
			Args: command, Cwd: "/", Env: []string{"PATH=/bin"}, NoNewPrivileges: true,
			Capabilities: &specs.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps},
		},
		Mounts: []specs.Mount{{Destination: "/proc", Type: "proc", Source: "proc"}},
		Linux: &specs.Linux{Namespaces: []specs.LinuxNamespace{
			{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace}, {Type: specs.MountNamespace}, {Type: specs.NetworkNamespace},
		}},
	}
	if profile != nil {
		spec.Linux.Seccomp = new(specs.LinuxSeccomp)
		if err := json.Unmarshal(profile, spec.Linux.Seccomp); err != nil {
			t.Fatal(err)
		}
	}
	body, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.folder, "config.json"), body, 0o644); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("bulkhead-test-%d", os.Getpid())
	cmd := exec.Command("runc", "--root", filepath.Join(c.folder, "state"), "run", "--bundle", c.folder, name)
	cmd.Stdin = strings.NewReader(input)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.String(), nil
}

// TestStartsUnderRunc starts a container under profiles of different strictness.
func TestStartsUnderRunc(t *testing.T) {
	c := newContainers(t)
	for name, settings := range map[string]policy.Settings{
		"runtime default": {policy.SeccompAllow: set(10, "@runtime-default")},
		"restricted": {
			policy.SeccompAllow: set(10, "@runtime-default"), policy.CapabilitiesDrop: set(11, "ALL"),
			policy.SeccompDeny:     set(12, "@bpf", "@clock", "@io_uring", "@keyring", "@module", "@mount", "@obsolete", "@ptrace", "@raw_io", "@reboot", "@swap", "userfaultfd"),
			policy.NetworkFamilies: set(13, "unix", "inet", "inet6"),
		},
		"all":         {policy.SeccompAllow: set(10, "*")},
		"all but":     {policy.SeccompAllow: set(10, "*"), policy.SeccompDeny: set(11, "@mount", "@io_uring")},
		"with rules":  {policy.SeccompAllow: set(10, "@runtime-default"), policy.SeccompRule: rules(rule("streams", []string{"socket"}, in(0, 1, 2, 10), in(1, 1, 0x80801)))},
		"many values": {policy.SeccompAllow: set(10, "@runtime-default"), policy.SeccompRule: rules(rule("many", []string{"ioctl", "fcntl"}, in(1, upTo(250)...)))},
		"ENOSYS":      {policy.SeccompAllow: set(10, "@runtime-default"), policy.SeccompErrno: text(11, "ENOSYS")},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := c.run(t, one(t, resolve(t, settings, "386", "amd64", "arm64")).Body, "", "/bin/busybox", "echo", "hello")
			if err != nil || out != "hello\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

// TestKernelAgrees makes calls in a container under emitted profiles, and holds the judge to what the kernel does. Refusals get an error that
// the kernel itself does not give to such calls.
func TestKernelAgrees(t *testing.T) {
	c := newContainers(t)
	if !c.probe {
		missing(t, "gcc, the C library to link statically and x86-64 are needed")
	}
	calls := []struct {
		arch string
		name string
		args []uint64
	}{
		{"amd64", "getpid", nil}, {"amd64", "mount", nil}, {"amd64", "umount2", nil}, {"amd64", "unshare", nil}, {"amd64", "setns", []uint64{9999}},
		{"amd64", "clone3", nil}, {"amd64", "fsopen", nil}, {"amd64", "io_uring_setup", nil}, {"amd64", "bpf", []uint64{9999}},
		{"amd64", "perf_event_open", nil}, {"amd64", "keyctl", []uint64{9999}}, {"amd64", "add_key", nil}, {"amd64", "userfaultfd", []uint64{9999}},
		{"amd64", "ptrace", []uint64{9999}}, {"amd64", "process_vm_readv", nil}, {"amd64", "init_module", nil}, {"amd64", "kexec_load", nil},
		{"amd64", "clone", []uint64{0x10000000}}, {"amd64", "clone", []uint64{0x00020000}}, {"amd64", "clone", []uint64{0xff00000010000000}},
		{"amd64", "personality", []uint64{0xffffffff}}, {"amd64", "personality", []uint64{0x0400000}}, {"amd64", "personality", []uint64{^uint64(0)}},
		{"amd64", "socket", []uint64{1, 1}}, {"amd64", "socket", []uint64{2, 1}}, {"amd64", "socket", []uint64{2, 2}}, {"amd64", "socket", []uint64{17, 3}},
		{"amd64", "socket", []uint64{38, 5}}, {"amd64", "socket", []uint64{40, 1}}, {"amd64", "socket", []uint64{16, 3}}, {"amd64", "socket", []uint64{1<<32 | 2, 1}},
		{"amd64", "socketpair", []uint64{1, 1}}, {"amd64", "socketpair", []uint64{40, 1}}, {"amd64", "mseal", nil}, {"amd64", "vmsplice", []uint64{9999}},
		{"386", "getpid", nil}, {"386", "socketcall", []uint64{1}}, {"386", "socketcall", []uint64{3}}, {"386", "socket", []uint64{2, 1}},
		{"386", "socket", []uint64{17, 3}}, {"386", "mount", nil}, {"386", "clock_settime64", nil}, {"x32", "getpid", nil}, {"x32", "mount", nil},
	}
	families := set(13, "unix", "inet", "inet6")
	errno := text(9, "EACCES")
	for name, test := range map[string]struct {
		settings policy.Settings
		arches   []string
	}{
		"runtime default":     {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default")}, []string{"amd64"}},
		"with 32 bits":        {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default")}, []string{"386", "amd64"}},
		"families":            {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default"), policy.NetworkFamilies: families}, []string{"386", "amd64"}},
		"deny":                {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default"), policy.SeccompDeny: set(12, "@ptrace", "vmsplice", "connect")}, []string{"386", "amd64"}},
		"all but":             {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "*"), policy.SeccompDeny: set(12, "@mount", "@io_uring")}, []string{"386", "amd64"}},
		"all":                 {policy.Settings{policy.SeccompAllow: set(10, "*")}, []string{"amd64"}},
		"streams by a rule":   {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default"), policy.SeccompRule: rules(rule("streams", []string{"socket"}, in(1, 1)))}, []string{"386", "amd64"}},
		"no exec, by a rule":  {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default"), policy.SeccompRule: rules(rule("bits", []string{"personality"}, masked(0, 0x0400000, 0)))}, []string{"amd64"}},
		"with its capability": {policy.Settings{policy.SeccompErrno: errno, policy.SeccompAllow: set(10, "@runtime-default"), policy.CapabilitiesAdd: set(11, "SYS_ADMIN")}, []string{"amd64"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := resolve(t, test.settings, test.arches...)
			artifact := one(t, p)
			j, err := seccomp.Target{}.Load(target.Conditions{Platform: p.Platform}, []target.Artifact{artifact})
			if err != nil {
				t.Fatal(err)
			}
			var input strings.Builder
			for _, call := range calls {
				number, _ := linux.SyscallNumber(linux.Arch(call.arch), call.name)
				abi := 64
				switch call.arch {
				case "386":
					abi = 32
				case "x32":
					number |= linux.X32Bit
				}
				fmt.Fprintf(&input, "%d %d", abi, number)
				for _, arg := range call.args {
					fmt.Fprintf(&input, " %d", arg)
				}
				input.WriteString("\n")
			}
			out, err := c.run(t, artifact.Body, input.String(), "/bin/probe")
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(out), "\n")
			if len(lines) != len(calls) {
				t.Fatalf("%d answers to %d calls:\n%s", len(lines), len(calls), out)
			}
			for i, call := range calls {
				a := attempt.Syscall{Arch: call.arch, Name: call.name}
				copy(a.Args[:], call.args)
				v, err := j.Judge(context.Background(), a)
				if err != nil {
					t.Fatal(err)
				}
				if !fits(v, lines[i]) {
					t.Errorf("%s %s %#x: the kernel says %s, the judge %v %s", call.arch, call.name, call.args, lines[i], v.Outcome, v.Findings[0].Message)
				}
			}
		})
	}
}

// fits compares a verdict with what the probe saw. An allowed call may fail, but not as the filter makes it fail; on a node whose kernel is
// without 32-bit calls or x32 the kernel has none of its own.
func fits(v target.Verdict, seen string) bool {
	message := v.Findings[0].Message
	switch {
	case v.Outcome == target.Allow:
		return strings.HasPrefix(seen, "errno ") && seen != "errno 13"
	case strings.HasPrefix(message, "KILL"):
		return seen == "signal 31"
	case v.Outcome == target.Deny:
		var number int
		_, err := fmt.Sscanf(message, "ERRNO(%d)", &number)
		return err == nil && seen == fmt.Sprintf("errno %d", number)
	}
	return false
}

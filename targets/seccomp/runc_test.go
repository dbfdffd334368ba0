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
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// missing ends a test for want of a tool: in CI that is a failure.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// containers starts containers with runc, also several at a time. The root file system has busybox and, where it can be built, probe.
type containers struct {
	folder string
	probe  bool
	count  *atomic.Int64
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
	c := containers{folder: t.TempDir(), count: new(atomic.Int64)}
	bin := filepath.Join(c.folder, "rootfs", "bin")
	for _, folder := range []string{bin, filepath.Join(c.folder, "rootfs", "proc"), filepath.Join(c.folder, "rootfs", "dev")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(bin, "busybox"), busybox, 0o755); err != nil {
		t.Fatal(err)
	}
	if runtime.GOARCH == "amd64" {
		out, err := exec.Command("gcc", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie", "-O1",
			"-o", filepath.Join(bin, "probe"), "testdata/probe.c").CombinedOutput()
		if c.probe = err == nil; !c.probe {
			t.Logf("probe cannot be built: %v\n%s", err, out)
		}
	}
	if out, err := c.run(t, nil, "", "/bin/busybox", "echo", "ready"); err != nil {
		missing(t, "runc cannot start a container here, even without a profile: %v\n%s", err, out)
	}
	return c
}

// newProbes is newContainers for tests that need the probe.
func newProbes(t *testing.T) containers {
	t.Helper()
	c := newContainers(t)
	if !c.probe {
		missing(t, "gcc and x86-64 are needed")
	}
	return c
}

// containerLimit is for a container that its profile keeps from ending; no other comes near it, on a slow machine neither.
const containerLimit = 5 * time.Minute

// run starts a container with a profile (nil: none) and the capabilities that Docker gives, and waits for its end.
func (c containers) run(t testing.TB, profile []byte, input string, command ...string) (string, error) {
	t.Helper()
	name := fmt.Sprintf("bulkhead-test-%d-%d", os.Getpid(), c.count.Add(1))
	bundle := filepath.Join(c.folder, name)
	if err := os.Mkdir(bundle, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bundle, "config.json"), c.config(t, profile, command), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), containerLimit)
	defer cancel()
	state := filepath.Join(c.folder, "state")
	cmd := exec.CommandContext(ctx, "runc", "--root", state, "run", "--bundle", bundle, name)
	cmd.Stdin = strings.NewReader(input)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	cmd.WaitDelay = time.Second // a container that is stuck holds its output open
	err := cmd.Run()
	if ctx.Err() != nil {
		_ = exec.Command("runc", "--root", state, "delete", "--force", name).Run()
		t.Fatalf("the container does not end; it said: %s", out.String())
	}
	if err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.String(), nil
}

func (c containers) config(t testing.TB, profile []byte, command []string) []byte {
	t.Helper()
	var caps []string
	for _, name := range linux.RuntimeDefaultCapabilities() {
		caps = append(caps, "CAP_"+name)
	}
	spec := specs.Spec{
		Version: "1.0.2",
		Root:    &specs.Root{Path: filepath.Join(c.folder, "rootfs"), Readonly: true},
		Process: &specs.Process{
			Args: command, Cwd: "/", Env: []string{"PATH=/bin"}, NoNewPrivileges: true,
			Capabilities: &specs.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps},
		},
		Mounts: []specs.Mount{
			{Destination: "/proc", Type: "proc", Source: "proc"},
			// runc fills /dev: in the root file system itself, containers would get into each other's way.
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "mode=755", "size=64k"}},
		},
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
	return body
}

// attempts makes calls in a container under a profile (nil: none), and gives what became of each, as the probe says it.
func (c containers) attempts(t testing.TB, profile []byte, calls []attempt.Syscall) ([]string, error) {
	t.Helper()
	var input strings.Builder
	for _, call := range calls {
		number, abi := call.Number, 64
		if call.Name != "" {
			number, _ = linux.SyscallNumber(linux.Arch(call.Arch), call.Name)
		}
		switch linux.Arch(call.Arch) {
		case linux.I386:
			abi = 32
		case linux.X32:
			number |= linux.X32Bit
		}
		fmt.Fprintf(&input, "%d %d", abi, number)
		for _, arg := range call.Args {
			fmt.Fprintf(&input, " %d", arg)
		}
		input.WriteString("\n")
	}
	out, err := c.run(t, profile, input.String(), "/bin/probe")
	if err != nil {
		return nil, err
	}
	seen := strings.Split(strings.TrimSpace(out), "\n")
	if len(seen) != len(calls) {
		t.Fatalf("%d answers to %d calls:\n%s", len(seen), len(calls), out)
	}
	return seen, nil
}

// TestStartsUnderRunc starts a container under profiles of different strictness.
func TestStartsUnderRunc(t *testing.T) {
	c := newContainers(t)
	for name, settings := range map[string]policy.Settings{
		"runtime default": {control.SeccompAllow: set(10, "@runtime-default")},
		"restricted": {
			control.SeccompAllow: set(10, "@runtime-default"), control.CapabilitiesDrop: set(11, "ALL"),
			control.SeccompDeny:     set(12, "@bpf", "@clock", "@io_uring", "@keyring", "@module", "@mount", "@obsolete", "@ptrace", "@raw_io", "@reboot", "@swap", "userfaultfd"),
			control.NetworkFamilies: set(13, "unix", "inet", "inet6"),
		},
		"all":         {control.SeccompAllow: set(10, "*")},
		"all but":     {control.SeccompAllow: set(10, "*"), control.SeccompDeny: set(11, "@mount", "@io_uring")},
		"with rules":  {control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("streams", []string{"socket"}, in(0, 1, 2, 10), in(1, 1, 0x80801)))},
		"many values": {control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("many", []string{"ioctl", "fcntl"}, in(1, upTo(250)...)))},
		"ENOSYS":      {control.SeccompAllow: set(10, "@runtime-default"), control.SeccompErrno: text(11, "ENOSYS")},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := c.run(t, one(t, resolve(t, settings, "386", "amd64", "arm64")).Body, "", "/bin/busybox", "echo", "hello")
			if err != nil || out != "hello\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

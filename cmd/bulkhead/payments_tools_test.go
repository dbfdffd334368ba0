package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// tool gives the path of a program, or ends the test for want of it: in CI that
// is a failure.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" && name != "terraform" { // which Debian does not have
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// distinct gives the artifacts of a target in payments, of equal ones the first.
func distinct(t *testing.T, name string) []target.Artifact {
	t.Helper()
	var out []target.Artifact
	seen := map[string]bool{}
	for _, dir := range payments {
		for _, a := range compilePayments(t, loadPayments(t, dir).Policy).Artifacts[name] {
			if !seen[string(a.Body)] {
				seen[string(a.Body)] = true
				out = append(out, a)
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("payments has no artifacts of %s", name)
	}
	return out
}

// Every AppArmor profile of payments is compiled by the real parser.
func TestPaymentsUnderTheAppArmorParser(t *testing.T) {
	parser := tool(t, "apparmor_parser")
	for _, a := range distinct(t, "apparmor") {
		cmd := exec.Command(parser, "-Q", "-K", "-S")
		cmd.Stdin = strings.NewReader(string(a.Body))
		if out, err := cmd.Output(); err != nil || len(out) == 0 {
			t.Errorf("%s: %v, %d bytes", a.Path, err, len(out))
		}
	}
}

// missing leaves a test out; in CI, what it needs has to be there.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Under every seccomp profile of payments a container starts.
func TestPaymentsUnderRunc(t *testing.T) {
	runc := tool(t, "runc")
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil || runtime.GOOS != "linux" || os.Getuid() != 0 {
		missing(t, "containers are started on Linux, by root, from busybox-static")
	}
	bundle := t.TempDir()
	bin := filepath.Join(bundle, "rootfs", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "busybox"), busybox, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := runContainer(t, runc, bundle, nil); err != nil {
		missing(t, fmt.Sprintf("runc cannot start a container here, even without a profile: %v\n%s", err, out))
	}
	for _, a := range distinct(t, "seccomp") {
		if out, err := runContainer(t, runc, bundle, a.Body); err != nil || out != "hello\n" {
			t.Errorf("%s: %q, %v", a.Path, out, err)
		}
	}
}

func runContainer(t *testing.T, runc, bundle string, profile []byte) (string, error) {
	t.Helper()
	spec := specs.Spec{
		Version: "1.0.2",
		Root:    &specs.Root{Path: "rootfs", Readonly: true},
		Process: &specs.Process{Args: []string{"/bin/busybox", "echo", "hello"}, Cwd: "/", NoNewPrivileges: true},
		Mounts:  []specs.Mount{{Destination: "/proc", Type: "proc", Source: "proc"}},
		Linux: &specs.Linux{Namespaces: []specs.LinuxNamespace{
			{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.MountNamespace}, {Type: specs.NetworkNamespace},
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
	if err := os.WriteFile(filepath.Join(bundle, "config.json"), body, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(runc, "--root", filepath.Join(bundle, "state"), "run", "--bundle", bundle, fmt.Sprintf("bulkhead-payments-%d", os.Getpid()))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The modules of payments pass the tests that are emitted with them.
func TestPaymentsUnderTerraform(t *testing.T) {
	terraform := tool(t, "terraform")
	for _, policy := range payments {
		dir := t.TempDir()
		for _, a := range compilePayments(t, loadPayments(t, policy).Policy).Artifacts["terraform"] {
			name := filepath.Join(dir, strings.TrimPrefix(a.Path, "terraform/"))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, a.Body, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"init", "-no-color"}, {"test", "-no-color"}} {
			cmd := exec.Command(terraform, args...)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if err != nil || args[0] == "test" && !strings.Contains(string(out), "Success! 3 passed") {
				t.Fatalf("%s: terraform %v: %v\n%s", policy, args, err, out)
			}
		}
	}
}

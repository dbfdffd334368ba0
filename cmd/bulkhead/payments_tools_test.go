package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// The modules of payments pass the tests that are emitted with them.
func TestPaymentsUnderTerraform(t *testing.T) {
	terraform := tool(t, "terraform")
	for _, policy := range payments {
		dir := t.TempDir()
		b := compilePayments(t, loadPayments(t, policy).Policy)
		if err := b.AddTests(); err != nil {
			t.Fatal(err)
		}
		for _, a := range slices.Concat(b.Artifacts["terraform"], b.Tests["terraform"]) {
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

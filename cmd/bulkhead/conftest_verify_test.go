package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestConftestVerifies runs the tests that bundles bring along by conftest, and holds what it says of manifests to being
// the same with and without them.
func TestConftestVerifies(t *testing.T) {
	conftest := tool(t, "conftest")
	for _, c := range []struct {
		policy    []string
		manifests []string
	}{
		{[]string{"bulkhead:privileged"}, nil}, {[]string{"bulkhead:baseline"}, nil}, {[]string{"bulkhead:hardened"}, nil},
		{[]string{"bulkhead:restricted"}, []string{"../../policies/examples/quickstart/fixtures/privileged.yaml"}},
		{[]string{"../../policies/examples/quickstart"}, []string{"../../policies/examples/quickstart/fixtures/privileged.yaml"}},
		{[]string{"../../policies/examples/payments", "--var", "env=prod"}, []string{"../../policies/examples/payments/fixtures/breakout.yaml"}},
		{[]string{"../../policies/examples/payments/batch", "--var", "env=prod"}, []string{"../../policies/examples/payments/batch/fixtures/borrowed.yaml"}},
		{[]string{"../../testdata/cases/everything"}, []string{"../../policies/examples/payments/fixtures/breakout.yaml"}},
	} {
		t.Run(filepath.Base(c.policy[0]), func(t *testing.T) {
			build := t.TempDir()
			if out, err := exec.Command("bulkhead", append([]string{"compile", "-o", build, "--now", testNow().Format("2006-01-02")}, c.policy...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			rules := filepath.Join(build, "rego")
			out, err := exec.Command(conftest, "verify", "--strict", "--no-color", "-p", rules).CombinedOutput()
			if err != nil || !strings.Contains(string(out), " 0 failures, 0 exceptions, 0 skipped") || strings.HasPrefix(strings.TrimSpace(string(out)), "0 tests") {
				t.Fatalf("%v\n%s", err, out)
			}
			var with [][]string
			for _, file := range c.manifests {
				with = append(with, conftestSays(t, conftest, rules, file))
			}
			if err := os.Remove(filepath.Join(rules, "policy_test.rego")); err != nil {
				t.Fatal(err)
			}
			for i, file := range c.manifests {
				if without := conftestSays(t, conftest, rules, file); !slices.Equal(with[i], without) {
					t.Errorf("%s: %q with the tests, %q without", file, with[i], without)
				}
			}
		})
	}
}

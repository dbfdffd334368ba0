package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// hardware is the fact that a throw-away target brings: policies and command lines
// can state it.
var hardware = &platform.Fact[string]{
	Name: "hardware", Doc: "What the gate is made of.", Usage: "what the gate is made of, a `METAL`",
	Read: func(r platform.Reader) (string, bool) {
		v, ok := r.Text()
		return v.Key, ok && r.OneOf(v, "A metal", []string{"brass", "steel"})
	},
	FromText: func(text string) (string, error) {
		if text == "" {
			return "", errors.New("it must be brass or steel")
		}
		return text, nil
	},
}

// gateTarget is a target that nothing but this file knows.
type gateTarget struct{}

func (gateTarget) Info() target.Info {
	return target.Info{
		Name: "gate", Layer: target.Network, Group: "network plugin", Facts: []platform.Definition{hardware},
		Help: "A gate is as good as its metal.",
	}
}

func (gateTarget) Support(*policy.Policy, policy.Statement) target.Support {
	return target.Support{Level: target.NotApplicable}
}

func (gateTarget) Emit(p *policy.Policy) ([]target.Artifact, error) {
	return []target.Artifact{{Path: "gate/gate.txt", Body: []byte("made of " + hardware.Of(p.Platform) + "\n")}}, nil
}

func (gateTarget) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindCapability} }

func (gateTarget) Load(environment target.Environment, _ []target.Artifact) (target.Judge, error) {
	return gateJudge(hardware.Of(environment.Platform)), nil
}

func (gateTarget) Lint(environment target.Environment, _ target.Artifact) ([]target.Diagnostic, error) {
	return []target.Diagnostic{{Lint: "rust", Summary: "Rust", Message: "There is rust on the " + hardware.Of(environment.Platform) + "."}}, nil
}

type gateJudge string

func (j gateJudge) Judge(context.Context, attempt.Attempt) (target.Verdict, error) {
	return target.Verdict{Outcome: target.Deny, Findings: []target.Finding{{Message: fmt.Sprintf("the %s holds", string(j))}}}, nil
}

// A target is one folder and a line in the list of targets: with that line, every
// command knows it, its group, its fact and its options; without, none does.
func TestThrowAwayTarget(t *testing.T) {
	dir := t.TempDir()
	policyOf := func(platform string) string {
		body := "policy \"shop\" {\n  version = \"1.0.0\"\n  namespaces = [\"shop\"]\n}\nextends \"loose\" { source = \"bulkhead:privileged\" }\nplatform {\n" + platform + "\n}\n"
		name := filepath.Join(dir, "policy.hcl")
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	artifact := filepath.Join(dir, "any.txt")
	if err := os.WriteFile(artifact, []byte("any"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "build")
	const attempts = `{"capability":"SYS_ADMIN"}`
	for _, c := range []struct {
		name     string
		platform string
		args     []string
		code     int
		said     string // on standard output or error
		not      string
	}{
		{"it is listed", "", []string{"targets"}, 0, "gate", ""},
		{"it is not in force by default", "", []string{"compile", "DIR", "-o", out}, 0, "rego", "gate "},
		{"nor can it be asked for then", "", []string{"compile", "DIR", "-o", out, "--target", "gate"}, 2, "the target gate is not in force for the policy", ""},
		{"it brings a fact", "  targets = [\"rego\", \"gate\"]\n  hardware = \"steel\"", []string{"compile", "DIR", "-o", out}, 0, "gate  1 file", "networkpolicy"},
		{"whose values it checks", "  hardware = \"stel\"", []string{"validate", "DIR"}, 2, `A metal is one of brass, steel; "stel" is not. Did you mean "steel"?`, ""},
		{"of its group one is in force", `  targets = ["rego", "networkpolicy", "gate"]`, []string{"validate", "DIR"}, 2, "networkpolicy and gate are both for the network plugin", ""},
		{"its options are those of its facts", "", []string{"judge", "gate", artifact, "--hardware", "steel"}, 0, "the steel holds", ""},
		{"and checked", "", []string{"judge", "gate", artifact, "--hardware", ""}, 2, "--hardware: it must be brass or steel", ""},
		{"of lint too", "", []string{"lint", "gate", artifact, "--hardware", "brass"}, 0, "There is rust on the brass.", ""},
		{"and not of others", "", []string{"judge", "rego", artifact, "--hardware", "steel"}, 2, "unknown flag: --hardware", ""},
		{"its help says what it is asked", "", []string{"judge", "gate", "--help"}, 0, attempts, "--kernel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var args []string
			for _, a := range c.args {
				if a == "DIR" {
					a = policyOf(c.platform)
				}
				args = append(args, a)
			}
			code, said := runWith(t, append(targets.All(), gateTarget{}), attempts, args...)
			if code != c.code || !strings.Contains(said, c.said) || c.not != "" && strings.Contains(said, c.not) {
				t.Errorf("code %d, want %d; said %q and not %q:\n%s", code, c.code, c.said, c.not, said)
			}
		})
	}
	if body, err := os.ReadFile(filepath.Join(out, "gate", "gate.txt")); err != nil || string(body) != "made of steel\n" {
		t.Errorf("the artifact is %q: %v", body, err)
	}
	if code, said := runWith(t, targets.All(), attempts, "validate", policyOf("  hardware = \"steel\"")); code != exitUnusable || !strings.Contains(said, "hardware") {
		t.Errorf("without the target, its fact is known: %d %s", code, said)
	}
}

// runWith runs a command line with a list of targets, and gives all that it prints.
func runWith(t *testing.T, list []target.Target, stdin string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	a := &app{targets: list, in: strings.NewReader(stdin), out: &out, err: &out, now: testNow, width: 100}
	return run(t.Context(), a, args), out.String()
}

package apparmor_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// now is before every exception of these tests ends.
var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// at is where a test's policy states something.
func at(line int) hcl.Range {
	return hcl.Range{Filename: "policy.hcl", Start: hcl.Pos{Line: line, Column: 3}, End: hcl.Pos{Line: line, Column: 9}}
}

func set(line int, keys ...string) policy.Setting {
	s := policy.Setting{Range: at(line)}
	for _, key := range keys {
		s.Items = append(s.Items, control.Item{Key: key, Range: at(line)})
	}
	return s
}

func text(line int, value string) policy.Setting {
	return policy.Setting{Value: control.Value{Text: value}, Range: at(line)}
}

func boolean(line int, value bool) policy.Setting {
	return policy.Setting{Value: control.Value{Bool: value}, Range: at(line)}
}

func paths(line int, pairs ...string) policy.Setting {
	s := policy.Setting{Range: at(line)}
	for i := 0; i < len(pairs); i += 2 {
		s.Items = append(s.Items, control.Item{Key: pairs[i], Arg: pairs[i+1], Range: at(line)})
	}
	return s
}

// strict is a policy that restricts all that AppArmor can hold.
func strict() policy.Settings {
	return policy.Settings{
		control.Privileged:        boolean(10, false),
		control.ProcMount:         text(11, "default"),
		control.CapabilitiesDrop:  set(12, "ALL"),
		control.CapabilitiesAdd:   set(13, "NET_BIND_SERVICE"),
		control.HostPID:           boolean(14, false),
		control.HostPaths:         paths(15),
		control.ReadOnlyRoot:      boolean(16, true),
		control.FilesystemWrite:   set(17, "/tmp/**", "/var/cache/api*/state"),
		control.FilesystemExecute: set(18, "/app/**", "/usr/bin/env"),
		control.FilesystemDeny:    set(19, "/proc/sys/**", "/run/secrets/**", "/proc/self/environ", `/odd name, "x/y`[:12]),
		control.NetworkFamilies:   set(20, "unix", "inet", "inet6"),
		control.Violations:        text(21, "warning"),
	}
}

// with gives the settings with one changed.
func with(s policy.Settings, id control.ID, to policy.Setting) policy.Settings {
	s[id] = to
	return s
}

// resolve makes a policy with the workload "api", held to the settings.
func resolve(t testing.TB, settings policy.Settings) *policy.Policy {
	t.Helper()
	return resolveDocument(t, &policy.Document{
		Source: policy.Source{Name: "payments", Version: "2.1.0", Path: "policy.hcl"},
		Range:  at(1), Namespaces: []control.Item{{Key: "payments"}},
		Values:    with(settings, control.Undeclared, text(2, control.Deny)),
		Workloads: []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(30)}},
	})
}

func resolveDocument(t testing.TB, doc *policy.Document) *policy.Policy {
	t.Helper()
	p, diags := policy.Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// emit gives the profiles of a policy, every one of them checked by apparmor_parser.
func emit(t testing.TB, p *policy.Policy) []target.Artifact {
	t.Helper()
	artifacts, err := apparmor.Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range artifacts {
		parse(t, a.Body)
	}
	return artifacts
}

// parse fails the test if apparmor_parser refuses a profile. Where there is no parser it does nothing, but in CI.
func parse(t testing.TB, body []byte) {
	t.Helper()
	parser := parserPath(t)
	if _, done := parsed.LoadOrStore(string(body), true); done || parser == "" || isNewer(body) && !knowsNewer(t, parser) {
		return
	}
	args := []string{"-Q", "-K", "-S"}
	if _, err := os.Stat(featuresFile); err == nil {
		args = append(args, "--kernel-features", featuresFile)
	}
	cmd := exec.Command(parser, append(args, "/dev/stdin")...)
	cmd.Stdin = bytes.NewReader(body)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("apparmor_parser refuses the profile: %v\n%s\n%s", err, problems.String(), body)
	}
}

// isNewer says whether a profile is written for parsers since 4.0.
func isNewer(body []byte) bool { return bytes.Contains(body, []byte("\nabi <abi/4.0>,\n")) }

// knowsNewer says whether the parser is one of those. Debian 12 has 3.0.8, with which profiles for newer ones are held to
// the strict reader alone.
func knowsNewer(t testing.TB, parser string) bool {
	t.Helper()
	out, err := exec.Command(parser, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return !bytes.Contains(out, []byte("version 2.")) && !bytes.Contains(out, []byte("version 3."))
}

// parsed are the profiles that the parser has seen: compiling one takes a third of a second.
var parsed sync.Map

// featuresFile makes the parser compile every class of rules, on a kernel without AppArmor too.
const featuresFile = "/etc/apparmor.d/abi/3.0"

func parserPath(t testing.TB) string {
	t.Helper()
	for _, path := range []string{"apparmor_parser", "/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no apparmor_parser; install the package apparmor")
	}
	return ""
}

func judge(t testing.TB, artifacts []target.Artifact, a attempt.Attempt) target.Verdict {
	t.Helper()
	if len(artifacts) == 0 {
		return target.Verdict{Outcome: target.Inapplicable}
	}
	j, err := apparmor.Target{}.Load(target.Environment{}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	v, err := j.Judge(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// controlsOf gives the controls that the findings of a verdict come from.
func controlsOf(artifacts []target.Artifact, v target.Verdict) map[control.ID]bool {
	out := map[control.ID]bool{}
	for _, f := range v.Findings {
		for _, a := range artifacts {
			for _, o := range a.Mappings {
				if a.Path == f.Artifact && o.Location == f.Location && o.Subject == f.Subject {
					out[o.Control.ID] = true
				}
			}
		}
	}
	return out
}

func golden(t *testing.T, name string, got []byte, update bool) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run the test with -update\n%s", path, got)
	}
}

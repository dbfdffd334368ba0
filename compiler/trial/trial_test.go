package trial_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

// walls is a target whose artifacts list, a line each, the controls of a
// container that it holds. It holds nothing in the workload "boxed", and claims
// without truth to hold host.pid.
type walls struct{}

var held = []control.ID{control.SeccompAllow, control.SeccompDeny, control.SeccompErrno}

func (walls) Info() target.Info     { return target.Info{Name: "walls", Default: true} }
func (walls) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindSyscall} }

func (walls) Support(_ *policy.Policy, s policy.Statement) target.Support {
	if s.Container != nil && s.Container.Workload.Name == "boxed" && slices.Contains(held, s.Control.ID) {
		return target.Support{Level: target.None, Reason: "It is boxed."}
	}
	return target.Support{Level: target.Full, Mode: control.Prevents}
}

func (walls) Emit(p *policy.Policy) ([]target.Artifact, error) {
	var out []target.Artifact
	for c := range p.Subjects() {
		a := target.Artifact{Path: "walls/" + strings.ReplaceAll(c.ID(), "*", "any"), Containers: []string{c.ID()}}
		for _, id := range held {
			ctrl, _ := control.Lookup(id)
			if s := c.Enforced(id); ctrl.Restricts(s.Value) {
				a.Body = fmt.Appendln(a.Body, id)
				a.Mappings = append(a.Mappings, target.SourceMapping{Location: string(id), Control: control.Ref{ID: id}, Range: s.Range})
			}
		}
		if c.Workload.Name != "boxed" {
			out = append(out, a)
		}
	}
	return out, nil
}

// Tests speak of every control that is restricted, held or not: they must prove nothing.
func (walls) Tests(p *policy.Policy) ([]target.Artifact, error) {
	a := target.Artifact{Path: "walls/tests"}
	for s := range p.Statements() {
		if s.Control != nil && s.Control.Restricts(s.Setting.Value) {
			a.Body = fmt.Appendln(a.Body, s.Control.ID)
		}
	}
	return []target.Artifact{a}, nil
}

func (walls) Load(_ target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	if slices.ContainsFunc(artifacts, func(a target.Artifact) bool { return a.Path == "walls/tests" }) {
		return nil, errors.New("a judge is given tests")
	}
	return wallsJudge{artifacts[0].Path, string(artifacts[0].Body)}, nil
}

type wallsJudge struct{ path, lines string }

// Judge: ptrace is refused by seccomp.deny and, without it, by seccomp.allow; bpf
// by both at once; reboot for a reason of no control; unshare is undecided once
// nothing refuses it. Everything else is let through.
func (j wallsJudge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	deny := func(places ...control.ID) target.Verdict {
		v := target.Verdict{Outcome: target.Deny}
		for _, p := range places {
			v.Findings = append(v.Findings, target.Finding{Artifact: j.path, Location: string(p), Message: "refused"})
		}
		return v
	}
	has := func(id control.ID) bool { return strings.Contains(j.lines, string(id)+"\n") }
	switch name := a.(attempt.Syscall).Name; {
	case name == "ptrace" && has(control.SeccompDeny):
		return deny(control.SeccompDeny), nil
	case name == "bpf" && has(control.SeccompDeny) && has(control.SeccompAllow):
		return deny(control.SeccompDeny, control.SeccompAllow), nil
	case (name == "ptrace" || name == "bpf" || name == "unshare") && has(control.SeccompAllow):
		return deny(control.SeccompAllow), nil
	case name == "reboot":
		return deny("nobody"), nil
	case name == "unshare":
		return target.Verdict{Outcome: target.Undecided}, nil
	}
	return target.Verdict{Outcome: target.Allow}, nil
}

const policyText = `
policy "p" {
  version    = "1.0.0"
  namespaces = ["shop"]
}
seccomp {
  allow = ["read"]
  deny  = ["ptrace"]
}
workload "api" {
  match { labels = { app = "api" } }
}
`

const boxed = `
workload "boxed" {
  match { labels = { app = "boxed" } }
}
exception "boxed" {
  workload = workload.boxed
  unheld   = ["seccomp.allow", "seccomp.deny"]
  owner    = "us"
  reason   = "it is boxed"
  ticket   = "T-1"
  expires  = "2027-01-01"
}
`

func run(t *testing.T, source string) *trial.Report {
	t.Helper()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	program, diags := lang.Load("p", lang.Options{
		Open: func(string) (fs.FS, error) {
			rules, tests, _ := strings.Cut(source, "# tests\n")
			return fstest.MapFS{"p.hcl": {Data: []byte(rules)}, "p.test.hcl": {Data: []byte(tests)}}, nil
		},
		Presets: fstest.MapFS{"presets/baseline.hcl": {Data: []byte("policy \"baseline\" {\n  version  = \"1.0.0\"\n  delegate = [\"*\"]\n}\n")}},
		Now:     now, Version: "0.1.0",
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	b, diags, err := target.Compile(program.Policy, []target.Target{walls{}}, nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	if err := b.AddTests(); err != nil {
		t.Fatal(err)
	}
	report, err := trial.Run(t.Context(), b, program.Tests, target.Environment{Platform: b.Policy.Platform, Now: now}, trial.Options{Limits: input.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func try(call, expect, ctrl string) string {
	if ctrl != "" {
		ctrl = fmt.Sprintf("    control = %q\n", ctrl)
	}
	return fmt.Sprintf("  syscall {\n    name = %q\n    expect = %q\n%s  }\n", call, expect, ctrl)
}

func TestAblation(t *testing.T) {
	for _, c := range []struct {
		name, attempt string
		problem       string // a part of it; "" is a pass
		layers        string
		second        bool
	}{
		{"allowed", try("read", "allow", ""), "", "[]", false},
		{"allowed, wanted refused", try("read", "deny", "seccomp.allow"), "wanted deny, got allow", "[]", false},
		{"refused, wanted allowed", try("ptrace", "allow", ""), "wanted allow, got deny", "[]", false},
		{"the first layer", try("ptrace", "deny", "seccomp.deny"), "", "[[seccomp.deny] [seccomp.allow]]", false},
		{"a second line", try("ptrace", "deny", "seccomp.allow"), "", "[[seccomp.deny] [seccomp.allow]]", true},
		{"two at once", try("bpf", "deny", "seccomp.allow"), "", "[[seccomp.allow seccomp.deny]]", false},
		{"another control", try("ptrace", "deny", "host.pid"), "host.pid is not what refuses this; that is seccomp.deny; then seccomp.allow", "[[seccomp.deny] [seccomp.allow]]", false},
		{"no control", try("reboot", "deny", "seccomp.allow"), "names no control", "[]", false},
		{"undecided in the end", try("unshare", "deny", "seccomp.allow"), "the verdict is undecided", "[[seccomp.allow]]", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := run(t, policyText+"# tests\ntest \"t\" {\n  workload = workload.api\n"+c.attempt+"}\n")
			if len(report.Tests) != 1 || len(report.Tests[0].Attempts) != 1 {
				t.Fatalf("%d tests", len(report.Tests))
			}
			a := report.Tests[0].Attempts[0]
			if (a.Problem == "") != (c.problem == "") || !strings.Contains(a.Problem, c.problem) {
				t.Errorf("problem %q, want %q", a.Problem, c.problem)
			}
			if got := fmt.Sprint(a.Layers); got != c.layers || a.SecondLine != c.second {
				t.Errorf("layers %s, second line %v; want %s, %v", got, a.SecondLine, c.layers, c.second)
			}
			if a.Passed() && a.Control != "" && !slices.Contains(a.Layers[a.Layer], a.Control) {
				t.Errorf("%s is not in the layer %d of %v", a.Control, a.Layer, a.Layers)
			}
			if report.Passed() != (c.problem == "") {
				t.Errorf("the report passes: %v", report.Passed())
			}
		})
	}
}

// A test of every container passes over those that nothing can hold, if an
// exception accepts that; a test of that very container fails.
func TestContainersThatNothingHolds(t *testing.T) {
	attempt := try("ptrace", "deny", "seccomp.deny")
	if report := run(t, policyText+boxed+"# tests\ntest \"t\" {\n"+attempt+"}\n"); !report.Passed() {
		t.Errorf("a test of every container: %s", report.Tests[0].Attempts[len(report.Tests[0].Attempts)-1].Problem)
	}
	report := run(t, policyText+boxed+"# tests\ntest \"t\" {\n  workload = workload.boxed\n"+attempt+"}\n")
	if a := report.Tests[0].Attempts[0]; !strings.Contains(a.Problem, "no artifact that is for boxed/*") {
		t.Errorf("a test of the container: %q", a.Problem)
	}
}

func TestUntestedAndInert(t *testing.T) {
	policy := policyText + "host {\n  pid = false\n}\n# tests\ntest \"t\" {\n" + try("ptrace", "deny", "seccomp.deny") + "}\n"
	report := run(t, policy)
	names := func(list []trial.Untested) (out []string) {
		for _, u := range list {
			out = append(out, u.Control)
		}
		return out
	}
	if got := names(report.Untested); !slices.Equal(got, []string{"host.pid", "seccomp.allow"}) {
		t.Errorf("untested: %v", got)
	}
	if got := names(report.Inert); !slices.Equal(got, []string{"host.pid"}) {
		t.Errorf("inert: %v", got)
	}
	if report.Passed() {
		t.Error("a control that changes nothing passes")
	}
}

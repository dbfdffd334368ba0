package target_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// fake is a target that answers as a test says.
type fake struct {
	name      string
	support   func(policy.Statement) target.Support
	artifacts []target.Artifact
	err       error
}

func (f fake) Info() target.Info     { return target.Info{Name: f.name, Default: true} }
func (f fake) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindSyscall} }

func (f fake) Support(_ *policy.Policy, s policy.Statement) target.Support {
	if f.support == nil {
		return target.Support{Level: target.Full, Mode: control.Prevents}
	}
	return f.support(s)
}

func (f fake) Emit(*policy.Policy) ([]target.Artifact, error) {
	return slices.Clone(f.artifacts), f.err
}

func (f fake) Load(target.Environment, []target.Artifact) (target.Judge, error) { return f, nil }

func (f fake) Judge(context.Context, attempt.Attempt) (target.Verdict, error) {
	return target.Verdict{}, nil
}

var _ target.Judger = fake{}

// holding answers with one support for some controls, and holds the others.
func holding(s target.Support, ids ...control.ID) func(policy.Statement) target.Support {
	return func(st policy.Statement) target.Support {
		if st.Control != nil && slices.Contains(ids, st.Control.ID) {
			return s
		}
		return target.Support{Level: target.Full, Mode: control.Prevents}
	}
}

func always(s target.Support) func(policy.Statement) target.Support {
	return func(policy.Statement) target.Support { return s }
}

// change is a part of a policy that a test states.
type change func(*policy.Document)

func line(n int) hcl.Range { return hcl.Range{Filename: "p.hcl", Start: hcl.Pos{Line: n, Column: 1}} }

func states(id control.ID, v control.Value, n int) change {
	return func(d *policy.Document) { d.Values[id] = policy.Setting{Value: v, Range: line(n), Policy: "p"} }
}

func workload(name string) change {
	return func(d *policy.Document) {
		d.Workloads = append(d.Workloads, &policy.WorkloadBlock{Name: name, Match: map[string]string{"app": name}, Range: line(20)})
	}
}

// unheld is an exception that accepts that nothing holds a control; the workload
// may be "".
func unheld(name, workload, ctrl, expires string) change {
	return func(d *policy.Document) {
		d.Exceptions = append(d.Exceptions, &policy.Exception{
			Name: name, Kind: policy.ExceptionUnheld, Workload: workload, Controls: []control.Item{{Key: ctrl, Range: line(17)}},
			Owner: "us", Reason: "known", Ticket: "T-1", Expires: expires, Policy: "p", Range: line(16),
		})
	}
}

func listed(targets ...string) change {
	return func(d *policy.Document) {
		for i, name := range targets {
			d.Platform = platform.Targets.With(d.Platform, append(platform.Targets.Of(d.Platform), control.Item{Key: name, Range: line(7 + i)}))
		}
	}
}

func flow(d *policy.Document) {
	internet := &policy.Peer{Name: "internet", Kind: policy.PeerInternet}
	d.Flows = append(d.Flows, &policy.FlowBlock{Name: "out", Range: line(10), From: []policy.EndRef{{Workload: "api"}}, To: []policy.EndRef{{Peer: internet}}})
}

var (
	noPID    = states(control.HostPID, control.Value{Bool: false}, 8)
	watching = states(control.Violations, control.Value{Text: "warning"}, 9)
	api, web = workload("api"), workload("web")
)

// resolve makes a policy that holds a namespace, refuses undeclared pods, and
// states nothing else but the changes.
func resolve(t *testing.T, changes ...change) *policy.Policy {
	t.Helper()
	d := &policy.Document{
		Source: policy.Source{Name: "p", Version: "1.2.3"}, Owner: "us", Range: line(1), Namespaces: []control.Item{{Key: "shop", Range: line(4)}},
		Values: policy.Settings{}, Ceilings: policy.Settings{},
		Parents: []policy.Parent{{Document: &policy.Document{Source: policy.Source{Name: "base", Version: "1.0.0"}, Delegate: []control.Item{{Key: "*"}}}}},
	}
	states(control.Undeclared, control.Value{Text: control.Deny}, 5)(d)
	for _, c := range changes {
		c(d)
	}
	p, diags := policy.Resolve(d, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func TestSelect(t *testing.T) {
	all := []target.Target{fake{name: "a"}, fake{name: "b"}, fake{name: "c"}}
	for _, c := range []struct {
		name    string
		listed  []string
		want    []string
		problem string
	}{
		{"all, where none is listed", nil, []string{"a", "b", "c"}, ""},
		{"in the order of the targets, not of the list", []string{"c", "a"}, []string{"a", "c"}, ""},
		{"an unknown name", []string{"b", "x"}, []string{"b"}, `No target is called "x". There are: a, b, c.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			chosen, diags := target.Select(resolve(t, listed(c.listed...)), all)
			if got := target.Names(chosen); !slices.Equal(got, c.want) {
				t.Errorf("chose %v, want %v", got, c.want)
			}
			if c.problem == "" {
				if len(diags) > 0 {
					t.Error(diags)
				}
				return
			}
			if len(diags) != 1 || diags[0].Detail != c.problem || diags[0].Subject.Start.Line != 8 {
				t.Errorf("diagnostics %v", diags)
			}
		})
	}
}

// at is a place in the policy that no statement has.
var at = hcl.Range{Filename: "p.hcl", Start: hcl.Pos{Line: 99, Column: 1}}

func TestCover(t *testing.T) {
	const (
		full = target.Full
		none = target.None
	)
	for _, c := range []struct {
		name   string
		policy []change
		a, b   func(policy.Statement) target.Support
		want   []string // "line: summary: a part of the detail" each
		gaps   []string // "control containers exception" each
	}{
		{"held by one of two", []change{api, web, noPID}, holding(target.Support{Level: none, Reason: "No."}, control.HostPID), nil, nil, nil},
		{"checking holds", []change{api, web, noPID}, always(target.Support{Level: full, Mode: control.Checks}), always(target.Support{Level: target.NotApplicable}), nil, nil},
		{"held by none", []change{api, web, noPID}, holding(target.Support{Level: none, Reason: "No such thing."}, control.HostPID),
			holding(target.Support{Level: target.Partial, Mode: control.Prevents, Reason: "Half of it."}, control.HostPID),
			[]string{"8: No target enforces this control: host.pid = false in api/*, web/* would not be enforced:\n  - a (none): No such thing.\n  - b (partial): Half of it."},
			[]string{"host.pid [api/* web/*] "}},
		{"at the element that cannot be held", []change{api, web, noPID}, holding(target.Support{Level: none, Reason: "No.", Range: at}, control.HostPID),
			always(target.Support{Level: target.NotApplicable}), nil, nil},
		{"nobody's business", []change{api, web, noPID}, always(target.Support{Level: target.NotApplicable}), always(target.Support{Level: target.NotApplicable}),
			[]string{"8: No target enforces this control: none of the policy's targets covers it", "5: No target enforces this control: policy.undeclared"}, nil},
		{"detecting is not holding", []change{api, web, noPID}, holding(target.Support{Level: full, Mode: control.Detects}, control.HostPID), holding(target.Support{Level: target.NotApplicable}, control.HostPID),
			[]string{"8: No target enforces this control: a (full): it would only report it"}, []string{"host.pid [api/* web/*] "}},
		{"a manner is needed", []change{api, web, noPID}, holding(target.Support{Level: full}, control.HostPID), holding(target.Support{Level: none}, control.HostPID),
			[]string{"8: No target enforces this control: b (none): it cannot"}, []string{"host.pid [api/* web/*] "}},
		{"detecting holds what is about noticing", []change{api, web, watching},
			holding(target.Support{Level: full, Mode: control.Detects}, control.Violations), holding(target.Support{Level: none, Reason: "No."}, control.Violations), nil, nil},
		{"detecting a part is not even that", []change{api, web, watching},
			holding(target.Support{Level: target.Partial, Mode: control.Detects, Reason: "Some."}, control.Violations), holding(target.Support{Level: target.NotApplicable}, control.Violations),
			[]string{"9: No target enforces this control: monitoring.violations = \"warning\" in api/*, web/* would not be enforced:\n  - a (partial): Some."}, []string{"monitoring.violations [api/* web/*] "}},
		{"accepted", []change{api, web, noPID, unheld("known", "", "host.pid", "2027-01-01")}, holding(target.Support{Level: none, Reason: "No."}, control.HostPID), holding(target.Support{Level: none, Reason: "No."}, control.HostPID),
			nil, []string{"host.pid [api/* web/*] known"}},
		{"accepted by its block", []change{api, web, noPID, unheld("known", "", "host", "2027-01-01")}, holding(target.Support{Level: none, Reason: "No."}, control.HostPID), holding(target.Support{Level: none, Reason: "No."}, control.HostPID),
			nil, []string{"host.pid [api/* web/*] known"}},
		{"accepted for one of two", []change{api, web, noPID, unheld("known", "web", "host.pid", "2027-01-01")}, holding(target.Support{Level: none, Reason: "No."}, control.HostPID), holding(target.Support{Level: none, Reason: "No."}, control.HostPID),
			[]string{"8: No target enforces this control: host.pid = false in api/* would not be enforced"}, []string{"host.pid [api/*] ", "host.pid [web/*] known"}},
		{"accepted for each by its own", []change{api, web, noPID, unheld("one", "web", "host.pid", "2027-01-01"), unheld("two", "api", "host.pid", "2027-01-01")},
			holding(target.Support{Level: none, Reason: "No."}, control.HostPID), holding(target.Support{Level: none, Reason: "No."}, control.HostPID),
			nil, []string{"host.pid [api/*] two", "host.pid [web/*] one"}},
		{"accepted and held", []change{api, web, noPID, unheld("known", "", "host.pid", "2027-01-01")}, nil, nil,
			[]string{"17: Exception not used: The exception \"known\" accepts that host.pid is not held"}, nil},
		{"a flow cannot be accepted", []change{api, flow},
			func(s policy.Statement) target.Support {
				if s.Flow != nil {
					return target.Support{Level: none, Reason: "No edges."}
				}
				return target.Support{Level: full, Mode: control.Prevents}
			}, always(target.Support{Level: target.NotApplicable}),
			[]string{"10: No target enforces this flow: The flow \"out\" would not be enforced:\n  - a (none): No edges."}, []string{"out [] "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "at the element that cannot be held" {
				c.b = holding(target.Support{Level: target.NotApplicable}, control.HostPID)
				c.want, c.gaps = []string{"99: No target enforces this control: host.pid"}, []string{"host.pid [api/* web/*] "}
			}
			cov, diags, err := target.Cover(resolve(t, c.policy...), []target.Target{fake{name: "a", support: c.a}, fake{name: "b", support: c.b}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(diags) != len(c.want) {
				t.Fatalf("%d diagnostics, want %d: %v", len(diags), len(c.want), diags)
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool { return says(d, want) }) {
					t.Errorf("no diagnostic says %q: %v", want, diags)
				}
			}
			if c.name == "nobody's business" {
				return
			}
			var gaps []string
			for _, g := range cov.Gaps {
				name := ""
				if g.Accepted != nil {
					name = g.Accepted.Name
				}
				what := ""
				if g.Statement.Flow != nil {
					what = g.Statement.Flow.Name
				} else {
					what = string(g.Statement.Control.ID)
				}
				gaps = append(gaps, fmt.Sprintf("%s %v %s", what, g.Containers, name))
			}
			if !slices.Equal(gaps, c.gaps) {
				t.Errorf("gaps %q, want %q", gaps, c.gaps)
			}
			for _, g := range cov.Gaps {
				if !slices.ContainsFunc(cov.Rows, func(r target.Row) bool {
					return r.Statement.Control == g.Statement.Control && slices.Equal(r.Containers, g.Containers)
				}) {
					t.Errorf("the gap of %v has no row", g.Containers)
				}
			}
		})
	}
}

// says reports whether a diagnostic has the line and summary, and a part of the
// detail.
func says(d *hcl.Diagnostic, want string) bool {
	parts := strings.SplitN(want, ": ", 3)
	if parts[1] != d.Summary {
		parts = []string{parts[0], d.Summary, strings.Join(parts[1:], ": ")}
	}
	return fmt.Sprint(d.Subject.Start.Line) == parts[0] && strings.Contains(d.Detail, parts[2])
}

// Rows are told apart by how they are held, so that a workload which is held is
// not among those that are not.
func TestCoverByContainer(t *testing.T) {
	support := func(s policy.Statement) target.Support {
		if s.Container != nil && s.Container.Workload.Name == "web" && s.Control.ID == control.HostPID {
			return target.Support{Level: target.None, Reason: "Not there."}
		}
		return target.Support{Level: target.Full, Mode: control.Prevents}
	}
	_, diags, err := target.Cover(resolve(t, api, web, noPID), []target.Target{fake{name: "a", support: support}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "host.pid = false in web/* would") {
		t.Errorf("diagnostics %v", diags)
	}
}

// A target that forgot a control is our mistake, whoever else holds it.
func TestCoverUnknown(t *testing.T) {
	forgot := fake{name: "a", support: holding(target.Support{}, control.HostPID)}
	_, diags, err := target.Cover(resolve(t, api, web, noPID), []target.Target{fake{name: "b"}, forgot}, nil)
	if err == nil || err.Error() != "the target a does not answer for host.pid" || len(diags) > 0 {
		t.Errorf("error %v, diagnostics %v", err, diags)
	}
}

func TestCompile(t *testing.T) {
	number := []byte(`{"type": "object", "properties": {"num": {"type": "integer"}}}`)
	one := func(path, body string) target.Artifact {
		return target.Artifact{Path: path, Body: []byte(body), Schema: number}
	}
	for _, c := range []struct {
		name      string
		artifacts []target.Artifact
		err       error
		problem   string
	}{
		{"fits", []target.Artifact{one("a/x.json", `{"num": 1}`), {Path: "a/z", Body: []byte("not JSON")}}, nil, ""},
		{"does not fit", []target.Artifact{one("a/x.json", `{"num": "1"}`)}, nil, "a/x.json does not fit its schema"},
		{"is not JSON", []target.Artifact{one("a/x.json", `{"num": 1`)}, nil, "a/x.json does not fit its schema"},
		{"something follows", []target.Artifact{one("a/x.json", `{"num": 1} {"num": "1"}`)}, nil, "a/x.json does not fit its schema: something follows"},
		{"equal bodies of two schemas", []target.Artifact{one("a/x.json", `{"num": 1}`), {Path: "a/y.json", Body: []byte(`{"num": 1}`), Schema: []byte(`{"type": "array"}`)}}, nil, "a/y.json does not fit its schema"},
		{"a broken schema", []target.Artifact{{Path: "a/x.json", Body: []byte(`{}`), Schema: []byte(`{`)}}, nil, "schema"},
		{"twice", []target.Artifact{one("a/x.json", `{}`), one("a/y.json", `{}`), one("a/x.json", `{}`)}, nil, `emit a: the path "a/x.json" is not below the target's folder, or stands twice`},
		{"in another's folder", []target.Artifact{one("b/x.json", `{}`)}, nil, "is not below the target's folder"},
		{"in a folder whose name begins alike", []target.Artifact{one("ab/x.json", `{}`)}, nil, "is not below the target's folder"},
		{"out of the folder", []target.Artifact{one("a/../../x.json", `{}`)}, nil, "is not below the target's folder"},
		{"the folder", []target.Artifact{one("a/", `{}`)}, nil, "is not below the target's folder"},
		{"cannot be emitted", nil, errors.New("broken"), "emit a: broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, diags, err := target.Compile(resolve(t, api, web, noPID), []target.Target{fake{name: "a", artifacts: c.artifacts, err: c.err}}, nil)
			switch {
			case diags.HasErrors():
				t.Error(diags)
			case c.problem == "" && err != nil:
				t.Error(err)
			case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
				t.Errorf("error %v, want %q", err, c.problem)
			case c.problem != "" && b != nil:
				t.Error("a build in spite of the error")
			}
		})
	}
}

// Narrowing what is emitted does not narrow what is covered.
func TestCompileOnly(t *testing.T) {
	a := fake{name: "a", artifacts: []target.Artifact{{Path: "a/2"}, {Path: "a/1"}}}
	b := fake{name: "b", artifacts: []target.Artifact{{Path: "b/1"}}, support: always(target.Support{Level: target.NotApplicable})}
	build, diags, err := target.Compile(resolve(t, api, web, noPID), []target.Target{b, a}, nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	var paths []string
	for _, artifact := range build.All() {
		paths = append(paths, artifact.Path)
	}
	if !slices.Equal(paths, []string{"a/1", "a/2", "b/1"}) {
		t.Errorf("all: %v", paths)
	}
	onlyB := func(t target.Target) bool { return t.Info().Name == "b" }
	build, diags, err = target.Compile(resolve(t, api, web, noPID), []target.Target{b, a}, onlyB)
	if err != nil || diags.HasErrors() {
		t.Fatal("narrowed: ", err, diags)
	}
	if len(build.All()) != 1 || len(build.Targets) != 2 || len(build.Coverage.Rows[0].Supports) != 2 {
		t.Errorf("narrowed: %d artifacts, %d targets", len(build.All()), len(build.Targets))
	}
	if _, diags, _ := target.Compile(resolve(t, api, web, noPID), []target.Target{b}, nil); !diags.HasErrors() {
		t.Error("nothing holds the policy, and it compiles")
	}
}

// tested is a target with tests of its own.
type tested struct{ fake }

func (tested) Tests(*policy.Policy) ([]target.Artifact, error) {
	return []target.Artifact{{Path: "a/2_test"}, {Path: "a/1_test"}}, nil
}

// Tests are emitted where they are asked for, and stay apart from artifacts.
func TestAddTests(t *testing.T) {
	a := tested{fake{name: "a", artifacts: []target.Artifact{{Path: "a/2"}, {Path: "a/1"}}}}
	b := fake{name: "b", artifacts: []target.Artifact{{Path: "b/1"}}, support: always(target.Support{Level: target.NotApplicable})}
	for _, c := range []struct {
		only string
		want []string
	}{{"", []string{"a/1", "a/1_test", "a/2", "a/2_test", "b/1"}}, {"b", []string{"b/1"}}} {
		only := func(t target.Target) bool { return c.only == "" || t.Info().Name == c.only }
		build, diags, err := target.Compile(resolve(t, api, web, noPID), []target.Target{b, a}, only)
		if err != nil || diags.HasErrors() {
			t.Fatal(err, diags)
		}
		before := len(build.All())
		if err := build.AddTests(); err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, artifact := range build.All() {
			paths = append(paths, artifact.Path)
		}
		if !slices.Equal(paths, c.want) || len(build.Artifacts["a"])+len(build.Artifacts["b"]) != before {
			t.Errorf("only %q: %v, of which %d are no tests", c.only, paths, before)
		}
	}
}

func TestAttribute(t *testing.T) {
	origin := func(place, subject string, line int, id control.ID, label string) target.SourceMapping {
		return target.SourceMapping{Location: place, Subject: subject, Control: control.Ref{ID: id, Label: label}, Range: hcl.Range{Filename: "p.hcl", Start: hcl.Pos{Line: line}}}
	}
	artifacts := []target.Artifact{
		{Path: "a/1", Mappings: []target.SourceMapping{
			origin("default", "", 1, control.SeccompAllow, ""),
			origin("default", "ptrace", 2, control.SeccompDeny, ""),
			origin("rule", "", 3, control.SeccompRule, "one"),
			origin("rule", "", 4, control.SeccompRule, "two"),
		}},
		{Path: "a/2", Mappings: []target.SourceMapping{
			origin("", "", 5, control.FilesystemDeny, ""),
			origin("line 3", "", 6, control.FilesystemWrite, ""),
		}},
		{Path: "a/3", Mappings: []target.SourceMapping{origin("x", "only", 7, control.HostPID, "")}},
	}
	for _, c := range []struct {
		name     string
		finding  target.Finding
		lines    []int
		controls string
	}{
		{"a general origin", target.Finding{Artifact: "a/1", Location: "default", Subject: "bpf"}, []int{1}, "[seccomp.allow]"},
		{"a subject's own beats the general", target.Finding{Artifact: "a/1", Location: "default", Subject: "ptrace"}, []int{2}, "[seccomp.deny]"},
		{"no subject", target.Finding{Artifact: "a/1", Location: "default"}, []int{1}, "[seccomp.allow]"},
		{"several at one place", target.Finding{Artifact: "a/1", Location: "rule"}, []int{3, 4}, "[seccomp.rule.one seccomp.rule.two]"},
		{"the finding names its control", target.Finding{Artifact: "a/1", Location: "rule", Control: "seccomp.rule.two"}, []int{4}, "[seccomp.rule.two]"},
		{"the finding names the whole block", target.Finding{Artifact: "a/1", Location: "rule", Control: "seccomp.rule"}, []int{3, 4}, "[seccomp.rule]"},
		{"the finding names what no origin has", target.Finding{Artifact: "a/1", Location: "rule", Control: "host.pid"}, nil, "[host.pid]"},
		{"the finding names no control of ours", target.Finding{Artifact: "a/1", Location: "rule", Control: "CIS-5.2"}, nil, "[]"},
		{"the whole file", target.Finding{Artifact: "a/2", Location: "line 9"}, []int{5}, "[filesystem.deny]"},
		{"the whole file, and the line", target.Finding{Artifact: "a/2", Location: "line 3"}, []int{5, 6}, "[filesystem.deny filesystem.write]"},
		{"another's subject", target.Finding{Artifact: "a/3", Location: "x"}, nil, "[]"},
		{"another place", target.Finding{Artifact: "a/1", Location: "elsewhere"}, nil, "[]"},
		{"another file", target.Finding{Artifact: "b/1", Location: "default"}, nil, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []int
			for _, o := range target.Attribute(artifacts, c.finding) {
				lines = append(lines, o.Range.Start.Line)
			}
			if !slices.Equal(lines, c.lines) {
				t.Errorf("origins at the lines %v, want %v", lines, c.lines)
			}
			if got := fmt.Sprint(target.Controls(artifacts, c.finding)); got != c.controls {
				t.Errorf("controls %s, want %s", got, c.controls)
			}
		})
	}
}

func TestOnlyFullSupportEnforces(t *testing.T) {
	privileged, _ := control.Lookup(control.Privileged)
	detect, _ := control.Lookup(control.Detect)
	for _, c := range []struct {
		of      *control.Control // nil: a flow
		support target.Support
		want    bool
	}{
		{privileged, target.Support{}, false},
		{privileged, target.Support{Level: target.Full, Mode: control.Detects}, false},
		{privileged, target.Support{Level: target.Full, Mode: control.Maintains}, false},
		{privileged, target.Support{Level: target.Full, Mode: control.Checks}, true},
		{privileged, target.Support{Level: target.Partial, Mode: control.Checks, Utmost: true}, true},
		{privileged, target.Support{Level: target.Partial, Mode: control.Detects, Utmost: true}, false},
		{privileged, target.Support{Level: target.Partial, Mode: control.Prevents}, false},
		{detect, target.Support{Level: target.Full, Mode: control.Detects}, true},
		{detect, target.Support{Level: target.Partial, Mode: control.Detects}, false},
		{nil, target.Support{Level: target.Full, Mode: control.Detects}, false},
		{nil, target.Support{Level: target.Full, Mode: control.Prevents}, true},
	} {
		if got := c.support.Enforces(policy.Statement{Control: c.of}); got != c.want {
			t.Errorf("%v %v enforces %v: %v", c.support.Level, c.support.Mode, c.of, got)
		}
	}
}

// An exception for images means something else to what sees images than to what does not, and nothing to what does not hold the control.
func TestCoverExceptionsForImages(t *testing.T) {
	p := resolve(t, api, noPID)
	for s := range p.Statements() {
		if s.Control != nil && s.Control.ID == control.HostPID {
			s.Container.Settings[control.HostPID] = policy.Setting{
				Value: s.Setting.Value, Range: s.Setting.Range, Exempt: []*policy.Exception{{Name: "agent"}, {Name: "debug"}},
			}
		}
	}
	for _, c := range []struct{ support, want target.Support }{
		{
			target.Support{Level: target.Full, Mode: control.Checks, Reason: "It reads manifests."},
			target.Support{Level: target.Full, Mode: control.Checks, Reason: `It reads manifests. In containers of the images of the exception "agent" and "debug", violations are only reported.`},
		},
		{
			target.Support{Level: target.Full, Mode: control.Prevents},
			target.Support{Level: target.Full, Mode: control.Prevents, Reason: `It sees no images, and holds this in those of the exception "agent" and "debug" too.`},
		},
		{
			target.Support{Level: target.Partial, Mode: control.Detects, Reason: "Half."},
			target.Support{Level: target.Partial, Mode: control.Detects, Reason: `Half. It sees no images, and holds this in those of the exception "agent" and "debug" too.`},
		},
		{target.Support{Level: target.None, Reason: "No."}, target.Support{Level: target.None, Reason: "No."}},
		{target.Support{Level: target.NotApplicable}, target.Support{Level: target.NotApplicable}},
	} {
		cov, _, err := target.Cover(p, []target.Target{fake{name: "a", support: holding(c.support, control.HostPID)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(cov.Rows, func(r target.Row) bool {
			return r.Statement.Control != nil && r.Statement.Control.ID == control.HostPID
		})
		if i < 0 || cov.Rows[i].Supports["a"] != c.want {
			t.Errorf("%+v becomes %+v, want %+v", c.support, cov.Rows[i].Supports["a"], c.want)
		}
	}
}

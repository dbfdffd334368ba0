package trial_test

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
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

// gate is a target with one artifact for all containers: a line for each control
// that any of them is held to, and for each detection but the one called "two".
// Where privileged containers are allowed, no other line stands.
type gate struct {
	name string
	// also is what it refuses besides.
	also func(attempt.Attempt) []target.Finding
}

var gated = []control.ID{control.Privileged, control.HostPID, control.HostNetwork}

func (g gate) Info() target.Info { return target.Info{Name: g.name, Default: true} }
func (gate) Kinds() []attempt.Kind {
	return []attempt.Kind{attempt.KindManifest, attempt.KindPlan, attempt.KindEvent}
}

func (gate) Support(_ *policy.Policy, s policy.Statement) target.Support {
	if s.Control != nil && s.Control.ID == control.HostIPC {
		return target.Support{Level: target.None, Reason: "There is no such thing."}
	}
	return target.Support{Level: target.Full, Mode: control.Checks}
}

func (g gate) Emit(p *policy.Policy) ([]target.Artifact, error) {
	var lines []string
	for c := range p.Subjects() {
		for _, id := range gated {
			ctrl, _ := control.Lookup(id)
			if ctrl.Restricts(c.Enforced(id).Value) && !c.Enforced(control.Privileged).Bool {
				lines = append(lines, string(id))
			}
		}
		for _, it := range c.Get(control.Detect).Items {
			if it.Key != "two" {
				lines = append(lines, "monitoring.detect."+it.Key)
			}
		}
	}
	slices.Sort(lines)
	return []target.Artifact{{Path: g.name + "/lines", Body: []byte(strings.Join(slices.Compact(lines), "\n") + "\n")}}, nil
}

func (g gate) Load(_ target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	return gateJudge{g, string(artifacts[0].Body)}, nil
}

type gateJudge struct {
	gate
	lines string
}

// Judge refuses hostPID and hostNetwork by the lines, alerts on the events that
// are called as a line, and cannot decide objects that are called "odd".
func (j gateJudge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	v := target.Verdict{Outcome: target.Inapplicable}
	refuse := func(o target.Outcome, ctrl control.ID) {
		if strings.Contains(j.lines, string(ctrl)+"\n") {
			v.Outcome = o
			v.Findings = append(v.Findings, target.Finding{Artifact: j.name + "/lines", Control: string(ctrl), Message: "refused"})
		}
	}
	switch a := a.(type) {
	case attempt.Manifest:
		objects, _ := a.Document.Objects(input.BuiltIn())
		for _, o := range objects {
			pods := o.Pods()
			if len(pods) == 0 {
				continue
			}
			v.Outcome = target.Allow
			for key, id := range map[string]control.ID{"hostPID": control.HostPID, "hostNetwork": control.HostNetwork} {
				if pods[0].Node.Get("spec").Get(key) != nil {
					refuse(target.Deny, id)
				}
			}
			if o.Name == "odd" || a.Namespace != "shop" {
				return target.Verdict{Outcome: target.Undecided, Findings: []target.Finding{{Message: "odd"}}}, nil
			}
		}
	case attempt.Plan:
		v.Outcome = target.Allow
		if strings.Contains(string(a.Body), "hostPID") {
			refuse(target.Deny, control.HostPID)
		}
	case attempt.Event:
		v.Outcome = target.Silent
		name, _ := a.Fields["evt.type"].(string)
		refuse(target.Alert, control.ID("monitoring.detect."+name))
		if a.Fields["k8s.ns.name"] != "shop" || a.Fields["container.name"] == policy.AnyContainer {
			v.Outcome = target.Undecided
		}
	}
	if j.also != nil {
		if more := j.also(a); len(more) > 0 {
			v.Outcome, v.Findings = target.Deny, append(v.Findings, more...)
		}
	}
	return v, nil
}

const gatePolicy = `
policy "p" {
  version    = "1.0.0"
  namespaces = ["shop"]
  undeclared = "deny"
}
privileges {
  privileged = false
}
host {
  pid     = false
  network = false
}
workload "api" {
  match { labels = { app = "api" } }
}
workload "web" {
  match { labels = { app = "web" } }
}
`

const (
	goodPod    = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\nspec: {containers: [{name: c, image: i}]}\n"
	badPod     = "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: {hostPID: true, containers: [{name: c, image: i}]}\n"
	oddPod     = "apiVersion: v1\nkind: Pod\nmetadata: {name: odd}\nspec: {containers: [{name: c, image: i}]}\n"
	initPod    = "apiVersion: v1\nkind: Pod\nmetadata: {name: init}\nspec: {initContainers: [{name: c, image: i}]}\n"
	emptyPod   = "apiVersion: v1\nkind: Pod\nmetadata: {name: none}\nspec: {containers: []}\n"
	noSpec     = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {}\n"
	configMap  = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n"
	emptyList  = "apiVersion: v1\nkind: List\nitems: []\n"
	plan       = `{"format_version": "1.2", "terraform_version": "1.9", "resource_changes": []}`
	hostileAll = "spec: {hostPID: true, hostNetwork: true, containers: [{name: c}]}\n"
)

// setup is what a run starts from.
type setup struct {
	policy, tests string
	files         map[string]string
	targets       []target.Target
	options       trial.Options
	spoil         func(fstest.MapFS) // after the policy was read
}

func (s setup) run(t *testing.T) (*trial.Report, error) {
	t.Helper()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	folder := fstest.MapFS{"p.hcl": {Data: []byte(s.policy)}, "p.test.hcl": {Data: []byte(s.tests)}}
	for name, body := range s.files {
		folder[name] = &fstest.MapFile{Data: []byte(body)}
	}
	program, diags := lang.Load("p", lang.Options{
		Open:    func(string) (fs.FS, error) { return folder, nil },
		Presets: fstest.MapFS{"presets/baseline.hcl": {Data: []byte("policy \"baseline\" {\n  version  = \"1.0.0\"\n  delegate = [\"*\"]\n}\n")}},
		Now:     now, Version: "0.1.0",
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if s.targets == nil {
		s.targets = []target.Target{gate{name: "gate"}}
	}
	b, diags, err := target.Compile(program.Policy, s.targets, nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	if s.options.Limits == (input.Limits{}) {
		s.options.Limits = input.DefaultLimits()
	}
	if s.spoil != nil {
		s.spoil(folder)
	}
	return trial.Run(t.Context(), b, program.Tests, target.Environment{Platform: b.Policy.Platform, Now: now}, s.options)
}

// fixture is a test of one file, "m.yaml" or "m.json".
func fixture(kind, file, expect, ctrl string) string {
	if ctrl != "" {
		ctrl = fmt.Sprintf("    control = %q\n", ctrl)
	}
	return fmt.Sprintf("test \"t\" {\n  %s {\n    file = %q\n    expect = %q\n%s  }\n}\n", kind, file, expect, ctrl)
}

func TestManifests(t *testing.T) {
	const nothing = "m.yaml holds no container and no node"
	for _, c := range []struct {
		name, file, expect, control string
		problem                     string // a part of it; "" is a pass
		outcome                     string
	}{
		{"allowed", goodPod, "allow", "", "", "allow"},
		{"refused", badPod, "deny", "host.pid", "", "deny"},
		{"one of two refused", goodPod + "---\n" + badPod, "deny", "host.pid", "", "deny"},
		{"one of two refused, wanted allowed", goodPod + "---\n" + badPod, "allow", "", "wanted allow, got deny", "deny"},
		{"in a List", "kind: List\nitems:\n- {apiVersion: v1, kind: Pod, spec: {hostPID: true, containers: [{name: c}]}}\n", "deny", "host.pid", "", "deny"},
		{"undecided is lost beside refused until that is loosened", badPod + "---\n" + oddPod, "deny", "host.pid", "without host.pid the verdict is undecided", "deny"},
		{"undecided beside refused, wanted allowed", badPod + "---\n" + oddPod, "allow", "", "wanted allow, got deny", "deny"},
		{"undecided outweighs allowed", oddPod + "---\n" + goodPod, "allow", "", "wanted allow, got undecided", "undecided"},
		{"what is not read beside what is", configMap + "---\n" + goodPod, "allow", "", "", "allow"},
		{"only an init container", initPod, "allow", "", "", "allow"},
		{"no container", emptyPod, "allow", "", nothing, "undecided"},
		{"no container, refused", "kind: Pod\nspec: {hostPID: true}\n", "deny", "host.pid", nothing, "undecided"},
		{"no pod", configMap, "allow", "", nothing, "undecided"},
		{"an empty List", emptyList, "allow", "", nothing, "undecided"},
		{"no object", "- 1\n", "allow", "", nothing, "undecided"},
		{"a pod that is not where it should be", goodPod + "---\n" + noSpec, "allow", "", "m.yaml:6: the Deployment has no pod at spec.template.spec", "undecided"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := setup{policy: gatePolicy, tests: fixture("manifest", "m.yaml", c.expect, c.control), files: map[string]string{"m.yaml": c.file}}.run(t)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Tests[0].Attempts) != 1 {
				t.Fatalf("%d attempts", len(report.Tests[0].Attempts))
			}
			a := report.Tests[0].Attempts[0]
			if (a.Problem == "") != (c.problem == "") || !strings.Contains(a.Problem, c.problem) || a.Outcome != c.outcome {
				t.Errorf("%s, problem %q; want %s, %q", a.Outcome, a.Problem, c.outcome, c.problem)
			}
			if a.Wanted != c.expect || a.Control != c.control || a.Range.Start.Line != 2 || report.Tests[0].Passed() != (c.problem == "") {
				t.Errorf("wanted %q by %q at %v, passed %v", a.Wanted, a.Control, a.Range, report.Tests[0].Passed())
			}
		})
	}
}

func TestPlan(t *testing.T) {
	report, err := setup{policy: gatePolicy, tests: fixture("plan", "m.json", "allow", ""), files: map[string]string{"m.json": plan}}.run(t)
	if err != nil || !report.Tests[0].Passed() {
		t.Errorf("%v %v", report, err)
	}
}

func TestUnreadableFixtures(t *testing.T) {
	for _, c := range []struct {
		name, file string
		setup      setup
		problem    string
	}{
		{"gone", goodPod, setup{spoil: func(f fstest.MapFS) { delete(f, "m.yaml") }}, "m.yaml"},
		{"too large", goodPod, setup{options: trial.Options{Limits: input.Limits{Bytes: 10, Documents: 1, Depth: 10, Nodes: 100, Aliased: 1}}}, "m.yaml"},
		{"too many documents", goodPod + "---\n" + goodPod, setup{options: trial.Options{Limits: input.Limits{Bytes: 1000, Documents: 1, Depth: 10, Nodes: 100, Aliased: 1}}}, "m.yaml: the file holds 2 documents"},
		{"no YAML", "a: [", setup{}, "m.yaml:2"},
		{"empty", "# nothing\n", setup{}, "m.yaml: the file holds no document"},
		{"one broken document", goodPod + "---\na: [", setup{}, "m.yaml:7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.setup.policy, c.setup.tests, c.setup.files = gatePolicy, fixture("manifest", "m.yaml", "allow", ""), map[string]string{"m.yaml": c.file}
			report, err := c.setup.run(t)
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("error %v, report %v; want %q", err, report, c.problem)
			}
		})
	}
}

// Controls that decide together are one layer; a refusal that does not go away
// proves nothing.
func TestLayersOfGate(t *testing.T) {
	sticky := func(ctrl control.ID, warning bool) func(attempt.Attempt) []target.Finding {
		return func(attempt.Attempt) []target.Finding {
			return []target.Finding{{Artifact: "gate/lines", Control: string(ctrl), Message: "still refused", Warning: warning}}
		}
	}
	for _, c := range []struct {
		name, control string
		also          func(attempt.Attempt) []target.Finding
		problem       string
		layers        string
	}{
		{"both at once", "host.network", nil, "", "[[host.network host.pid]]"},
		{"another control", "privileges.privileged", nil, "privileges.privileged is not what refuses this; that is host.network, host.pid", "[[host.network host.pid]]"},
		{"it stays", "host.pid", sticky(control.HostPID, false), "the refusal stays without host.network,host.pid, and names no other control\n  gate/lines: still refused", "[[host.network host.pid]]"},
		{"loosening changes nothing", "host.probes", func(a attempt.Attempt) []target.Finding {
			if o, _ := a.(attempt.Manifest).Document.Objects(input.BuiltIn()); o[0].Name == "bad" {
				return sticky(control.HostProbes, false)(a)
			}
			return nil
		}, "loosening host.probes changes no artifact", "[[host.probes]]"},
		{"a warning decides nothing", "host.pid", sticky(control.HostProbes, true), "names no other control", "[[host.network host.pid]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: all}\n" + hostileAll
			if c.control == "host.probes" {
				pod = strings.Replace(goodPod, "good", "bad", 1)
			}
			report, err := setup{policy: gatePolicy, tests: fixture("manifest", "m.yaml", "deny", c.control), files: map[string]string{"m.yaml": pod},
				targets: []target.Target{gate{name: "gate", also: c.also}}}.run(t)
			if err != nil {
				t.Fatal(err)
			}
			a := report.Tests[0].Attempts[0]
			if (a.Problem == "") != (c.problem == "") || !strings.Contains(a.Problem, c.problem) {
				t.Errorf("problem %q, want %q", a.Problem, c.problem)
			}
			if got := fmt.Sprint(a.Layers); got != c.layers {
				t.Errorf("layers %s, want %s", got, c.layers)
			}
		})
	}
}

// All targets that understand an attempt must agree; a test may name some.
func TestTargetsOfTest(t *testing.T) {
	strict := gate{name: "strict", also: func(attempt.Attempt) []target.Finding { return []target.Finding{{Message: "never"}} }}
	for _, c := range []struct{ name, targets, want string }{
		{"all", "", "gate ok, strict failed"},
		{"one", `targets = ["gate"]`, "gate ok"},
		{"the other", `targets = ["strict"]`, "strict failed"},
		{"none that understands", `targets = ["walls"]`, " failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tests := strings.Replace(fixture("manifest", "m.yaml", "allow", ""), "{\n", "{\n  "+c.targets+"\n", 1)
			report, err := setup{policy: gatePolicy, tests: tests, files: map[string]string{"m.yaml": goodPod}, targets: []target.Target{gate{name: "gate"}, strict, walls{}}}.run(t)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range report.Tests[0].Attempts {
				word := "failed"
				if a.Passed() {
					word = "ok"
				}
				got = append(got, a.Target+" "+word)
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("%s, want %s", s, c.want)
			}
		})
	}
}

// patchy is walls without an artifact for one workload that it claims to hold.
type patchy struct{ walls }

func (patchy) Emit(p *policy.Policy) ([]target.Artifact, error) {
	artifacts, err := walls{}.Emit(p)
	return slices.DeleteFunc(artifacts, func(a target.Artifact) bool { return a.For("ghost/*") }), err
}

// A test of every container does not hold by passing over one.
func TestContainerWithoutArtifacts(t *testing.T) {
	ghost := "workload \"ghost\" {\n  match { labels = { app = \"ghost\" } }\n}\n"
	report, err := setup{policy: policyText + ghost, tests: "test \"t\" {\n" + try("ptrace", "deny", "seccomp.deny") + "}\n", targets: []target.Target{patchy{}}}.run(t)
	if err != nil {
		t.Fatal(err)
	}
	attempts := report.Tests[0].Attempts
	last := attempts[len(attempts)-1]
	if report.Passed() || !slices.Equal(last.Containers, []string{"ghost/*"}) || !strings.Contains(last.Problem, "no artifact that is for ghost/* understands") {
		t.Errorf("passed %v, %v: %q", report.Passed(), last.Containers, last.Problem)
	}
	for _, a := range attempts[:len(attempts)-1] {
		if !a.Passed() {
			t.Errorf("%v: %s", a.Containers, a.Problem)
		}
	}
}

const detections = `
monitoring {
  detect "one" {
    priority  = "notice"
    condition = "evt.type = one"
  }
  detect "two" {
    priority  = "notice"
    condition = "evt.type = two"
  }
}
`

func eventTest(name, expect, ctrl string) string {
	if ctrl != "" {
		ctrl = fmt.Sprintf("    control = %q\n", ctrl)
	}
	return fmt.Sprintf("test \"t\" {\n  event {\n    fields = { \"evt.type\" = %q }\n    expect = %q\n%s  }\n}\n", name, expect, ctrl)
}

func TestEvents(t *testing.T) {
	for _, c := range []struct{ name, test, problem string }{
		{"alert", eventTest("one", "alert", "monitoring.detect.one"), ""},
		{"alert, named by the control", eventTest("one", "alert", "monitoring.detect"), ""},
		{"silent", eventTest("three", "silent", ""), ""},
		{"silent, wanted alert", eventTest("two", "alert", "monitoring.detect.two"), "wanted alert, got silent"},
		{"another block", eventTest("one", "alert", "monitoring.detect.two"), "monitoring.detect.two is not what refuses this; that is monitoring.detect.one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := setup{policy: gatePolicy + detections, tests: c.test}.run(t)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(report.Tests[0].Attempts); n != 2 { // api and web
				t.Errorf("%d attempts", n)
			}
			for _, a := range report.Tests[0].Attempts {
				if (a.Problem == "") != (c.problem == "") || !strings.Contains(a.Problem, c.problem) {
					t.Errorf("%v: problem %q, want %q", a.Containers, a.Problem, c.problem)
				}
			}
		})
	}
}

func controls(list []trial.Untested) []string {
	out := []string{}
	for _, u := range list {
		out = append(out, u.Control)
	}
	return out
}

func TestUntestedAndInertOfGate(t *testing.T) {
	const ipc = "host.ipc"
	accepted := strings.Replace(gatePolicy, "pid     = false", "pid     = false\n  ipc     = false", 1) + `
exception "known" {
  unheld  = ["host.ipc"]
  owner   = "us"
  reason  = "known"
  ticket  = "T-1"
  expires = "2027-01-01"
}
`
	both := fixture("manifest", "m.yaml", "deny", "host.pid")
	for _, c := range []struct {
		name            string
		policy, tests   string
		untested, inert []string
	}{
		// Privileged voids the others at its loosest, which makes none of them inert.
		{"a voiding control", gatePolicy, both, []string{"host.network", "policy.undeclared", "privileges.privileged"}, []string{"policy.undeclared"}},
		{"an accepted gap", accepted, both, []string{ipc, "host.network", "policy.undeclared", "privileges.privileged"}, []string{"policy.undeclared"}},
		{"a block that nothing emits", gatePolicy + detections, both, []string{"host.network", "monitoring.detect.one", "monitoring.detect.two", "policy.undeclared", "privileges.privileged"}, []string{"monitoring.detect.two", "policy.undeclared"}},
		// One block that alerts does not stand for the other.
		{"all blocks named, one decides", gatePolicy + detections, eventTest("one", "alert", "monitoring.detect"), []string{"host.network", "host.pid", "monitoring.detect.two", "policy.undeclared", "privileges.privileged"}, []string{"monitoring.detect.two", "policy.undeclared"}},
		{"a failing test stands for nothing", gatePolicy, fixture("manifest", "m.yaml", "allow", ""), []string{"host.network", "host.pid", "policy.undeclared", "privileges.privileged"}, []string{"policy.undeclared"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := setup{policy: c.policy, tests: c.tests, files: map[string]string{"m.yaml": badPod}}.run(t)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(c.untested)
			if got := controls(report.Untested); !slices.Equal(got, c.untested) {
				t.Errorf("untested %v, want %v", got, c.untested)
			}
			if got := controls(report.Inert); !slices.Equal(got, c.inert) {
				t.Errorf("inert %v, want %v", got, c.inert)
			}
			for _, u := range report.Untested {
				if u.Range.Filename != "p.hcl" {
					t.Errorf("%s stands at %v", u.Control, u.Range)
				}
			}
		})
	}
}

// Choosing tests says nothing about controls that the others stand for.
func TestChosen(t *testing.T) {
	tests := strings.Replace(fixture("manifest", "m.yaml", "deny", "host.pid"), `"t"`, `"first"`, 1) + strings.Replace(fixture("manifest", "m.yaml", "allow", ""), `"t"`, `"second"`, 1)
	s := setup{policy: gatePolicy, tests: tests, files: map[string]string{"m.yaml": badPod}}
	var seen []string
	s.options = trial.Options{Run: regexp.MustCompile("^f"), Progress: func(done, total int) { seen = append(seen, fmt.Sprintf("%d/%d", done, total)) }}
	report, err := s.run(t)
	if err != nil {
		t.Fatal(err)
	}
	if passed, failed := report.Counts(); passed != 1 || failed != 0 || len(report.Untested) > 0 || len(report.Inert) > 0 || !report.Passed() {
		t.Errorf("%d passed, %d failed, untested %v, inert %v", passed, failed, report.Untested, report.Inert)
	}
	if !slices.Equal(seen, []string{"0/1"}) {
		t.Errorf("progress %v", seen)
	}
	s.options = trial.Options{}
	if report, err = s.run(t); err != nil {
		t.Fatal(err)
	}
	if passed, failed := report.Counts(); passed != 1 || failed != 1 || report.Passed() {
		t.Errorf("%d passed, %d failed", passed, failed)
	}
}

// A test result without attempts shows nothing.
func TestNothingTried(t *testing.T) {
	if (&trial.TestResult{}).Passed() {
		t.Error("a test without attempts passes")
	}
}

// What happens in a container happens in each namespace of the policy, and the one where it is otherwise is named.
func TestEventsInEveryNamespace(t *testing.T) {
	two := strings.Replace(gatePolicy, `["shop"]`, `["attic", "shop"]`, 1)
	report, err := setup{policy: two + detections, tests: eventTest("three", "silent", "")}.run(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range report.Tests[0].Attempts {
		if !strings.HasPrefix(a.Problem, "in namespace attic: wanted silent, got undecided") || strings.Contains(a.Problem, "in namespace shop") {
			t.Errorf("%v: problem %q", a.Containers, a.Problem)
		}
	}
	only := strings.Replace(eventTest("three", "silent", ""), `"evt.type" = "three"`, `"evt.type" = "three", "k8s.ns.name" = "shop"`, 1)
	if report, err = (setup{policy: two + detections, tests: only}).run(t); err != nil || !report.Tests[0].Passed() {
		t.Errorf("an event in one namespace: %v %+v", err, report)
	}
}

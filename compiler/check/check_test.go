package check_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// fake is a target that judges as a test says.
type fake struct {
	name      string
	kinds     []attempt.Kind
	artifacts []target.Artifact
	load      error
	judge     func(attempt.Attempt) (target.Verdict, error)
}

func (f fake) Info() target.Info     { return target.Info{Name: f.name, Default: true} }
func (f fake) Kinds() []attempt.Kind { return f.kinds }
func (fake) Support(*policy.Policy, policy.Statement) target.Support {
	return target.Support{Level: target.Full, Mode: control.Checks}
}
func (f fake) Emit(*policy.Policy) ([]target.Artifact, error) { return f.artifacts, nil }
func (f fake) Load(target.Environment, []target.Artifact) (target.Judge, error) {
	return f, f.load
}
func (f fake) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) { return f.judge(a) }

// mute is a target without a judge.
type mute struct{ target.Target }

func line(n int) hcl.Range { return hcl.Range{Filename: "p.hcl", Start: hcl.Pos{Line: n}} }

func build(t testing.TB, targets []target.Target, namespaces ...string) *target.Build {
	t.Helper()
	d := &policy.Document{Source: policy.Source{Name: "p", Version: "1.0.0"}, Values: policy.Settings{}, Ceilings: policy.Settings{}}
	for _, n := range namespaces {
		d.Namespaces = append(d.Namespaces, control.Item{Key: n, Range: line(1)})
	}
	for _, name := range []string{"api", "web"} {
		d.Workloads = append(d.Workloads, &policy.WorkloadBlock{Name: name, Match: map[string]string{"app": name}, Range: line(2)})
	}
	p, diags := policy.Resolve(d, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	b := &target.Build{Policy: p, Targets: targets, Artifacts: map[string][]target.Artifact{}}
	for _, tg := range targets {
		if f, ok := tg.(fake); ok {
			b.Artifacts[f.name] = f.artifacts
		}
	}
	return b
}

func checker(t testing.TB, b *target.Build, namespace string) *check.Checker {
	t.Helper()
	return check.New(b, target.Environment{}, namespace, input.DefaultLimits())
}

func file(name, body string) check.File {
	return check.File{Name: name, Open: func() ([]byte, error) { return []byte(body), nil }}
}

func one(t *testing.T, c *check.Checker, name, body string) check.Result {
	t.Helper()
	return c.Run(t.Context(), []check.File{file(name, body)}, nil)
}

// manifests is a target that refuses every key "bad" in a pod's containers, and
// gives the outcome that an object's name says, if it does.
var manifests = fake{name: "m", kinds: []attempt.Kind{attempt.KindManifest}, judge: func(a attempt.Attempt) (target.Verdict, error) {
	v := target.Verdict{Outcome: target.Allow}
	objects, _ := a.(attempt.Manifest).Document.Objects(input.BuiltIn())
	for _, o := range objects {
		switch o.Name {
		case "deny":
			return target.Verdict{Outcome: target.Deny}, nil
		case "deny-with-warning":
			return target.Verdict{Outcome: target.Deny, Findings: []target.Finding{{Warning: true, Message: "only so"}}}, nil
		case "undecided":
			return target.Verdict{Outcome: target.Undecided}, nil
		case "undecided-with-warning":
			return target.Verdict{Outcome: target.Undecided, Findings: []target.Finding{{Warning: true, Message: "only so"}}}, nil
		case "undecided-with-reason":
			return target.Verdict{Outcome: target.Undecided, Findings: []target.Finding{{Message: "why"}}}, nil
		case "unread":
			return target.Verdict{Outcome: target.Inapplicable}, nil
		case "unread-with-reason":
			return target.Verdict{Outcome: target.Inapplicable, Findings: []target.Finding{{Message: "another namespace"}}}, nil
		case "broken":
			return target.Verdict{}, errors.New("out of order")
		case "broken-there":
			return target.Verdict{}, &input.Error{File: "x.yaml", Line: 7, Problem: "wrong"}
		}
		pod := input.Pod{Node: o.Node}
		if pods := o.Pods(); len(pods) > 0 {
			pod = pods[0]
		}
		containers := pod.Node.Get("spec").Get("containers")
		if containers == nil {
			continue
		}
		for i, c := range containers.Items {
			if c.Get("bad") != nil {
				v.Outcome = target.Deny
				v.Findings = append(v.Findings, target.Finding{
					Artifact: "m/rules", Location: "r", Control: "host.pid", Container: c.Get("name").Text(), Message: "bad",
					Path: append(append(slices.Clone(o.Path), pod.Path...), "spec", "containers", fmt.Sprint(i)), Field: "bad.deep.er",
				})
			}
			if c.Get("poor") != nil {
				v.Findings = append(v.Findings, target.Finding{Artifact: "m/rules", Location: "s", Warning: true, Message: "poor", Path: slices.Clone(o.Path)})
			}
		}
	}
	return v, nil
}, artifacts: []target.Artifact{{Path: "m/rules", Mappings: []target.SourceMapping{
	{Location: "r", Control: control.Ref{ID: control.HostPID}, Container: "*/*", Range: line(10)},
	{Location: "r", Control: control.Ref{ID: control.HostPID}, Container: "api/*", Range: line(11)},
	{Location: "r", Control: control.Ref{ID: control.HostPID}, Container: "api/own", Range: line(12)},
	{Location: "s", Control: control.Ref{ID: control.HostIPC}, Range: line(13)},
}}}}

func pod(name, labels, containers string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: %s, labels: {%s}}\nspec:\n  containers:\n%s", name, labels, containers)
}

// places leaves out what TestSource holds.
var places = cmpopts.IgnoreFields(check.Finding{}, "Source", "Subject", "Path", "Value")

// A finding carries its line, and its fingerprint stays while lines and elements
// of lists move, and with nothing else.
func TestSource(t *testing.T) {
	c := checker(t, build(t, []target.Target{manifests}, "shop"), "")
	find := func(body string) check.Finding {
		t.Helper()
		r := one(t, c, "f.yaml", body)
		if len(r.Findings) != 1 {
			t.Fatal(told(r))
		}
		return r.Findings[0]
	}
	first := find(pod("p", "", "  - name: c\n    bad: {deep: 1}\n"))
	if first.Source != "    bad: {deep: 1}" || !slices.Equal(first.Path, []string{"spec", "containers", "0", "bad", "deep", "er"}) {
		t.Errorf("the line is %q, the path %q", first.Source, first.Path)
	}
	if moved := find("# a comment\n" + pod("p", "", "  - name: other\n  - name: c\n    bad: {deep: 1}\n")); moved.Fingerprint() != first.Fingerprint() {
		t.Error("a line and a container before it change the fingerprint")
	}
	for what, body := range map[string]string{
		"another object": pod("q", "", "  - name: c\n    bad: {deep: 1}\n"), "another container": pod("p", "", "  - name: d\n    bad: {deep: 1}\n"),
	} {
		if find(body).Fingerprint() == first.Fingerprint() {
			t.Errorf("%s has the same fingerprint", what)
		}
	}
	if long := find(pod("p", "", "  - {name: c, bad: \""+strings.Repeat("é", 400)+"\"}\n")); len(long.Source) > 200 || !utf8.ValidString(long.Source) {
		t.Errorf("a long line is shown as %q", long.Source)
	}
	far := find(pod("p", "", "  - {name: c, env: [{name: A, value: \""+strings.Repeat("é", 5000)+"\"}], bad: {deep: 1}, args: [\""+strings.Repeat("x", 5000)+"\"]}\n"))
	if len(far.Source) > 200 || !strings.HasPrefix(far.Source, "…") || !strings.HasSuffix(far.Source, "…") || !strings.Contains(far.Source, "bad: {deep: 1}") {
		t.Errorf("of a long line this is shown: %q", far.Source)
	}
}

func TestFindings(t *testing.T) {
	c := checker(t, build(t, []target.Target{manifests}, "shop"), "")
	const list = `kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: first, namespace: elsewhere, labels: {app: api}}
  spec:
    containers:
    - {name: fine}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: second}
  spec:
    template:
      metadata: {labels: {app: api}}
      spec:
        containers:
        - name: own
          bad: {deep: {}}
        - name: other
          bad:
            deep:
              er: 1
        - {name: third, poor: 1}
`
	deployment := check.Resource{Kind: "Deployment", Namespace: "shop", Name: "second"}
	for _, test := range []struct {
		name, body string
		want       []check.Finding
		checked    int
	}{
		{"nothing", pod("p", "", "  - {name: c}\n"), nil, 1},
		{"the deepest place that there is", pod("p", "", "  - name: c\n    bad: {deep: 1}\n"),
			[]check.Finding{{Control: "host.pid", Severity: "error", Message: "bad", Resource: check.Resource{Kind: "Pod", Namespace: "shop", Name: "p"}, Container: "c", File: "f.yaml", Line: 7, Column: 11, Policy: line(10)}}, 1},
		{"in a List, in order of lines", list, []check.Finding{
			{Control: "host.ipc", Severity: "warning", Message: "poor", Resource: deployment, File: "f.yaml", Line: 9, Column: 3, Policy: line(13)},
			{Control: "host.pid", Severity: "error", Message: "bad", Resource: deployment, Container: "own", File: "f.yaml", Line: 18, Column: 17, Policy: line(12)},
			{Control: "host.pid", Severity: "error", Message: "bad", Resource: deployment, Container: "other", File: "f.yaml", Line: 22, Column: 15, Policy: line(11)},
		}, 2},
		{"a node is nowhere", "apiVersion: v1\nkind: Node\nmetadata: {name: node}\nspec: {containers: [{name: k, bad: 1}]}\n",
			[]check.Finding{{Control: "host.pid", Severity: "error", Message: "bad", Resource: check.Resource{Kind: "Node", Name: "node"}, Container: "k", File: "f.yaml", Line: 4, Column: 31, Policy: line(10)}}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := one(t, c, "f.yaml", test.body)
			if d := cmp.Diff(test.want, r.Findings, places); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if r.Checked != test.checked || len(r.Problems) > 0 || len(r.Skipped) > 0 {
				t.Errorf("%d checked, problems %v, skipped %v", r.Checked, r.Problems, r.Skipped)
			}
		})
	}
}

// told gives what a result says, a line each.
func told(r check.Result) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s:%d %s", f.Severity, f.File, f.Line, f.Message))
	}
	for _, s := range r.Skipped {
		out = append(out, fmt.Sprintf("skipped %s:%d %s", s.File, s.Line, s.Reason))
	}
	for _, err := range r.Problems {
		out = append(out, "problem "+err.Error())
	}
	return strings.Join(append(out, fmt.Sprintf("%d checked", r.Checked)), "\n")
}

func TestOutcomes(t *testing.T) {
	c := checker(t, build(t, []target.Target{manifests}, "shop"), "")
	named := func(name string) string { return pod(name, "", "  - {name: c}\n") }
	for _, test := range []struct{ name, body, want string }{
		{"refused without a reason", named("deny"), "error f:1 the artifacts refuse this, and do not say why\n1 checked"},
		{"refused with a warning only", named("deny-with-warning"), "warning f:1 only so\nerror f:1 the artifacts refuse this, and do not say why\n1 checked"},
		{"undecided", named("undecided"), "error f:1 the artifacts cannot decide this\n1 checked"},
		{"undecided with a warning only", named("undecided-with-warning"), "warning f:1 only so\nerror f:1 the artifacts cannot decide this\n1 checked"},
		{"undecided with a reason", named("undecided-with-reason"), "error f:1 why\n1 checked"},
		{"not read", named("unread"), "skipped f:1 the policy does not apply to it: it is in another namespace, or has no pods\n0 checked"},
		{"not read, with a reason", named("unread-with-reason"), "skipped f:1 another namespace\n0 checked"},
		{"the judge fails", named("broken"), "problem f: out of order\n0 checked"},
		{"the judge names the place", named("broken-there"), "problem x.yaml:7: wrong\n0 checked"},
		{"no pod", "apiVersion: v1\nkind: ConfigMap\n", "skipped f:1 ConfigMap (v1): no control applies\n0 checked"},
		{"no kind", "a: 1\n", "skipped f:1 not a Kubernetes object: it states no kind\n0 checked"},
		{"no object", "- 1\n", "skipped f:1 a list is not a Kubernetes object\n0 checked"},
		{"an empty List", "kind: List\nitems: []\n", "skipped f:1 the List is empty\n0 checked"},
		{"no document", "# nothing\n---\n# here\n", "skipped f:0 the file holds no document\n0 checked"},
		{"no spec", "apiVersion: apps/v1\nkind: Deployment\nspec: {}\n", "problem f:1: the Deployment has no pod at spec.template.spec\n0 checked"},
		{"no spec beside a pod", "kind: List\nitems:\n- {kind: Job}\n- {kind: Pod, spec: {containers: [{bad: 1}]}}\n", "error f:4 bad\nproblem f:3: the Job has no pod at spec.template.spec\n1 checked"},
		{"one broken document of three", pod("a", "", "  - {bad: 1}\n") + "---\na: [\n---\n" + pod("b", "", "  - {bad: 1}\n"),
			"error f:6 bad\nerror f:15 bad\nproblem f:9: not valid YAML: did not find expected node content\n2 checked"},
		{"an empty file", "", "problem f: the file is empty\n0 checked"},
		{"a plan that nobody judges", `{"format_version": "1.2", "resource_changes": []}`, "skipped f:1 none of the policy's targets judges a plan\n0 checked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, told(one(t, c, "f", test.body))); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestNamespaces(t *testing.T) {
	var seen string
	judge := fake{name: "m", kinds: []attempt.Kind{attempt.KindManifest}, judge: func(a attempt.Attempt) (target.Verdict, error) {
		seen = a.(attempt.Manifest).Namespace
		return target.Verdict{Outcome: target.Deny, Findings: []target.Finding{{Message: "no"}}}, nil
	}}
	bare, stated := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {}\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: own}\nspec: {}\n"
	const problem = "problem: f:1: the Pod \"p\" states no namespace, and the policy holds several: give one with --namespace"
	for _, test := range []struct {
		name       string
		namespaces []string
		flag, body string
		seen, want string // want: the namespace of the finding's resource, or the problem
	}{
		{"none held", nil, "", bare, "default", "default"},
		{"one held", []string{"shop"}, "", bare, "shop", "shop"},
		{"the flag beats it", []string{"shop"}, "flag", bare, "flag", "flag"},
		{"several held", []string{"shop", "till"}, "", bare, "", problem},
		{"several held, the flag says which", []string{"shop", "till"}, "till", bare, "till", "till"},
		{"several held, the object states its own", []string{"shop", "till"}, "", stated, "", "own"},
		{"the object's own beats the flag", []string{"shop"}, "flag", stated, "flag", "own"},
		{"nodes need none", []string{"shop", "till"}, "", "apiVersion: v1\nkind: Node\n", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			seen = "nothing"
			r := one(t, checker(t, build(t, []target.Target{judge}, test.namespaces...), test.flag), "f", test.body)
			got := ""
			switch {
			case len(r.Problems) == 1:
				got, test.seen = "problem: "+r.Problems[0].Error(), "nothing"
			case len(r.Findings) == 1:
				got = r.Findings[0].Resource.Namespace
			default:
				t.Fatal(told(r))
			}
			if got != test.want || seen != test.seen {
				t.Errorf("%q, judged in %q; want %q, %q", got, seen, test.want, test.seen)
			}
		})
	}
}

func TestPlan(t *testing.T) {
	const body = `{
  "format_version": "1.2",
  "resource_changes": [
    {"address": "kubernetes_pod.x"}
  ]
}
`
	plans := fake{name: "t", kinds: []attempt.Kind{attempt.KindPlan}, judge: func(a attempt.Attempt) (target.Verdict, error) {
		if p := a.(attempt.Plan); p.File != "f.json" || string(p.Body) != body {
			return target.Verdict{}, fmt.Errorf("the plan is %q", p.Body)
		}
		return target.Verdict{Outcome: target.Deny, Findings: []target.Finding{{Artifact: "t/main.tf", Location: "c", Path: []string{"resource_changes", "0"}, Field: "address", Container: "own", Message: "no"}}}, nil
	}, artifacts: []target.Artifact{{Path: "t/main.tf", Mappings: []target.SourceMapping{
		{Location: "c", Control: control.Ref{ID: control.HostPID}, Container: "api/other", Range: line(3)},
		{Location: "c", Control: control.Ref{ID: control.HostPID}, Container: "api/*", Range: line(4)},
		{Location: "c", Control: control.Ref{ID: control.HostPID}, Container: "api/own", Range: line(5)},
	}}}}
	r := one(t, checker(t, build(t, []target.Target{manifests, plans}, "shop"), ""), "f.json", body)
	want := check.Result{Checked: 1, Findings: []check.Finding{{Control: "host.pid", Severity: "error", Message: "no", Container: "own", File: "f.json", Line: 4, Column: 6, Policy: line(5)}}}
	if d := cmp.Diff(want, r, places); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// The result is in the order of the files, whatever the number of processors, and
// a file that cannot be opened hides no other.
func TestManyFiles(t *testing.T) {
	c := checker(t, build(t, []target.Target{manifests}, "shop"), "")
	var files []check.File
	for i := range 50 {
		name := fmt.Sprintf("%02d", i)
		files = append(files, file(name, pod("a", "", "  - {name: x, bad: 1}\n  - {name: b, bad: 1}\n")+"---\nkind: ConfigMap\n"))
		if i%10 == 3 {
			files[i].Open = func() ([]byte, error) { return nil, errors.New("gone") }
		}
	}
	var first string
	for _, processors := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(processors)
		var done []int
		r := c.Run(t.Context(), files, func(n, total int) {
			if total != len(files) {
				t.Errorf("%d of %d", n, total)
			}
			done = append(done, n)
		})
		runtime.GOMAXPROCS(before)
		if first == "" {
			first = told(r)
		}
		if told(r) != first {
			t.Errorf("with %d processors:\n%s\nwith one:\n%s", processors, told(r), first)
		}
		if len(r.Findings) != 90 || len(r.Skipped) != 45 || len(r.Problems) != 5 || r.Checked != 45 || len(done) != 50 {
			t.Errorf("%d findings, %d skipped, %d problems, %d checked, progress %d", len(r.Findings), len(r.Skipped), len(r.Problems), r.Checked, len(done))
		}
		if !slices.IsSortedFunc(r.Findings, func(a, b check.Finding) int {
			return strings.Compare(fmt.Sprintf("%s %05d", a.File, a.Line), fmt.Sprintf("%s %05d", b.File, b.Line))
		}) {
			t.Error("the findings are not in the order of the files")
		}
	}
	if r := c.Run(t.Context(), nil, nil); told(r) != "0 checked" {
		t.Errorf("of no files: %s", told(r))
	}
}

func TestNew(t *testing.T) {
	syscalls := fake{name: "s", kinds: []attempt.Kind{attempt.KindSyscall}, load: errors.New("not asked")}
	for _, test := range []struct {
		name    string
		targets []target.Target
		problem string
	}{
		{"others are not loaded", []target.Target{syscalls, mute{}, manifests}, ""},
		{"cannot be loaded", []target.Target{fake{name: "m", kinds: check.Kinds, load: errors.New("m/rules: line 3")}}, "m cannot read what it emitted: m/rules: line 3"},
		{"two of a kind", []target.Target{manifests, fake{name: "n", kinds: check.Kinds}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := check.New(build(t, test.targets, "shop"), target.Environment{}, "", input.DefaultLimits())
			err := errors.Join(one(t, c, "f", pod("p", "", "")).Problems...) // judges are loaded when they are first asked
			if test.problem == "" && err != nil || test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("error %v, want %q", err, test.problem)
			}
		})
	}
	if check.Needs(syscalls) || check.Needs(mute{}) || !check.Needs(manifests) {
		t.Error("what is needed is not told")
	}
}

// A comment lets a finding go where the policy lets it, and is told of where it
// does not, or ignores nothing.
func TestComments(t *testing.T) {
	b := build(t, []target.Target{manifests}, "shop")
	b.Policy.Ignorable = []control.Item{{Key: "host"}}
	allowed := checker(t, b, "")
	refused := checker(t, build(t, []target.Target{manifests}, "shop"), "")
	const beside = "  - {name: c, bad: 1} # bulkhead:ignore host.pid -- the exporter\n"
	for _, test := range []struct {
		name     string
		c        *check.Checker
		body     string
		want     string
		suppress string
	}{
		{"on the line", allowed, pod("p", "", beside), "error f:6 bad\n1 checked", "the exporter"},
		{"above it, with other comments", allowed, pod("p", "", "  # bulkhead:ignore host.pid -- the exporter\n  # more\n\n  - {name: c, bad: 1}\n"), "error f:9 bad\n1 checked", "the exporter"},
		{"the policy does not let it", refused, pod("p", "", beside), "error f:6 bad (the policy does not list host.pid in ignorable, so the comment on line 6 changes nothing)\n1 checked", ""},
		{"another control", allowed, pod("p", "", "  - {name: c, bad: 1} # bulkhead:ignore host.ipc -- x\n"),
			"warning f:6 the comment ignores nothing on its line or the one below: remove it, or move it to the line of the finding\nerror f:6 bad\n1 checked", ""},
		{"another line", allowed, pod("p", "", "  # bulkhead:ignore host.pid -- x\n  - name: c\n    bad: 1\n"),
			"warning f:6 the comment ignores nothing on its line or the one below: remove it, or move it to the line of the finding\nerror f:8 bad\n1 checked", ""},
		{"no reason", allowed, pod("p", "", "  - {name: c, bad: 1} # bulkhead:ignore host.pid\n"),
			"error f:6 bad\nproblem f:6: a comment that ignores a finding names its control and a reason: # bulkhead:ignore resources.cpu -- why\n1 checked", ""},
		{"no such control", allowed, pod("p", "", "  - {name: c, bad: 1} # bulkhead:ignore host.pids -- x\n"),
			"error f:6 bad\nproblem f:6: bulkhead:ignore: no control is called \"host.pids\"; bulkhead controls lists them\n1 checked", ""},
		{"not a comment", allowed, pod("p", "", "  - {name: c, bad: \"bulkhead:ignore host.pid -- x\"}\n"), "error f:6 bad\n1 checked", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := one(t, test.c, "f", test.body)
			if d := cmp.Diff(test.want, told(r)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			got := ""
			for _, f := range r.Findings {
				if f.Suppressed != nil {
					got = f.Suppressed.Reason
				}
				if f.Severity == check.Error && f.Fails(check.Error) == (f.Suppressed != nil) {
					t.Errorf("%v fails: %v", f, f.Fails(check.Error))
				}
			}
			if got != test.suppress {
				t.Errorf("suppressed because %q, want %q", got, test.suppress)
			}
		})
	}
}

// What is in the baseline does not fail, what is new does, and of equal findings
// only as many are let through as there were.
func TestBaseline(t *testing.T) {
	c := checker(t, build(t, []target.Target{manifests}, "shop"), "")
	const bad = "  - {name: c, bad: 1}\n"
	files := []check.File{file("old", pod("p", "", bad)), file("gone", pod("p", "", bad+bad)), file("unseen", pod("p", "", bad))}
	written := check.NewBaseline(c.Run(t.Context(), files, nil))
	if n := len(written.Findings); n != 3 || written.Findings[0].File != "gone" || written.Findings[0].Count != 2 {
		t.Fatalf("%+v", written)
	}
	body, err := json.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	b, err := check.ParseBaseline(body)
	if err != nil {
		t.Fatal(err)
	}
	files = []check.File{file("old", "# moved\n"+pod("p", "", bad+bad)), file("gone", pod("p", "", "  - {name: c}\n"))}
	r := c.Run(t.Context(), files, nil)
	if mended := b.Apply(&r, files); mended != 2 {
		t.Errorf("%d are mended, want the two of the file gone", mended)
	}
	var fail []int
	for _, f := range r.Findings {
		if f.Fails(check.Warning) {
			fail = append(fail, f.Line)
		}
	}
	if !slices.Equal(fail, []int{8}) {
		t.Errorf("what fails is on the lines %v, want the second of two equal findings", fail)
	}
	for _, wrong := range []string{"", "{", "[]", "{}", `{"findings": []} {}`, `{"findings": [{"count": 1}]}`, `{"findings": [{"fingerprint": "x", "count": 0}]}`, `{"findings": [], "more": 1}`,
		`{"findings": [{"fingerprint": "x", "count": 1}, {"fingerprint": "x", "count": 1}]}`} {
		if _, err := check.ParseBaseline([]byte(wrong)); err == nil {
			t.Errorf("%s is read as a baseline", wrong)
		}
	}
}

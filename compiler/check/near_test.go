package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// nobodys is a target that refuses every pod as undeclared.
var nobodys = fake{name: "m", kinds: []attempt.Kind{attempt.KindManifest}, judge: func(a attempt.Attempt) (target.Verdict, error) {
	v := target.Verdict{Outcome: target.Deny}
	objects, _ := a.(attempt.Manifest).Document.Objects(input.BuiltIn())
	for _, o := range objects {
		v.Findings = append(v.Findings, target.Finding{Artifact: "m/rules", Control: string(control.Undeclared), Path: append(append(o.Path, o.Pods()[0].Path...), "metadata"), Field: "labels", Message: "undeclared"})
	}
	return v, nil
}}

// Objects that have a workload's name and are not the workload are reported, and
// what else an application labels or runs is not.
func TestNearMisses(t *testing.T) {
	const (
		labels  = `it has the name of the workload web and not its labels, {app: "web", tier: "1"}, so that it is held to the ceilings only`
		missing = `; those of the workload web, of which it has the name, are {app: "web", tier: "1"}`
	)
	deployment := func(metadata, pods string) string {
		return "{apiVersion: apps/v1, kind: Deployment, metadata: {" + metadata + "}, spec: {template: {metadata: {" + pods + "}, spec: {containers: [{name: c}]}}}}"
	}
	for _, test := range []struct{ name, manifest, warning, missing string }{
		{"no labels", deployment("name: web, namespace: shop", ""), labels, missing},
		{"one of two", deployment("name: web, namespace: shop", "labels: {app: web}"), labels, missing},
		{"another label", deployment("name: web, namespace: shop", "labels: {run: web}"), labels, missing},
		{"another value", deployment("name: web, namespace: shop", "labels: {app: front}"), "", ""},
		{"another value than the object's own", deployment(`name: web, namespace: shop, labels: {app: web, tier: "1", x: y}`, `labels: {app: wbe, tier: "1"}`), labels, missing},
		{"another name, labelled with all of an application", deployment(`name: worker, namespace: shop, labels: {app: "web", tier: "1"}`, "labels: {component: worker}"), "", ""},
		{"its own", deployment("name: web, namespace: shop", `labels: {app: "web", tier: "1"}`), "", ""},
		{"another name", deployment("name: x, namespace: shop", "labels: {app: web}"), "", ""},
		{"no name", deployment("namespace: shop", ""), "", ""},
		{"a name that is none", deployment("name: 5, namespace: shop", ""), "", ""},
		{"a pod", "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c}]}}", labels, missing},
		{"a workload for Windows has to say so", deployment("name: win, namespace: shop", ""), "", ""},
		{"a typo", deployment("name: web, namespace: shpo", `labels: {app: "web", tier: "1"}`), "it has the name and the labels of the workload web, and the policy does not hold the namespace shpo: write shop", ""},
		{"the default", deployment("name: web, namespace: default", `labels: {app: "web", tier: "1"}`), "it has the name and the labels of the workload web, and the policy does not hold the namespace default: write shop or till", ""},
		{"another stage", deployment("name: web, namespace: shop-staging", `labels: {app: "web", tier: "1"}`), "", ""},
		{"a typo under another name", deployment("name: other, namespace: shpo", `labels: {app: "web", tier: "1"}`), "", ""},
		{"a typo without the labels", deployment("name: web, namespace: shpo", "labels: {app: web}"), "", ""},
		{"an update", `{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {operation: UPDATE, object: {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c}]}}}}`, "", missing},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, undeclared := range []string{control.AsCeiling, control.Deny} {
				warned, refused := "", ""
				for _, f := range one(t, checker(t, nearBuild(t, undeclared), ""), "f.yaml", test.manifest).Findings {
					switch _, text, _ := strings.Cut(f.Message, ": "); {
					case f.Control != string(control.Undeclared) || f.Policy.Start.Line != 3:
						t.Errorf("%+v", f)
					case f.Severity == check.Warning:
						warned += text
					default:
						refused += f.Message
					}
				}
				want := test.warning
				if want == labels && undeclared == control.Deny {
					want = "" // the refusal says so
				}
				if warned != want || refused != "undeclared"+test.missing {
					t.Errorf("%s: warned %q, refused %q; want %q, %q", undeclared, warned, refused, want, test.missing)
				}
			}
		})
	}
}

func nearBuild(t *testing.T, undeclared string) *target.Build {
	t.Helper()
	d := &policy.Document{
		Source: policy.Source{Name: "p", Version: "1.0.0"}, Ceilings: policy.Settings{},
		Values:     policy.Settings{control.Undeclared: {Value: control.Value{Text: undeclared}, Range: line(3)}},
		Namespaces: []control.Item{{Key: "shop"}, {Key: "till"}},
		Workloads: []*policy.WorkloadBlock{
			{Name: "web", Match: map[string]string{"app": "web", "tier": "1"}, OS: "linux", Range: line(50)},
			{Name: "win", Match: map[string]string{"app": "win"}, OS: "windows", Range: line(60)},
		},
	}
	p, diags := policy.Resolve(d, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	artifact := target.Artifact{Path: "m/rules", Mappings: []target.SourceMapping{{Control: control.Ref{ID: control.Undeclared}, Range: line(3)}}}
	return &target.Build{Policy: p, Targets: []target.Target{nobodys}, Artifacts: map[string][]target.Artifact{"m": {artifact}}}
}

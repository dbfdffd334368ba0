package rego

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Objects that bear a workload's name and are none of its are told so, and what else an application labels or runs is not.
func TestNearMisses(t *testing.T) {
	const (
		labels = "it has the name of the workload web and not its labels, {app: \"web\", tier: \"1\"}, so that it is held to the ceilings only"
		denied = "no workload of the policy has these labels"
	)
	deployment := func(metadata, pods string) string {
		return "{apiVersion: apps/v1, kind: Deployment, metadata: {" + metadata + "}, spec: {template: {metadata: {" + pods + "}, spec: {containers: [{name: c}]}}}}"
	}
	for _, test := range []struct {
		name, manifest, want, denied string
	}{
		{"no labels", deployment("name: web, namespace: shop", ""), labels, denied + "; those of the workload web, of which it has the name, are {app: \"web\", tier: \"1\"}"},
		{"one of two", deployment("name: web, namespace: shop", "labels: {app: web}"), labels, denied + "; those of the workload web, of which it has the name, are {app: \"web\", tier: \"1\"}"},
		{"another label", deployment("name: web, namespace: shop", "labels: {run: web}"), labels, denied + "; those of the workload web, of which it has the name, are {app: \"web\", tier: \"1\"}"},
		{"another value", deployment("name: web, namespace: shop", "labels: {app: front}"), "", denied},
		{"another value than the object's own", deployment("name: web, namespace: shop, labels: {app: web, tier: \"1\", x: y}", "labels: {app: wbe, tier: \"1\"}"), labels, denied + "; those of the workload web, of which it has the name, are {app: \"web\", tier: \"1\"}"},
		{"another name, labelled with all of an application", deployment("name: worker, namespace: shop, labels: {app: \"web\", tier: \"1\"}", "labels: {component: worker}"), "", denied},
		{"its own", deployment("name: web, namespace: shop", "labels: {app: \"web\", tier: \"1\"}"), "", ""},
		{"another name", deployment("name: x, namespace: shop", "labels: {app: web}"), "", denied},
		{"no name", deployment("namespace: shop", ""), "", denied},
		{"a name that is none", deployment("name: 5, namespace: shop", ""), "", denied},
		{"a pod", "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c}]}}", labels, denied + "; those of the workload web, of which it has the name, are {app: \"web\", tier: \"1\"}"},
		{"a workload for Windows has to say so", deployment("name: win, namespace: shop", ""), "", denied},
		{"a slip", deployment("name: web, namespace: shpo", "labels: {app: \"web\", tier: \"1\"}"), "it has the name and the labels of the workload web, and the policy does not hold the namespace shpo: write shop", ""},
		{"the default", deployment("name: web, namespace: default", "labels: {app: \"web\", tier: \"1\"}"), "it has the name and the labels of the workload web, and the policy does not hold the namespace default: write shop or till", ""},
		{"another stage", deployment("name: web, namespace: shop-staging", "labels: {app: \"web\", tier: \"1\"}"), "", ""},
		{"a slip under another name", deployment("name: other, namespace: shpo", "labels: {app: \"web\", tier: \"1\"}"), "", ""},
		{"a slip without the labels", deployment("name: web, namespace: shpo", "labels: {app: web}"), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, undeclared := range []string{control.AsCeiling, control.Deny} {
				doc := document(map[control.ID]control.Value{control.Undeclared: word(undeclared)})
				doc.Namespaces = []control.Item{{Key: "shop"}, {Key: "till"}}
				doc.Workloads = []*policy.WorkloadBlock{
					{Name: "web", Match: map[string]string{"app": "web", "tier": "1"}, OS: "linux", Range: line(50)},
					{Name: "win", Match: map[string]string{"app": "win"}, OS: "windows", Range: line(60)},
				}
				artifacts := emit(t, resolve(t, doc))
				clean(t, artifacts)
				v := judgeText(t, load(t, artifacts), test.manifest)
				warned, denied := "", ""
				for _, f := range v.Findings {
					_, text, _ := strings.Cut(f.Message, ": ")
					switch {
					case f.Control == "": // of another namespace
					case f.Warning:
						warned += text
					default:
						denied += text
					}
					if f.Control != "" && len(target.Attribute(artifacts, f)) == 0 {
						t.Errorf("nothing stands behind %+v", f)
					}
				}
				wantWarned, wantDenied := test.want, ""
				if undeclared == control.Deny {
					wantDenied = test.denied
					if test.want == labels {
						wantWarned = ""
					}
				}
				if warned != wantWarned || denied != wantDenied {
					t.Errorf("%s: warned %q, denied %q; want %q, %q", undeclared, warned, denied, wantWarned, wantDenied)
				}
			}
		})
	}
}

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fleetPolicy names kinds with pods, of every form.
const fleetPolicy = `policy "shop" { version = "0.1.0" }
extends "preset" { source = "bulkhead:privileged" }
platform {
  pods = {
    "example.com/Widget" = ["spec.podTemplate"]
    "ray.io/RayCluster"  = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"]
  }
}
privileges { privileged = false }
`

// The bundle refuses the pods of every kind under plain conftest, without any
// option, and says what check says.
func TestConftestReadsEveryKind(t *testing.T) {
	conftest := tool(t, "conftest")
	dir := t.TempDir()
	policy, build := filepath.Join(dir, "policy.hcl"), filepath.Join(dir, "build")
	if err := os.WriteFile(policy, []byte(fleetPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("bulkhead", "compile", policy, "-o", build).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const bad, good = "{containers: [{name: a, image: x, securityContext: {privileged: true}}]}", "{containers: [{name: a, image: x}]}"
	for _, c := range []struct{ name, object string }{
		{"rollout", "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: n}, spec: {template: {spec: POD}}}"},
		{"knative", "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: n}, spec: {template: {spec: POD}}}"},
		{"openshift", "{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, metadata: {name: n}, spec: {template: {spec: POD}}}"},
		{"widget", "{apiVersion: example.com/v1, kind: Widget, metadata: {name: n}, spec: {podTemplate: {spec: POD}}}"},
		{"workers", "{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: n}, spec: {workerGroupSpecs: [{}, {template: {spec: POD}}]}}"},
		{"list", "{apiVersion: v1, kind: List, items: [{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: n}, spec: {headGroupSpec: {template: {spec: POD}}}}]}"},
	} {
		for pod, refused := range map[string]bool{bad: true, good: false} {
			file := filepath.Join(dir, c.name+".yaml")
			if err := os.WriteFile(file, []byte(strings.Replace(c.object, "POD", pod, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			theirs := conftestSays(t, conftest, filepath.Join(build, "rego"), file)
			if ours := checkSays(t, policy, file); !slices.Equal(ours, theirs) || (len(ours) > 0) != refused {
				t.Errorf("%s with %s: check says %q, conftest %q", c.name, pod, ours, theirs)
			}
		}
	}
}

func conftestSays(t *testing.T, conftest, rules, file string) []string {
	t.Helper()
	out, _ := exec.Command(conftest, "test", "-p", rules, "-o", "json", file).Output() // fails where something is refused
	var said []struct{ Failures []struct{ Msg string } }
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var messages []string
	for _, s := range said {
		for _, f := range s.Failures {
			messages = append(messages, f.Msg)
		}
	}
	slices.Sort(messages)
	return messages
}

func checkSays(t *testing.T, policy, file string) []string {
	t.Helper()
	out, _ := exec.Command("bulkhead", "check", "--policy", policy, "--format", "json", file).Output() // TestMain's
	var said struct{ Findings []struct{ Message string } }
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var messages []string
	for _, f := range said.Findings {
		messages = append(messages, f.Message)
	}
	slices.Sort(messages)
	return messages
}

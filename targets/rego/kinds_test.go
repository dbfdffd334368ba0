package rego

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// podKind is a kind that a policy names.
func podKind(group, kind string, paths ...string) platform.PodKind {
	k := platform.PodKind{Group: group, Kind: kind, Range: line(5)}
	for _, path := range paths {
		k.Paths = append(k.Paths, control.Item{Key: path, Range: line(5)})
	}
	return k
}

// fleets is a policy that names kinds with pods.
func fleets() *policy.Document {
	doc := shop(3)
	doc.Platform = platform.Pods.With(doc.Platform, []platform.PodKind{
		podKind("ray.io", "RayCluster", "spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"),
		podKind("example.com", "Widget", "spec.template"),
		podKind("example.com", "Fleet", "spec.ships.*.*.*"),
	})
	return doc
}

// loadFor loads a policy's bundle for the policy's platform.
func loadFor(t testing.TB, doc *policy.Document) *judge {
	t.Helper()
	p := resolve(t, doc)
	artifacts := emit(t, p)
	clean(t, artifacts)
	j, err := Target{}.Load(target.Environment{Platform: p.Platform, Now: now}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	if left := j.(*judge).left; left != nil {
		t.Fatalf("the evaluator does not take the bundle: %v", left)
	}
	return j.(*judge)
}

// holding are objects of every kind that holds pods, each with a pod that is put in.
func holding(pod string) []string {
	template := "{metadata: {labels: {app: app-1}}, spec: " + pod + "}"
	var out []string
	for _, kind := range []string{
		"apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 DaemonSet", "apps/v1 ReplicaSet", "extensions/v1beta1 Deployment", "v1 ReplicationController", "batch/v1 Job",
		"argoproj.io/v1alpha1 Rollout", "serving.knative.dev/v1 Service", "serving.knative.dev/v1beta1 Configuration", "apps.openshift.io/v1 DeploymentConfig", "v1 DeploymentConfig",
		"example.com/v1alpha2 Widget",
	} {
		version, name, _ := strings.Cut(kind, " ")
		out = append(out, fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: n}, spec: {template: %s}}", version, name, template))
	}
	return append(out,
		"{apiVersion: v1, kind: Pod, metadata: {name: n}, spec: "+pod+"}",
		"{apiVersion: serving.knative.dev/v1, kind: Revision, metadata: {name: n}, spec: "+pod+"}",
		"{apiVersion: v1, kind: PodTemplate, metadata: {name: n}, template: "+template+"}",
		"{apiVersion: batch/v1, kind: CronJob, metadata: {name: n}, spec: {jobTemplate: {spec: {template: "+template+"}}}}",
		"{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: n}, spec: {headGroupSpec: {template: "+template+"}}}",
		"{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: n}, spec: {workerGroupSpecs: [{}, {template: "+template+"}]}}",
		"{apiVersion: example.com/v1, kind: Fleet, metadata: {name: n}, spec: {ships: {north: [[], {a: "+template+"}]}}}",
	)
}

// TestEveryKind refuses a bad pod, and allows a good one, in every kind of object that holds one, and says where it is.
func TestEveryKind(t *testing.T) {
	j := loadFor(t, fleets())
	const pod = "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: a, image: registry.example.com/shop/a:1, " +
		"resources: {limits: {cpu: 100m, memory: 1Mi}}, securityContext: {privileged: %v, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}}]}"
	for _, good := range holding(fmt.Sprintf(pod, false)) {
		if v := judgeText(t, j, good); v.Outcome != target.Allow {
			t.Errorf("%s: %s", good, summary(v))
		}
	}
	var all []string
	for _, bad := range holding(fmt.Sprintf(pod, true)) {
		all = append(all, bad, "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service}, "+bad+"]}",
			"{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {operation: CREATE, object: "+bad+"}}")
	}
	for _, bad := range all {
		v := judgeText(t, j, bad)
		if v.Outcome != target.Deny || len(v.Findings) != 1 || v.Findings[0].Control != string(control.Privileged) {
			t.Errorf("%s: %s", bad, summary(v))
			continue
		}
		docs, err := input.Read("f.yaml", []byte(bad), input.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if n := docs[0].Root.At(append(v.Findings[0].Path, "privileged")...); n == nil || n.Kind != input.Bool {
			t.Errorf("%s: nothing at %v", bad, v.Findings[0].Path)
		}
	}
}

// TestKindsToldApart judges objects by more than the name of their kind.
func TestKindsToldApart(t *testing.T) {
	const pod = "{template: {spec: {hostPID: true, containers: [{image: registry.example.com/shop/a}]}}}"
	j := loadFor(t, func() *policy.Document {
		doc := document(map[control.ID]control.Value{control.HostPID: boolean(false)})
		doc.Platform = platform.Pods.With(doc.Platform, platform.Pods.Of(fleets().Platform))
		return doc
	}())
	for in, want := range map[string]string{
		"{apiVersion: serving.knative.dev/v1, kind: Service, spec: " + pod + "}":                                          "Service without a name: hostPID must not be true",
		"{apiVersion: v1, kind: Service, spec: " + pod + "}":                                                              "",
		"{kind: Service, spec: " + pod + "}":                                                                              "",
		"{apiVersion: /v1, kind: Pod, spec: {hostPID: true, containers: [{name: a}]}}":                                    "Pod without a name: hostPID must not be true",
		"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {workloadRef: {name: d}}}":                               "",
		"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {workloadRef: {name: d}, template: }}":                   "",
		"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {workloadRef: , template: }}":                            "Rollout without a name: it has no pod here",
		"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {workloadRef: {}, " + pod[1:len(pod)-1] + "}}":           "Rollout without a name: hostPID must not be true",
		"{apiVersion: example.com/v1, kind: Widget}":                                                                      "Widget without a name: it has no pod here",
		"{apiVersion: example.org/v1, kind: Widget}":                                                                      "",
		"{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: r}}":                                                  "RayCluster r: it has no pod where the policy says that its kind has them",
		"{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: r}, spec: {workerGroupSpecs: [], headGroupSpec: {}}}": "RayCluster r: it has no pod where the policy says that its kind has them",
		"{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: r}, spec: {workerGroupSpecs: {a: {template: {}}}}}":   "RayCluster r at spec.workerGroupSpecs.a.template: it has no pod here",
		"{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: r}, spec: {headGroupSpec: " + pod + ", workerGroupSpecs: text}}": "RayCluster r at spec.headGroupSpec.template: hostPID must not be true; " +
			"RayCluster r at spec.workerGroupSpecs: it has no pod here",
	} {
		v := judgeText(t, j, in)
		var got []string
		for _, f := range v.Findings {
			if !f.Warning {
				got = append(got, f.Message)
			}
		}
		slices.Sort(got)
		if strings.Join(got, "; ") != want || (v.Outcome == target.Deny) != (want != "") {
			t.Errorf("%s: %s", in, summary(v))
		}
	}
}

// TestUnnamedContainers holds a container of Knative to what the policy says of the one that Knative will call so.
func TestUnnamedContainers(t *testing.T) {
	doc := document(map[control.ID]control.Value{control.Privileged: boolean(true)})
	doc.Containers = []*policy.ContainerBlock{
		{Name: "user-container", Range: line(50), Settings: settings(map[control.ID]control.Value{control.Privileged: boolean(false), control.Registries: keys("*")})},
		{Name: "user-container-1", Range: line(51), Settings: settings(map[control.ID]control.Value{control.Escalation: boolean(false), control.Registries: keys("*")})},
	}
	j := loadFor(t, doc)
	for in, want := range map[string]string{
		"[{securityContext: {privileged: true}}]":                                     "privileges.privileged user-container",
		"[{name: , securityContext: {privileged: true}}]":                             "privileges.privileged user-container",
		"[{name: '', securityContext: {privileged: true}}]":                           "privileges.privileged user-container",
		"[{name: app, securityContext: {privileged: true}}]":                          "",
		"[{securityContext: {privileged: true}}, {securityContext: {}}]":              "privileges.escalation user-container-1",
		"[{name: user-container, securityContext: {privileged: true}}, {name: more}]": "privileges.privileged user-container",
	} {
		v := judgeText(t, j, "{apiVersion: serving.knative.dev/v1, kind: Service, spec: {template: {spec: {containers: "+in+"}}}}")
		got := ""
		for _, f := range v.Findings {
			got += f.Control + " " + f.Container
		}
		if got != want {
			t.Errorf("%s: %s", in, summary(v))
		}
		if v := judgeText(t, j, "{kind: Pod, spec: {containers: "+in+"}}"); v.Outcome == target.Deny && !strings.Contains(in, "name: user") {
			t.Errorf("%s of a Pod: %s", in, summary(v))
		}
	}
}

// randomTree is a value with the fields that random paths name.
func randomTree(r *rand.Rand, depth int) any {
	switch n := r.IntN(12); {
	case n < 2 || depth > 6:
		return []any{nil, "text", 1, map[string]any{}, []any{}}[r.IntN(5)]
	case n < 4:
		var list []any
		for range r.IntN(4) {
			list = append(list, randomTree(r, depth+1))
		}
		return list
	case n < 6:
		return map[string]any{"metadata": map[string]any{}, "spec": map[string]any{"containers": []any{map[string]any{"name": "a"}}}}
	}
	fields := map[string]any{}
	for range 1 + r.IntN(3) {
		fields[[]string{"a", "b", "spec", "template", "template", "workloadRef"}[r.IntN(6)]] = randomTree(r, depth+1)
	}
	return fields
}

// randomKinds are kinds with paths, which may lead to one place twice.
func randomKinds(r *rand.Rand) []platform.PodKind {
	var out []platform.PodKind
	for _, name := range []string{"example.com/Widget", "example.org/Widget", "example.com/Gadget", "example.com/Service", "example.com/Rollout"} {
		group, kind, _ := strings.Cut(name, "/")
		var paths []string
		for range 1 + r.IntN(3) {
			path, each := "spec", 0
			for range r.IntN(5) {
				step := []string{"a", "b", "spec", "*"}[r.IntN(4)]
				if step == "*" {
					each++
				}
				if each > 3 {
					break
				}
				path += "." + step
			}
			paths = append(paths, path)
		}
		out = append(out, podKind(group, kind, paths...))
	}
	return out
}

// TestPlacesAgree holds the rules and compiler/input to finding the same pods, and to refusing the same objects for want
// of one, in random objects by random paths.
func TestPlacesAgree(t *testing.T) {
	found := map[input.Class]int{}
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		doc := document(map[control.ID]control.Value{control.Privileged: boolean(false)})
		doc.Platform = platform.Pods.With(doc.Platform, randomKinds(r))
		j := loadFor(t, doc)
		for range 400 {
			object := map[string]any{
				"kind": []string{"Widget", "Widget", "Gadget", "Service", "Rollout", "Deployment", "Pod"}[r.IntN(7)],
				"spec": randomTree(r, 0),
			}
			if version := []string{"", "example.com/v1", "example.com/v2", "example.org/v1", "v1", "/v1", "apps/v1", "argoproj.io/v1"}[r.IntN(8)]; version != "" {
				object["apiVersion"] = version
			}
			text, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			found[agree(t, j, string(text))]++
		}
	}
	if found[input.WorkloadClass] < 200 || found[input.MalformedClass] < 200 || found[input.UnsupportedClass] < 200 {
		t.Errorf("too few of a class are tried: %v", found)
	}
}

// agree judges an object and compares what was read of it with what compiler/input finds.
func agree(t *testing.T, j *judge, text string) input.Class {
	t.Helper()
	v := judgeText(t, j, text)
	docs, err := input.Read("f.yaml", []byte(text), input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	m := attempt.Manifest{Document: docs[0]}
	objects, _ := m.Document.Objects(j.podPaths)
	answers, err := j.quick(context.Background(), objects[0], "")
	if err != nil {
		t.Fatal(err)
	}
	var read, want []string
	for _, c := range subjectsOf(objects[0], answers.checked) {
		if c.container == "" {
			read = append(read, strings.Join(c.in, "."))
		}
	}
	class, _ := objects[0].Class()
	if class == input.WorkloadClass {
		for _, pod := range objects[0].Pods() {
			want = append(want, strings.Join(pod.Path, "."))
		}
	}
	slices.Sort(read)
	slices.Sort(want)
	none := strings.Contains(summary(v), "it has no pod")
	switch {
	case class == input.WorkloadClass && (!slices.Equal(read, want) || none), class == input.MalformedClass && !none,
		class == input.UnsupportedClass && (v.Outcome != target.Inapplicable || len(read) > 0):
		t.Errorf("%s by %v:\nclass %q with pods at %v, but read at %v: %s", text, slices.Collect(j.podPaths.All()), class, want, read, summary(v))
	}
	return class
}

// BenchmarkManyPods has one object with many pods, each with something wrong. Ten times as many take ten times as long.
func BenchmarkManyPods(b *testing.B) {
	j := loadFor(b, fleets())
	const pod = "{template: {metadata: {labels: {app: app-1}}, spec: {securityContext: {runAsNonRoot: false}, containers: [{name: c, image: x, securityContext: {privileged: true}}]}}}"
	for _, many := range []int{1_000, 10_000} {
		text := "{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: r}, spec: {workerGroupSpecs: [" + strings.Repeat(pod+",\n", many) + "]}}"
		docs, err := input.Read("f.yaml", []byte(text), input.DefaultLimits())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			for b.Loop() {
				v, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[0]})
				if err != nil || len(v.Findings) < many {
					b.Fatalf("%d findings and the error %v, want one for each pod", len(v.Findings), err)
				}
			}
		})
	}
}

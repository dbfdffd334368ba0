package terraform_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// ofKind makes an object of a kind with a pod where the table says that it has one, and with another field beside the pod's path.
func ofKind(k input.PodTemplatePath, pod map[string]any) map[string]any {
	object := map[string]any{"kind": k.Kind, "metadata": map[string]any{"name": strings.ToLower(k.Kind)}}
	switch k.Group {
	case input.NoGroup:
	case input.CoreGroup:
		object["apiVersion"] = "v1"
	default:
		object["apiVersion"] = k.Group + "/v1"
	}
	at := object
	for _, step := range k.Paths[0] {
		inner := map[string]any{}
		at[step] = inner
		at = inner
	}
	at["spec"] = pod
	return object
}

func asText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryKindInManifests puts a bad pod and a good one into a kubernetes_manifest of every kind with pods, also beside another pod:
// the verdict is that of the pod, and a container without a name has the one that its kind gives it.
func TestEveryKindInManifests(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(policy.Settings{control.HostPID: boolean(3, false), control.Privileged: boolean(4, false)}))))
	good := planResource{typ: "kubernetes_manifest", values: `{"manifest":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}]}}}`}
	n := 0
	for k := range input.BuiltIn().All() {
		n++
		privileged := map[string]any{"name": "named", "securityContext": map[string]any{"privileged": true}}
		if k.DefaultContainerName != "" {
			delete(privileged, "name")
		}
		for _, c := range []struct {
			pod  map[string]any
			want target.Outcome
			says string
		}{
			{map[string]any{"containers": []any{map[string]any{"name": "a"}}}, target.Allow, ""},
			{map[string]any{"hostPID": true, "containers": []any{map[string]any{"name": "a"}}}, target.Deny, "default/" + strings.ToLower(k.Kind)},
			{map[string]any{"containers": []any{privileged}}, target.Deny, "default/" + strings.ToLower(k.Kind) + " " + map[bool]string{true: "user-container", false: "named"}[k.DefaultContainerName != ""]},
			{map[string]any{"containers": []any{map[string]any{"name": "a"}, privileged}}, target.Deny, map[bool]string{true: " user-container-1", false: " named"}[k.DefaultContainerName != ""]},
		} {
			object := planResource{typ: "kubernetes_manifest", values: asText(t, map[string]any{"manifest": ofKind(k, c.pod)})}
			for _, resources := range [][]planResource{{object}, {good, object}, {object, good}} {
				v := judge(t, j, planOf(resources...))
				if v.Outcome != c.want || !strings.Contains(fmt.Sprintf("%+v", v.Findings), c.says) || len(v.Skipped) > 0 {
					t.Errorf("%s: %v, want %v %q: %+v", object.values, v.Outcome, c.want, c.says, v)
				}
			}
		}
	}
	if n < 20 {
		t.Errorf("%d kinds", n)
	}
}

// TestManifestsWithoutPods lists what a kubernetes_manifest has no pod of its own for, and says whether it makes some.
func TestManifestsWithoutPods(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(policy.Settings{control.HostPID: boolean(3, false)}))))
	good := planResource{typ: "kubernetes_manifest", values: `{"manifest":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}]}}}`}
	for manifest, want := range map[string]struct {
		says string
		pods bool
	}{
		`{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"n"},"spec":{"workloadRef":{"kind":"Deployment","name":"d"}}}`: {"it runs those of the object that spec.workloadRef names", true},
		`{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"n"},"spec":{"source":{"path":"x"}}}`:                      {"check the manifests of its source", true},
		`{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","metadata":{"name":"n"},"spec":{"chart":{}}}`:                            {"check the output of `helm template`", true},
		`{"apiVersion":"kustomize.toolkit.fluxcd.io/v1","kind":"Kustomization","metadata":{"name":"n"},"spec":{"path":"x"}}`:                     {"check the output of `kustomize build`", true},
		`{"apiVersion":"v1","kind":"Service","metadata":{"name":"n"},"spec":{"ports":[]}}`:                                                       {`"Service" of "v1" hold no pod`, false},
		`{"apiVersion":"example.com/v1","kind":"Service","metadata":{"name":"n"},"spec":{}}`:                                                     {`"Service" of "example.com/v1" hold no pod`, false},
	} {
		object := planResource{typ: "kubernetes_manifest", values: `{"manifest":` + manifest + `}`}
		if v := judge(t, j, planOf(object)); v.Outcome != target.Inapplicable || !strings.Contains(fmt.Sprintf("%+v", v), want.says) {
			t.Errorf("%s: %+v, want %q", manifest, v, want.says)
		}
		v := judge(t, j, planOf(good, object))
		if v.Outcome != target.Allow || len(v.Skipped) != 1 || !strings.Contains(v.Skipped[0].Message, want.says) || v.Skipped[0].Undecided != want.pods {
			t.Errorf("%s beside a pod: %+v, want %q, pods %v", manifest, v, want.says, want.pods)
		}
	}
}

// TestKindsAgainstTerraform asks the real Terraform which pods and containers the module finds in kubernetes_manifests of every kind.
func TestKindsAgainstTerraform(t *testing.T) {
	terraformBinary(t)
	files, _ := withOutputs(t, emit(t, resolve(t, document(policy.Settings{control.HostPID: boolean(3, false)}))), "policy")
	files["policy/found.tf"] = "output \"found\" {\n  value = [for p in local.pods : \"${p.name}: ${join(\" \", flatten([for list in p.containers : [for c in list : c.name]]))}\"]\n}\n"
	var resources, want []string
	add := func(object map[string]any) {
		resources = append(resources, "{ manifest = jsondecode("+quoteHCL(asText(t, object))+") }")
	}
	for k := range input.BuiltIn().All() {
		names := "a b"
		pod := map[string]any{"containers": []any{map[string]any{"name": "a"}, map[string]any{"name": "b"}}}
		if k.DefaultContainerName != "" {
			names, pod = "a user-container-1", map[string]any{"containers": []any{map[string]any{"name": "a"}, map[string]any{}}}
		}
		add(ofKind(k, pod))
		want = append(want, strings.ToLower(k.Kind)+": "+names)
	}
	add(map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "none"}, "spec": map[string]any{}})
	add(map[string]any{"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": map[string]any{"name": "none"}, "spec": map[string]any{"workloadRef": map[string]any{"name": "d"}}})
	files["main.tf"] = "module \"policy\" {\n  source = \"./policy\"\n  resources = [" + strings.Join(resources, ", ") + "]\n}\noutput \"found\" {\n  value = module.policy.found\n}\n"
	var plan struct {
		OutputChanges struct{ Found struct{ After []string } } `json:"output_changes"`
	}
	if err := json.Unmarshal(planFiles(t, files), &plan); err != nil {
		t.Fatal(err)
	}
	got := plan.OutputChanges.Found.After
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("Terraform finds %q, want %q", got, want)
	}
}

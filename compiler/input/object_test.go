package input

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObjects(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"pod": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ns, labels: {x: one, z: 1}}\nspec: {containers: []}",
			"Pod ns/a at [] holds a pod at [] with map[x:one]",
		},
		"deployment": {
			"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {no: no}}\nspec: {template: {metadata: {labels: {x: one}}, spec: {}}}",
			"Deployment /a at [] holds a pod at [spec template] with map[x:one]",
		},
		"cron job": {
			"apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {}}}}}",
			"CronJob / at [] holds a pod at [spec jobTemplate spec template] with map[]",
		},
		"pod template":       {"apiVersion: v1\nkind: PodTemplate\ntemplate: {spec: {}}", "PodTemplate / at [] holds a pod at [template] with map[]"},
		"node":               {"apiVersion: v1\nkind: Node\nmetadata: {name: node1}", "Node /node1 at [] is a node"},
		"kubelet with items": {"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nitems: []", "KubeletConfiguration / at [] is a node configuration"},
		"no apiVersion":      {"kind: Pod\nspec: {}", "Pod / at [] holds a pod at [] with map[]"},
		"foreign Deployment": {"apiVersion: example.com/v1\nkind: Deployment\nspec: {template: {spec: {}}}", "Deployment / at []: Deployment (example.com/v1): no control applies"},
		"custom resource":    {"apiVersion: example.org/v1\nkind: Widget", "Widget / at []: Widget (example.org/v1): no control applies"},
		"pod of nobody's":    {"apiVersion: example.org/v1\nkind: Widget\nspec: {template: {spec: {containers: []}}}", "Widget / at []: Widget (example.org/v1): no control applies, though it has containers: name the kind in platform.pods"},
		"core by a slash":    {"apiVersion: /v1\nkind: Pod\nspec: {}", "Pod / at [] holds a pod at [] with map[]"},
		"rollout":            {"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {template: {spec: {}}}", "Rollout / at [] holds a pod at [spec template] with map[]"},
		"rollout without":    {"apiVersion: argoproj.io/v1alpha1\nkind: Rollout", "Rollout / at []: the Rollout has no pod at spec.template.spec"},
		"rollout of another's": {
			"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: {name: d}, template: {metadata: {}}}",
			"Rollout / at []: the Rollout has no pod of its own: it runs those of the object that spec.workloadRef names, so check that one",
		},
		"rollout of its own, too": {
			"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: {name: d}, template: {spec: {}}}",
			"Rollout / at [] holds a pod at [spec template] with map[]",
		},
		"rollout of nothing":    {"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: d}", "Rollout / at []: the Rollout has no pod at spec.template.spec"},
		"knative service":       {"apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {template: {spec: {}}}", "Service / at [] holds a pod at [spec template] with map[]"},
		"knative services":      {"apiVersion: serving.knative.dev/v1\nkind: ServiceList\nitems: [{spec: {template: {spec: {}}}}]", "Service / at [items 0] holds a pod at [spec template] with map[]"},
		"core service":          {"apiVersion: v1\nkind: Service\nspec: {template: {spec: {}}}", "Service / at []: Service (v1): no control applies"},
		"service of no group":   {"kind: Service\nspec: {template: {spec: {}}}", "Service / at []: Service (no apiVersion): no control applies"},
		"knative revision":      {"apiVersion: serving.knative.dev/v1\nkind: Revision\nmetadata: {labels: {x: one}}\nspec: {}", "Revision / at [] holds a pod at [] with map[x:one]"},
		"deployment config":     {"apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\nspec: {template: {spec: {}}}", "DeploymentConfig / at [] holds a pod at [spec template] with map[]"},
		"old deployment config": {"apiVersion: v1\nkind: DeploymentConfig\nspec: {}", "DeploymentConfig / at []: the DeploymentConfig has no pod at spec.template.spec"},
		"misspelled":            {"apiVersion: argoproj.io/v1alpha1\nkind: rollout", "rollout / at []: no kind is called \"rollout\"; it is \"Rollout\""},
		"many": {
			"apiVersion: example.com/v1\nkind: Fleet\nspec: {main: {spec: {}}, extra: {a: [{template: {metadata: {labels: {x: one}}, spec: {}}}, {}, {template: }], b: }}",
			"Fleet / at [] holds a pod at [spec extra a 0 template] with map[x:one] holds a pod at [spec main] with map[]",
		},
		"many, one no pod": {
			"apiVersion: example.com/v1\nkind: Fleet\nspec: {main: {spec: {}}, extra: {a: [{template: {}}]}}",
			"Fleet / at []: the Fleet has no pod at spec.extra.a.0.template.spec",
		},
		"many, no way to one": {
			"apiVersion: example.com/v1\nkind: Fleet\nspec: {main: {spec: {}}, extra: {a: text}}",
			"Fleet / at []: the Fleet has no pod at spec.extra.a",
		},
		"many, a list in the way": {
			"apiVersion: example.com/v1\nkind: Fleet\nspec: {main: [{spec: {}}]}",
			"Fleet / at []: the Fleet has no pod at spec.main",
		},
		"many, none": {
			"apiVersion: example.com/v1\nkind: Fleet\nspec: {main: , extra: {}}",
			"Fleet / at []: the Fleet has no pod at spec.extra.*.*.template.spec or spec.main.spec",
		},
		"kubelet":                    {"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nreadOnlyPort: 0", "KubeletConfiguration / at [] is a node configuration"},
		"kubelet of no version":      {"kind: KubeletConfiguration", "KubeletConfiguration / at [] is a node configuration"},
		"kubelet of another group":   {"apiVersion: example.org/v1beta1\nkind: KubeletConfiguration", "KubeletConfiguration / at []: KubeletConfiguration (example.org/v1beta1): no control applies"},
		"kubelet of another version": {"apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration", "KubeletConfiguration / at []: KubeletConfiguration (kubelet.config.k8s.io/v1): no control applies; only the version v1beta1 of kubelet.config.k8s.io is read"},
		"named, of another group":    {"apiVersion: example.org/v1\nkind: Fleet", "Fleet / at []: Fleet (example.org/v1): no control applies"},
		"no template":                {"apiVersion: apps/v1\nkind: Deployment\nspec: {}", "Deployment / at []: the Deployment has no pod at spec.template.spec"},
		"spec is text":               {"apiVersion: v1\nkind: Pod\nspec: no pod", "Pod / at []: the Pod has no pod at spec"},
		"values file":                {"image: nginx\n", "skipped at line 1: not a Kubernetes object: it states no kind"},
		"text":                       {"just text\n", "skipped at line 1: a string is not a Kubernetes object"},
		"list in a list": {
			"kind: List\nitems:\n- kind: Node\n- kind: List\n  items:\n  - {kind: Pod, spec: {}}\n  - 1\n",
			"Node / at [items 0] is a node\nPod / at [items 1 items 0] holds a pod at [] with map[]\nskipped at line 7: a number is not a Kubernetes object",
		},
		"typed list":     {"apiVersion: apps/v1\nkind: DeploymentList\nitems: [{spec: {template: {spec: {}}}}]", "Deployment / at [items 0] holds a pod at [spec template] with map[]"},
		"empty list":     {"kind: List\nitems: []", "skipped at line 1: the List is empty"},
		"list of text":   {"kind: List\nitems: x", "skipped at line 2: the items of the List are a string, not a list"},
		"kind is a list": {"kind: [Pod]", "skipped at line 1: not a Kubernetes object: it states no kind"},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := Read("f.yaml", []byte(c.in), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, describe(docs[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestStreamOfKinds reads the configuration of a kubelet in a stream beside other objects.
func TestStreamOfKinds(t *testing.T) {
	const file = "testdata/node.yaml"
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := Read(file, body, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range docs {
		got = append(got, describe(d))
	}
	want := []string{
		"Node /worker at [] is a node",
		"KubeletConfiguration / at [] is a node configuration",
		"DaemonSet kube-system/agent at [] holds a pod at [spec template] with map[app:agent]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if NodeConfigurationClass.Namespaced() || NodeClass.Namespaced() || !WorkloadClass.Namespaced() {
		t.Error("of these classes, only workloads belong to a namespace")
	}
}

func describe(d *Document) string {
	fleet := PodTemplatePath{Kind: "Fleet", Group: "example.com", Paths: [][]string{{"spec", "main"}, {"spec", "extra", Wildcard, Wildcard, "template"}}}
	objects, skipped := d.Objects(BuiltIn().With(fleet))
	var lines []string
	for _, o := range objects {
		line := fmt.Sprintf("%s %s/%s at %v", o.Kind, o.Namespace, o.Name, o.Path)
		switch class, reason := o.Class(); class {
		case WorkloadClass:
			for _, pod := range o.Pods() {
				line += fmt.Sprintf(" holds a pod at %v with %v", pod.Path, o.Labels(pod.Path))
			}
		case UnsupportedClass, MalformedClass:
			line += ": " + reason
		default:
			line += " is a " + string(class)
		}
		lines = append(lines, line)
	}
	for _, s := range skipped {
		lines = append(lines, fmt.Sprintf("skipped at line %d: %s", s.Line, s.Reason))
	}
	return strings.Join(lines, "\n")
}

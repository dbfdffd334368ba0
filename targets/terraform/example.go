package terraform

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/model/example"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Tests writes tests of the module for `terraform test`: a pod that complies, pods
// that violate every control, and a list without a pod. They are made of the examples
// of the controls.
func (Target) Tests(p *policy.Policy) ([]target.Artifact, error) {
	var w bytes.Buffer
	subject := subjectOf(p)
	if pod, ok := goodPod(p, subject); ok {
		writeRun(&w, "a_pod_that_the_policy_allows", []control.Patch{pod}, nil)
	}
	if pods, expected := badPods(p, subject); len(expected) > 0 && !spares(subject, pods) {
		for i := range pods {
			pods[i] = manifestOf(p, subject, pods[i])
		}
		writeRun(&w, "pods_that_violate_the_policy", pods, expected)
	}
	writeRun(&w, "nothing_to_hold_to_the_policy", []control.Patch{withoutPod}, []string{"terraform_data.input"})
	body := hclwrite.Format(bytes.TrimRight(w.Bytes(), "\n"))
	return []target.Artifact{*file(p, "tests/policy.tftest.hcl", string(body)+"\n")}, nil
}

func writeRun(w *bytes.Buffer, name string, resources []control.Patch, failures []string) {
	var values []cty.Value
	for _, r := range resources {
		values = append(values, valueOf(r))
	}
	fmt.Fprintf(w, "run %q {\ncommand = plan\n\nvariables {\nresources = %s\n}\n", name, hclwrite.TokensForValue(cty.TupleVal(values)).Bytes())
	if len(failures) > 0 {
		fmt.Fprintf(w, "\nexpect_failures = [%s]\n", strings.Join(failures, ", "))
	}
	w.WriteString("}\n\n")
}

// valueOf is JSON in Terraform's language, without the fields that are null.
func valueOf(v any) cty.Value {
	switch v := v.(type) {
	case control.Patch:
		fields := map[string]cty.Value{}
		for key, field := range v {
			if field != nil {
				fields[key] = valueOf(field)
			}
		}
		return cty.ObjectVal(fields)
	case []any:
		var all []cty.Value
		for _, e := range v {
			all = append(all, valueOf(e))
		}
		return cty.TupleVal(all)
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case int:
		return cty.NumberIntVal(int64(v))
	case int64:
		return cty.NumberIntVal(v)
	}
	panic(fmt.Sprintf("terraform: %T is nothing that examples have", v))
}

// withoutPod is a resource in which there is no pod, such as a service account.
var withoutPod = control.Patch{"metadata": []any{control.Patch{"name": "example"}}}

// subjectOf is the container that the tests are about: any of the first workload on
// Linux, or else of pods that no workload describes. Nil where those are refused.
func subjectOf(p *policy.Policy) *policy.Container {
	for _, w := range p.Workloads {
		if w.OS != "windows" {
			return w.Container(policy.AnyContainer)
		}
	}
	if p.Undeclared == nil {
		return nil
	}
	return p.Undeclared.Container(policy.AnyContainer)
}

// undeclared reports whether pods of the tests are refused since no workload has them.
func undeclared(p *policy.Policy, subject *policy.Container) bool {
	c, s := p.UndeclaredSetting()
	return (subject == nil || !subject.Declared()) && c.Restricts(s.Value)
}

// manifestOf makes a kubernetes_manifest of a pod with one container.
func manifestOf(p *policy.Policy, subject *policy.Container, pod control.Patch) control.Patch {
	namespace, name := "default", "example"
	if len(p.Namespaces) > 0 {
		namespace = p.Namespaces[0].Key
	}
	labels := control.Patch{}
	if subject != nil {
		name = example.ContainerName(subject)
		for k, v := range subject.Workload.Match {
			labels[k] = v
		}
	}
	container := control.Patch{"name": name, "image": "registry.example.com/example:1.0"}
	metadata := control.Patch{"name": "example", "namespace": namespace, "labels": labels}
	spec := control.Patch{}
	for key, into := range map[string]control.Patch{"container": container, "metadata": metadata, "spec": spec} {
		part, _ := pod[key].(control.Patch)
		control.Merge(into, part)
	}
	spec["containers"] = []any{container}
	return control.Patch{"manifest": control.Patch{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}}
}

// goodPod makes a pod that complies with the policy, if there can be one.
func goodPod(p *policy.Policy, subject *policy.Container) (control.Patch, bool) {
	if subject == nil || undeclared(p, subject) {
		return nil, false
	}
	pod, own, possible := example.Pod(p, subject)
	control.Merge(pod, own)
	return manifestOf(p, subject, pod), possible
}

// badPods makes pods of the violations of every control, and gives the addresses of
// the conditions that must fail.
func badPods(p *policy.Policy, subject *policy.Container) (pods []control.Patch, failures []string) {
	expected := map[string]bool{}
	const stops = "terraform_data.controls"
	if undeclared(p, subject) {
		pods, expected[stops] = append(pods, control.Patch{}), true
	}
	for _, check := range checksOn(p) {
		c, _ := control.Lookup(check.id)
		if subject == nil || c.Example.Bad == nil || !c.Restricts(subject.Get(c.ID).Value) {
			continue
		}
		for _, change := range c.Example.Bad(example.Situation(p, c, subject)) {
			pods = pack(pods, change)
			if subject.Get(c.ID).Warn != nil {
				expected["check."+localName(c.ID)] = true
			} else {
				expected[stops] = true
			}
		}
	}
	return pods, slices.Sorted(maps.Keys(expected))
}

// pack adds a change to the first pod that it does not contradict.
func pack(pods []control.Patch, change control.Patch) []control.Patch {
	for _, pod := range pods {
		if fits(pod, change) {
			join(pod, change)
			return pods
		}
	}
	pod := control.Patch{}
	join(pod, change)
	return append(pods, pod)
}

// fits reports whether a pod may state a change too: fields that both state are the
// same, and no two elements of a list have one name.
func fits(pod, change control.Patch) bool {
	for key, v := range change {
		stated, ok := pod[key]
		if !ok {
			continue
		}
		switch v := v.(type) {
		case control.Patch:
			inner, ok := stated.(control.Patch)
			if !ok || !fits(inner, v) {
				return false
			}
		case []any:
			list, ok := stated.([]any)
			if !ok || slices.ContainsFunc(v, func(e any) bool { return named(list, e) }) {
				return false
			}
		default:
			if !reflect.DeepEqual(stated, v) {
				return false
			}
		}
	}
	return true
}

// named reports whether an element of a list has the name of another.
func named(list []any, element any) bool {
	one, ok := element.(control.Patch)
	return ok && slices.ContainsFunc(list, func(e any) bool {
		other, ok := e.(control.Patch)
		return ok && other["name"] == one["name"]
	})
}

// join adds a change that fits.
func join(pod, change control.Patch) {
	for key, v := range change {
		switch v := v.(type) {
		case control.Patch:
			inner, ok := pod[key].(control.Patch)
			if !ok {
				inner = control.Patch{}
				pod[key] = inner
			}
			join(inner, v)
		case []any:
			list, _ := pod[key].([]any)
			pod[key] = slices.Concat(list, v)
		default:
			pod[key] = v
		}
	}
}

// spares reports whether an exception for images speaks of what a pod runs.
func spares(subject *policy.Container, pods []control.Patch) bool {
	if subject == nil {
		return false
	}
	var patterns []string
	for _, s := range subject.Settings {
		for _, e := range s.Exempt {
			patterns = append(patterns, control.Value{Items: e.Images}.Keys()...)
		}
	}
	return slices.ContainsFunc(pods, func(pod control.Patch) bool {
		container, _ := pod["container"].(control.Patch)
		name, ok := container["image"].(string)
		return image.Matches(patterns, name) || !ok && image.Matches(patterns, "registry.example.com/example")
	})
}

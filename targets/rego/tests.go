package rego

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/model/example"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Tests writes tests of the bundle, which OPA and conftest run: what keeps to the policy is read and allowed, and what
// breaks one control is refused by it. They are made of the policy's values and not of the rules.
func (Target) Tests(p *policy.Policy) ([]target.Artifact, error) {
	t := tests{policy: p}
	t.head()
	t.kept()
	undeclared, _ := p.UndeclaredSetting()
	for _, c := range control.Controls() {
		switch {
		case ofKubelets(c):
		case c.Example.Bad != nil && c.Known(p.Platform.SinceKubernetes):
			t.control(c)
		case c == undeclared:
			t.undeclared(c)
		}
	}
	t.nodes()
	t.kubelets()
	return []target.Artifact{{Path: "rego/policy_test.rego", Body: []byte(t.String())}}, nil
}

type tests struct {
	strings.Builder
	policy *policy.Policy
}

// head writes the package, below the policy's as .manifest demands, and a test of what conftest is told: a pod without
// anything is refused by all policies.
func (t *tests) head() {
	name := packageName(t.policy.Name)
	fmt.Fprintf(t, `# %s
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package %s.policy_test

import data.%s as bundle
import data.main

test_main_repeats_what_is_refused if {
	refusals := bundle.deny with input as {"kind": "Pod"}
	repeated := main.deny with input as {"kind": "Pod"}
	count(refusals) > 0
	count(refusals - repeated) == 0
}

`, comment(t.policy.Notice()), name, name)
}

// tree is an object of JSON.
type tree = control.Patch

// metadata is what every example states of itself.
func (t *tests) metadata() tree {
	m := tree{"name": "example"}
	var names []string
	for _, n := range t.policy.Namespaces {
		names = append(names, n.Key)
	}
	if len(names) > 0 {
		m["namespace"] = slices.Min(names)
	}
	return m
}

// kept writes pods that keep to the policy, for every subject, and tests them. Subjects of which the policy asks the
// same share one.
func (t *tests) kept() {
	names := map[string]string{}
	var pods, subjects strings.Builder
	var impossible []string
	possible := false
	for c := range t.policy.Subjects() {
		kept, own, ok := t.keeps(c)
		if possible = possible || ok; !ok {
			impossible = append(impossible, c.ID())
		}
		body := literal(kept, "")
		if names[body] == "" {
			names[body] = fmt.Sprintf("kept_%d", len(names)+1)
			fmt.Fprintf(&pods, "%s := %s\n\n", names[body], body)
		}
		fmt.Fprintf(&subjects, "\t%s: object.union(%s, %s),\n", quote(c.ID()), names[body], literal(own, "\t"))
	}
	if len(names) > 0 {
		t.WriteString("# What keeps to the policy.\n" + pods.String())
		t.WriteString("# Of whom: the labels of a workload, and the name of a container.\nsubjects := {\n" + subjects.String() + "}\n\n")
	}
	fmt.Fprintf(t, podFunctions, short(t.metadata()))
	if possible {
		t.testKept(impossible)
	}
}

const podFunctions = `# A pod with something changed; null takes a field away.
pod(kept, change) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": object.union(%s, it.metadata),
	"spec": object.union(it.spec, {"containers": [it.container]}),
} if {
	it := object.union(kept, change)
}

# The controls that refuse such a pod, and those that only report it.
refused(kept, change) := {v.control | some v in bundle.deny with input as pod(kept, change)}

reported(kept, change) := {v.control | some v in bundle.warn with input as pod(kept, change)}
`

// testKept tests that nobody who keeps to the policy is refused or overlooked.
func (t *tests) testKept(impossible []string) {
	over := "subjects"
	if len(impossible) > 0 {
		t.WriteString("\n# Of these more is asked than anything could keep to.\nimpossible := " + set(impossible) + "\n")
		over = "object.remove(subjects, impossible)"
	}
	fmt.Fprintf(t, `
test_what_keeps_to_the_policy_is_read_and_allowed if {
	every subject, kept in %s {
		refused(kept, {}) == set()
		reported(kept, {}) == set()
		subject in {it.subject | some it in bundle.checked with input as pod(kept, {})}
	}
}
`, over)
}

// whose tells a subject from others.
func whose(c *policy.Container) tree {
	labels := tree{}
	for k, v := range c.Workload.Match {
		labels[k] = v
	}
	f := tree{"metadata": tree{"labels": labels}, "container": tree{"name": example.ContainerName(c)}}
	if c.Workload.OS == "windows" {
		f["spec"] = tree{"os": tree{"name": "windows"}}
	}
	return f
}

// keeps is what a container and its pod have to state, apart from what is the container's own, and whether that is enough.
func (t *tests) keeps(c *policy.Container) (kept, own tree, possible bool) {
	kept = tree{"metadata": tree{}, "spec": tree{}, "container": tree{"image": "registry.example.com/example:1.0"}}
	own = whose(c)
	shared, named, possible := example.Pod(t.policy, c)
	control.Merge(kept, shared)
	control.Merge(own, named)
	return kept, own, possible && annotationsKept(c, own)
}

// annotationsKept says whether no annotation that a pod states is refused.
func annotationsKept(c *policy.Container, stated tree) bool {
	v := c.Get(control.Annotations).Value
	if len(v.Items) == 0 {
		return true
	}
	refused := regexp.MustCompile(control.PatternsExpression(v.Keys()))
	metadata, _ := stated["metadata"].(tree)
	annotations, _ := metadata["annotations"].(tree)
	for key := range annotations {
		if refused.MatchString(key) {
			return false
		}
	}
	return true
}

// control writes the test of one control.
func (t *tests) control(c *control.Control) {
	var lines []string
	restricts := false
	for container := range t.policy.Subjects() {
		s := example.Situation(t.policy, c, container)
		if c.Scope == control.OfPod && container.Name != policy.AnyContainer || !c.Restricts(s.Value) {
			continue
		}
		restricts = true
		verdict := "refused"
		if container.Get(c.ID).Warn != nil {
			verdict = "reported"
		}
		for _, change := range c.Example.Bad(s) {
			verdict := verdict
			if t.exempt(c, container, change) {
				verdict = "reported"
			}
			lines = append(lines, fmt.Sprintf("%s in %s(subjects[%s], %s)", quote(string(c.ID)), verdict, quote(container.ID()), short(change)))
		}
	}
	if restricts && len(lines) == 0 {
		fmt.Fprintf(t, "\n# Nothing that a pod may state breaks %s here.\n", c.ID)
	}
	t.test(c.ID, firsts(lines))
}

// exempt reports whether a changed pod runs an image that an exception has the control's violations reported of only.
func (t *tests) exempt(ctrl *control.Control, container *policy.Container, change tree) bool {
	exceptions := container.Get(ctrl.ID).Exempt
	if len(exceptions) == 0 {
		return false // what else there is to look at takes long to make
	}
	pod, _, _ := t.keeps(container)
	for _, all := range []tree{pod, change} {
		if c, ok := all["container"].(tree); ok && c["image"] != nil {
			control.Merge(pod, tree{"container": tree{"image": c["image"]}})
		}
	}
	name, _ := pod["container"].(tree)["image"].(string)
	return slices.ContainsFunc(exceptions, func(e *policy.Exception) bool {
		return image.Matches(control.Value{Items: e.Images}.Keys(), name)
	})
}

// firsts leaves of lines that differ in nothing but the subject the first.
func firsts(lines []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(lines, func(l string) bool {
		before, rest, _ := strings.Cut(l, "subjects[")
		_, change, _ := strings.Cut(rest, "], {")
		known := seen[before+change]
		seen[before+change] = true
		return known
	})
}

// test writes a test; without lines there is none.
func (t *tests) test(id control.ID, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(t, "\ntest_%s if {\n\t%s\n}\n", strings.ReplaceAll(string(id), ".", "_"), strings.Join(lines, "\n\t"))
	}
}

// undeclared tests that a pod without labels is nobody's.
func (t *tests) undeclared(c *control.Control) {
	s := t.policy.Settings[c.ID]
	if !c.Restricts(s.Value) {
		return
	}
	verdict := "refused"
	if s.Warn != nil {
		verdict = "reported"
	}
	t.test(c.ID, []string{fmt.Sprintf(`%s in %s({"metadata": {}, "spec": {}, "container": {"name": "example"}}, {})`, quote(string(c.ID)), verdict)})
}

package rego

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// ofKubelets reports whether a control is one of the configuration of kubelets.
func ofKubelets(c *control.Control) bool {
	return len(c.Rules) > 0 && c.Rules[0].Over == podrule.Kubelets
}

// kubelets writes the files of what is asked of kubelets, and what is read of their configuration where anything is.
func (e *emitter) kubelets() error {
	before := len(e.artifacts)
	for _, c := range control.Controls() {
		if s := e.policy.Settings[c.ID]; ofKubelets(c) && c.Restricts(s.Value) {
			e.kubelet(c, s)
		}
	}
	if len(e.artifacts) == before {
		return nil
	}
	return e.copy("kubelets.rego", "\n"+podrule.RegoKubeletFields())
}

// kubelet writes the file of one control.
func (e *emitter) kubelet(c *control.Control, s policy.Setting) {
	var all []string
	for _, r := range c.Rules {
		for _, p := range r.With(c.Encoded(s.Value)).Rego(podrule.None) {
			all = append(all, fmt.Sprintf("%s contains found(kubelet, %s, %s, %s) if {\n\tsome kubelet in %s\n\t%s\n}\n",
				verdictOf(s), quote(string(c.ID)), p.Keys, p.Problem, p.Over, strings.Join(p.Where, "\n\t")))
		}
	}
	e.policyWide(c, s, strings.Join(all, "\n"))
}

// policyWide writes the file of a control of the whole policy.
func (e *emitter) policyWide(c *control.Control, s policy.Setting, rules string) {
	origin := comment(fmt.Sprintf("%s: %s = %s", place(s), c.ID, c.Show(s.Value)))
	e.add(string(c.ID)+".rego", e.head+"\n# "+origin+"\n"+metadata(c)+rules, []target.SourceMapping{{Control: control.Ref{ID: c.ID}, Range: s.Range}})
}

// verdictOf is what becomes of whatever violates a control of the whole policy.
func verdictOf(s policy.Setting) string {
	if s.Warn != nil {
		return "warn"
	}
	return "deny"
}

// engines writes the file of the runtimes that nodes may run. One that reports none, or not as a kubelet does, is refused.
func (e *emitter) engines() {
	c, ok := control.Lookup(control.NodeRuntimes)
	s := e.policy.Settings[control.NodeRuntimes]
	if !ok || !c.Restricts(s.Value) {
		return
	}
	e.policyWide(c, s, fmt.Sprintf(`%s contains found(node, %s, ["status", "nodeInfo", "containerRuntimeVersion"], runtime_problem(value)) if {
	some node in nodes
	value := object.get(node.info, "containerRuntimeVersion", null)
	not accepted_runtime(value)
}

accepted_runtime(value) if {
	[name, version] := split(value, "://")
	name in %s
	version != ""
}

runtime_problem(null) := "the node reports no containerRuntimeVersion"

runtime_problem(value) := sprintf("containerRuntimeVersion must be of %%s, not %%v", [%s, value]) if value != null
`, verdictOf(s), quote(string(c.ID)), set(s.Value.Keys()), quote(strings.Join(s.Value.Keys(), " or "))))
}

// kubelets writes a configuration that complies, and tests of what does not.
func (t *tests) kubelets() {
	good := tree{}
	lines := map[control.ID][]string{}
	for _, c := range control.Controls() {
		s := t.policy.Settings[c.ID]
		if !ofKubelets(c) || !c.Restricts(s.Value) {
			continue
		}
		about := control.Situation{Control: c, Value: s.Value}
		complies, _ := c.Example.Good(about)
		control.Merge(good, complies)
		for _, change := range c.Example.Bad(about) {
			lines[c.ID] = append(lines[c.ID], fmt.Sprintf("%s in %s_kubelet(%s)", quote(string(c.ID)), participle(s), short(change)))
		}
	}
	if len(lines) == 0 {
		return
	}
	control.Merge(good, tree{"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"})
	fmt.Fprintf(t, `
# The configuration of a kubelet that complies, with something changed.
kubelet(change) := object.union(kubelet_that_complies, change)

kubelet_that_complies := %s

refused_kubelet(change) := {v.control | some v in bundle.deny with input as kubelet(change)}

reported_kubelet(change) := {v.control | some v in bundle.warn with input as kubelet(change)}

test_a_kubelet_that_complies_is_read_and_allowed if {
	refused_kubelet({}) == set()
	reported_kubelet({}) == set()
	count(bundle.checked) > 0 with input as kubelet({})
}

test_a_kubelet_that_cannot_be_read_is_refused if {
	"manifest" in refused_kubelet({"authentication": "none"})
}
`, literal(good, ""))
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		t.test(id, lines[id])
	}
}

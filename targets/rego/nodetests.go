package rego

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// nodes writes a node that is new enough, and tests of what is not.
func (t *tests) nodes() {
	info, labels := tree{}, tree{}
	old := map[control.ID][]string{}
	for _, v := range nodeVersions {
		old[v.id] = t.version(v.id, v.field, info)
	}
	runtimes := t.runtimes(info, labels)
	engines, possible := t.engines(info)
	if len(info)+len(labels)+len(engines) == 0 {
		return
	}
	fmt.Fprintf(t, `
# A node that is new enough, with something changed.
node(change) := object.union(
	{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "example", "labels": %s}, "status": {"nodeInfo": %s}},
	change,
)

refused_node(change) := {v.control | some v in bundle.deny with input as node(change)}
`, short(labels), short(info))
	if t.policy.Settings[control.NodeRuntimes].Warn != nil {
		t.WriteString("\nreported_node(change) := {v.control | some v in bundle.warn with input as node(change)}\n")
	}
	if possible {
		t.WriteString(`
test_a_node_that_is_new_enough_is_read_and_allowed if {
	refused_node({}) == set()
	count(bundle.checked) > 0 with input as node({})
}
`)
	}
	t.test(control.RuntimeVersion, runtimes)
	for _, v := range nodeVersions {
		t.test(v.id, old[v.id])
	}
	t.test(control.NodeRuntimes, engines)
}

// refusedNode is the line of a test that a node is refused.
func refusedNode(ctrl string, change tree) string {
	return fmt.Sprintf("%s in refused_node(%s)", quote(ctrl), short(change))
}

func nodeInfo(field, value string) tree {
	return tree{"status": tree{"nodeInfo": tree{field: value}}}
}

// version adds to a node what will do, and gives the line of what will not.
func (t *tests) version(id control.ID, field string, info tree) []string {
	c, ok := control.Lookup(id)
	s := t.policy.Settings[id]
	if !ok || !c.Restricts(s.Value) {
		return nil
	}
	enough, old := versions(s.Text)
	info[field] = enough
	return []string{refusedNode(string(id), nodeInfo(field, old))}
}

// versions gives the newest of the least versions, and one that is too old.
func versions(least string) (enough, old string) {
	all, err := control.ParseMinimum(least)
	if err != nil {
		panic("rego: a resolved policy holds only valid versions: " + least)
	}
	enough, old = all[len(all)-1].String(), "0.0.0"
	if strings.Contains(versionArrays(least), "[0, 0, 0,") {
		old = "unknown" // nothing is older
	}
	return enough, old
}

// runtimes adds to a node an engine and the runtimes below it.
func (t *tests) runtimes(info, labels tree) []string {
	const field = "containerRuntimeVersion"
	ref := func(name string) string { return control.Ref{ID: control.RuntimeVersion, Label: name}.String() }
	var lines []string
	first, upper, lower := "", "", ""
	for _, it := range t.policy.Settings[control.RuntimeVersion].Items {
		enough, old := versions(it.Arg)
		if slices.Contains(control.EngineNames, it.Key) {
			if first == "" {
				first = it.Key // whom the rules name where a node runs another
			}
			if upper == "" || !t.accepts(upper) {
				upper = it.Key
				info[field] = it.Key + "://" + enough
			}
			lines = append(lines, refusedNode(ref(it.Key), nodeInfo(field, it.Key+"://"+old)))
			continue
		}
		if lower == "" {
			lower = it.Key
		}
		label := "example.com/" + it.Key + "-version"
		labels[label] = enough
		lines = append(lines, refusedNode(ref(it.Key), tree{"metadata": tree{"labels": tree{label: old}}}))
	}
	if upper != "" {
		lines = append(lines, refusedNode(ref(first), nodeInfo(field, "example://1.0.0")))
	}
	if lower != "" {
		lines = append(lines, refusedNode(ref(lower), tree{"metadata": tree{"labels": nil}}))
	}
	return lines
}

// engines holds the engine of a node to those that the policy accepts, and says whether a node can comply; it gives the
// lines of one that does not.
func (t *tests) engines(info tree) (lines []string, possible bool) {
	const field = "containerRuntimeVersion"
	c, ok := control.Lookup(control.NodeRuntimes)
	s := t.policy.Settings[control.NodeRuntimes]
	if !ok || !c.Restricts(s.Value) {
		return nil, true
	}
	if info[field] == nil && len(s.Items) > 0 {
		info[field] = s.Items[0].Key + "://1.0.0"
	}
	stated, _ := info[field].(string)
	engine, _, _ := strings.Cut(stated, "://")
	for _, value := range []any{"example://1.0.0", "containerd", nil} {
		lines = append(lines, fmt.Sprintf("%s in %s_node(%s)", quote(string(c.ID)), participle(s), short(tree{"status": tree{"nodeInfo": tree{field: value}}})))
	}
	return lines, s.Value.Has(engine)
}

// accepts reports whether a node may run an engine.
func (t *tests) accepts(engine string) bool {
	c, ok := control.Lookup(control.NodeRuntimes)
	v := t.policy.Settings[control.NodeRuntimes].Value
	return !ok || !c.Restricts(v) || v.Has(engine)
}

// participle is what the tests call what becomes of whatever violates a control of the whole policy.
func participle(s policy.Setting) string {
	if s.Warn != nil {
		return "reported"
	}
	return "refused"
}

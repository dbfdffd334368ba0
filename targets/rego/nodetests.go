package rego

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// nodes writes a node that is new enough, and tests of what is not.
func (t *tests) nodes() {
	info, labels := tree{}, tree{}
	old := map[control.ID][]string{}
	for _, v := range nodeVersions {
		old[v.id] = t.version(v.id, v.field, info)
	}
	runtimes := t.runtimes(info, labels)
	if len(info)+len(labels) == 0 {
		return
	}
	fmt.Fprintf(t, `
# A node that is new enough, with something changed.
node(change) := object.union(
	{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "example", "labels": %s}, "status": {"nodeInfo": %s}},
	change,
)

refused_node(change) := {v.control | some v in bundle.deny with input as node(change)}

test_a_node_that_is_new_enough_is_read_and_allowed if {
	refused_node({}) == set()
	count(bundle.checked) > 0 with input as node({})
}
`, short(labels), short(info))
	t.test(runtimeVersions, runtimes)
	for _, v := range nodeVersions {
		t.test(v.id, old[v.id])
	}
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
	ref := func(name string) string { return control.Ref{ID: runtimeVersions, Label: name}.String() }
	var lines []string
	upper, lower := "", ""
	for _, it := range t.policy.Settings[runtimeVersions].Items {
		enough, old := versions(it.Arg)
		if slices.Contains(engines, it.Key) {
			if upper == "" {
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
		lines = append(lines, refusedNode(ref(upper), nodeInfo(field, "example://1.0.0")))
	}
	if lower != "" {
		lines = append(lines, refusedNode(ref(lower), tree{"metadata": tree{"labels": nil}}))
	}
	return lines
}

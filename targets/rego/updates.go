package rego

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// nodes writes the files of what is asked of nodes: the versions that they must have, and their runtimes.
func (e *emitter) nodes() {
	before := len(e.artifacts)
	for _, v := range nodeVersions {
		e.version(v.id, v.field, v.what)
	}
	e.runtimes()
	e.engines()
	if len(e.artifacts) > before {
		e.add("nodes.rego", "# Nodes are read only where the policy asks something of them.\n"+e.head+
			"\nchecked contains {\"in\": node.path, \"subject\": \"\"} if some node in nodes\n", nil)
	}
}

// version writes the file of a control that is one field of what a node reports.
func (e *emitter) version(id control.ID, field, what string) {
	c, ok := control.Lookup(id)
	s := e.policy.Settings[id]
	if !ok || !c.Restricts(s.Value) {
		return
	}
	origin := comment(fmt.Sprintf("%s: %s = %q", place(s), id, s.Text))
	body := fmt.Sprintf(`%s
# %s
%sdeny contains found(node, %s, ["status", "nodeInfo", %s], sprintf("the %s is %%v; it must be %%s or newer", [value, %s])) if {
	some node in nodes
	value := object.get(node.info, %s, "unknown")
	not %s_reached(%s, value)
}

%s`, e.head, origin, metadata(c), quote(string(id)), quote(field), what, quote(s.Text), quote(field), what, versionArrays(s.Text), versionFunctions(what))
	e.add(string(id)+".rego", body, []target.SourceMapping{{Control: control.Ref{ID: id}, Range: s.Range}})
}

// versionFunctions compare versions. A prerelease comes before its release; what distributions append changes nothing.
func versionFunctions(name string) string {
	return fmt.Sprintf("# Holes are mended branch by branch: a version has to reach the least one of its\n"+
		"# branch, or be of a branch that is newer than all that are listed.\n"+
		"%[1]s_reached(leasts, text) if {\n"+
		"\tversion := %[1]s_version(text)\n"+
		"\tsome least in leasts\n"+
		"\tarray.slice(least, 0, 2) == array.slice(version, 0, 2)\n"+
		"\tleast <= version\n"+
		"}\n\n"+
		"%[1]s_reached(leasts, text) if {\n"+
		"\tversion := %[1]s_version(text)\n"+
		"\tevery least in leasts { array.slice(version, 0, 2) > array.slice(least, 0, 2) }\n"+
		"}\n\n"+
		"# A version as numbers that compare: three parts, then 1 for a release or 0 and\n"+
		"# the number of the prerelease.\n"+
		"%[1]s_version(text) := array.concat(numbers, %[1]s_rank(parts[4])) if {\n"+
		"\t[parts] := regex.find_all_string_submatch_n(`^v?([0-9]+)\\.([0-9]+)(?:\\.([0-9]+))?(.*)$`, text, -1)\n"+
		"\tnumbers := [to_number(concat(\"\", [\"0\", part])) | some part in array.slice(parts, 1, 4)]\n"+
		"}\n\n"+
		"%[1]s_rank(suffix) := [1, 0] if not regex.match(`^-(alpha|beta|rc)`, suffix)\n\n"+
		"%[1]s_rank(suffix) := [0, to_number(concat(\"\", [\"0\", parts[2]])) + stages[parts[1]]] if {\n"+
		"\tstages := {\"alpha\": 0, \"beta\": 1000, \"rc\": 2000}\n"+
		"\t[parts] := regex.find_all_string_submatch_n(`^-(alpha|beta|rc)[.-]?([0-9]*)`, suffix, -1)\n"+
		"}\n", name)
}

var versionForm = regexp.MustCompile(`^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-(alpha|beta|rc)[.-]?([0-9]*))?`)

// versionArrays writes the least versions of all branches.
func versionArrays(text string) string {
	least, err := control.ParseMinimum(text)
	if err != nil {
		panic("rego: a resolved policy holds only valid versions: " + text)
	}
	var arrays []string
	for _, v := range least {
		arrays = append(arrays, versionArray(v.Original()))
	}
	return list(arrays)
}

// versionArray writes a version as the rules compare it.
func versionArray(text string) string {
	m := versionForm.FindStringSubmatch(text)
	if m == nil {
		panic("rego: a resolved policy holds only valid versions: " + text)
	}
	numbers := []string{"0", "0", "0", "1", "0"}
	for i := range 3 {
		if n, err := strconv.Atoi(m[i+1]); err == nil {
			numbers[i] = strconv.Itoa(n)
		}
	}
	if m[4] != "" {
		n, _ := strconv.Atoi(m[5])
		n += map[string]int{"alpha": 0, "beta": 1000, "rc": 2000}[m[4]]
		numbers[3], numbers[4] = "0", strconv.Itoa(n)
	}
	return list(numbers)
}

// runtimes writes the file of container runtimes. Of the engines that the policy names a node must run one, and of the
// runtimes below it must report one, by a label or annotation whose name ends in "/<runtime>-version"; each that it has must
// be new enough.
func (e *emitter) runtimes() {
	c, ok := control.Lookup(control.RuntimeVersion)
	s := e.policy.Settings[control.RuntimeVersion]
	if !ok || len(s.Items) == 0 {
		return
	}
	var origins []target.SourceMapping
	upper, lower := map[string]control.Item{}, map[string]control.Item{}
	for _, it := range s.Items {
		ref := control.Ref{ID: control.RuntimeVersion, Label: it.Key}
		origins = append(origins, target.SourceMapping{Control: ref, Range: it.Range})
		if slices.Contains(control.EngineNames, it.Key) {
			upper[it.Key] = it
		} else {
			lower[it.Key] = it
		}
	}
	var b strings.Builder
	b.WriteString(e.head + "\n" + metadata(c))
	if len(upper) > 0 {
		b.WriteString(engineRules(upper))
	}
	if len(upper) > 0 && len(lower) > 0 {
		b.WriteString("\n")
	}
	if len(lower) > 0 {
		b.WriteString(lowRules(lower))
	}
	b.WriteString("\n" + versionFunctions("runtime"))
	e.add(string(control.RuntimeVersion)+".rego", b.String(), origins)
}

// minimums writes for each runtime the control, the least version as numbers, and as text.
func minimums(table string, items map[string]control.Item) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s := {\n", table)
	for _, name := range sortedKeys(items) {
		it := items[name]
		fmt.Fprintf(&b, "\t# %s\n\t%s: [%s, %s, %s],\n", comment(at(it.Range)), quote(name),
			quote(control.Ref{ID: control.RuntimeVersion, Label: name}.String()), versionArrays(it.Arg), quote(it.Arg))
	}
	b.WriteString("}\n")
	return b.String()
}

func engineRules(items map[string]control.Item) string {
	first := control.Ref{ID: control.RuntimeVersion, Label: sortedKeys(items)[0]}.String()
	return `deny contains found(node, control, ["status", "nodeInfo", "containerRuntimeVersion"], sprintf("the container runtime is %s %s; it must be %s or newer", [name, value, least])) if {
	some node in nodes
	[name, value] := split(node.info.containerRuntimeVersion, "://")
	[control, minimum, least] := engine_minimums[name]
	not runtime_reached(minimum, value)
}

deny contains found(node, ` + quote(first) + `, ["status", "nodeInfo", "containerRuntimeVersion"], "the policy states no least version of the container runtime that runs here") if {
	some node in nodes
	not known_engine(node)
}

known_engine(node) if {
	[name, _] := split(node.info.containerRuntimeVersion, "://")
	engine_minimums[name]
}

` + minimums("engine_minimums", items)
}

func lowRules(items map[string]control.Item) string {
	first := control.Ref{ID: control.RuntimeVersion, Label: sortedKeys(items)[0]}.String()
	return `deny contains found(node, control, ["metadata", kind, key], sprintf("%s is %s; it must be %s or newer", [name, value, least])) if {
	some node in nodes
	some [kind, key, name, value] in reported_runtimes(node)
	[control, minimum, least] := runtime_minimums[name]
	not runtime_reached(minimum, value)
}

deny contains found(node, ` + quote(first) + `, ["metadata", "labels"], "the node reports none of the runtimes that the policy names; a label or annotation whose name ends in /<runtime>-version does, such as /runc-version") if {
	some node in nodes
	count(reported_runtimes(node)) == 0
}

reported_runtimes(node) := {[kind, key, name, value] |
	some kind in ["labels", "annotations"]
	some key, value in object.get(node.stated, ["metadata", kind], {})
	some name, _ in runtime_minimums
	endswith(key, sprintf("/%s-version", [name]))
}

` + minimums("runtime_minimums", items)
}

func sortedKeys(items map[string]control.Item) []string {
	var keys []string
	for key := range items {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

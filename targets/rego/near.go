package rego

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// undeclared refuses pods that no workload describes, or reports them, or says that they are held like all others: to the ceiling.
// Whoever is meant to be a workload and is none is told so in any case, as a warning where nothing is refused: that it is
// meant is a guess.
func (e *emitter) undeclared() string {
	const held = "# Pods that no workload describes are held to the ceilings.\nrefused(_) := false\n"
	c, s := e.undeclaredSetting()
	names := len(e.named()) > 0
	if !c.Restricts(s.Value) && names {
		return held + e.nearMisses() + nearLabels(metadata(c)) + e.misplaced()
	}
	if !c.Restricts(s.Value) {
		return held
	}
	verdict, rest := "deny", "refused(pod) if pod.workload == \"*\"\n"
	if s.Warn != nil {
		verdict, rest = "warn", held
	}
	problem := `"no workload of the policy has these labels"`
	if names {
		problem = `concat("", ["no workload of the policy has these labels", meant_labels(pod)])`
		rest += e.nearMisses() + meantLabels + e.misplaced()
	}
	return fmt.Sprintf(`# %s
%s%s contains found(pod, %s, ["metadata", "labels"], %s) if {
	some pod in all_pods
	pod.workload == "*"
}

%s`, comment(place(s)+": undeclared = \"deny\""), metadata(c), verdict, quote(string(control.Undeclared)), problem, rest)
}

func (e *emitter) undeclaredSetting() (*control.Control, policy.Setting) {
	c, ok := control.Lookup(control.Undeclared)
	if !ok {
		panic("rego: the catalogue has no " + string(control.Undeclared))
	}
	return c, e.policy.Settings[control.Undeclared]
}

func (e *emitter) undeclaredOrigins() []target.SourceMapping {
	c, s := e.undeclaredSetting()
	if !c.Restricts(s.Value) && len(e.named()) == 0 {
		return nil
	}
	return []target.SourceMapping{{Control: control.Ref{ID: control.Undeclared}, Range: s.Range}}
}

// named are the workloads that an object's name and labels can tell. Pods for Windows have to say so besides.
func (e *emitter) named() []*policy.Workload {
	var out []*policy.Workload
	for _, w := range e.policy.Workloads {
		if w.OS != "windows" && len(w.Match) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// nearMisses finds objects that bear the name of a workload and are none of its.
func (e *emitter) nearMisses() string {
	var b strings.Builder
	b.WriteString("\n# The labels of each workload, for objects of its name.\nlabels_of := {\n")
	for _, w := range e.named() {
		fmt.Fprintf(&b, "\t# %s\n\t%s: {\"labels\": %s, \"text\": %s},\n", comment(at(w.Range)), quote(w.Name), labelsObject(w.Match), quote(asYAML(w.Match)))
	}
	b.WriteString("}\n" + meant)
	return b.String()
}

// meantLabels continues what is said of a pod that is refused.
const meantLabels = `
meant_labels(pod) := sprintf("; those of the workload %s, of which it has the name, are %s", [workload, labels_of[workload].text]) if {
	workload := meant(pod)
} else := ""
`

// nearLabels warns of pods that are not refused.
func nearLabels(metadata string) string {
	return fmt.Sprintf(`
%swarn contains found(pod, %s, ["metadata", "labels"], sprintf("it has the name of the workload %%s and not its labels, %%s, so that it is held to the ceilings only", [workload, labels_of[workload].text])) if {
	some pod in all_pods
	workload := meant(pod)
}
`, metadata, quote(string(control.Undeclared)))
}

// meant finds the workload of an object's name, if pods that are nobody's lack labels of it, or have others than the
// object itself. Labels of the object alone prove little: tools put the same ones on all of an application.
const meant = `
meant(pod) := pod.owner.name if {
	pod.workload == "*"
	labels := object.get(pod.stated, ["metadata", "labels"], {})
	every key, value in labels_of[pod.owner.name].labels {
		object.get(labels, key, value) == value
	}
}

meant(pod) := pod.owner.name if {
	pod.workload == "*"
	every key, value in labels_of[pod.owner.name].labels {
		pod.owner.labels[key] == value
	}
}
`

// misplaced tells of objects of a workload's name and labels in a namespace that is a slip of one of the policy's.
func (e *emitter) misplaced() string {
	if len(e.policy.Namespaces) == 0 {
		return ""
	}
	var all []string
	var slips strings.Builder
	for _, n := range e.policy.Namespaces {
		all = append(all, n.Key)
		if s := policy.Slips(n.Key); s != "" {
			fmt.Fprintf(&slips, "\t%s: %s,\n", quote(n.Key), quote(s))
		}
	}
	slices.Sort(all)
	table := "{}"
	if slips.Len() > 0 {
		table = "{\n" + slips.String() + "}"
	}
	return fmt.Sprintf(`
# What becomes of the policy's namespaces by a slip of the pen.
slips_of := %s

meant_namespaces("default") := %s

meant_namespaces(stated) := [name | some name, slips in slips_of; regex.match(slips, stated)] if stated != "default"

warn contains found(named_object(o), %s, ["metadata", "namespace"], sprintf("it has the name and the labels of the workload %%s, and the policy does not hold the namespace %%s: write %%s", [name, namespace, concat(" or ", meant_namespaces(namespace))])) if {
	some o in objects
	namespace := namespace_of(o.object)
	not held(namespace)
	count(meant_namespaces(namespace)) > 0
	some at in places_of(o)
	name := owner_of(o).name
	pod := object.get(o.object, at, {})
	name == workload_of(object.get(pod, ["metadata", "labels"], {}), object.get(pod, ["spec", "os", "name"], ""))
}

named_object(o) := {"name": "", "title": titled(o.object), "path": o.path, "stated": o.object}
`, table, list(quoted(all)), quote(string(control.Undeclared)))
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quote(n)
	}
	return out
}

// labelsObject writes labels as an object of Rego.
func labelsObject(labels map[string]string) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, quote(k)+": "+quote(labels[k]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// asYAML is how labels are written in a manifest. Values may look like numbers.
func asYAML(labels map[string]string) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, k+": "+strconv.Quote(labels[k]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

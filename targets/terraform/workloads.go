package terraform

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// emitWorkloads writes the namespaces of the policy and an index from labels to
// workloads: for each set of label keys, the values joined by a slash, which no
// value holds. Workloads are disjoint, so at most one name is found.
func emitWorkloads(p *policy.Policy) (*target.Artifact, error) {
	var w bytes.Buffer
	w.WriteString("locals {\n")
	if len(p.Namespaces) == 0 {
		w.WriteString("  # The policy names no namespaces: it holds every pod that it is given.\n  namespaces = null\n\n")
	} else {
		w.WriteString("  # A pod of another namespace is not this policy's business.\n  namespaces = " + words(control.Value{Items: p.Namespaces}.Keys()) + "\n\n")
	}
	w.WriteString(platformLocals(p))
	w.WriteString("  # Workloads by their labels: the values of the listed labels, joined by a slash.\n  workloads = [\n")
	for _, g := range groups(p.Workloads) {
		fmt.Fprintf(&w, "    {\n      labels  = %s\n      windows = %t\n      names = {\n", words(g.labels), g.windows)
		for _, workload := range g.workloads {
			fmt.Fprintf(&w, "        # %s\n        %s = %s\n", comment(hcltext.At(workload.Range)), quote(g.values(workload)), quote(workload.Name))
		}
		w.WriteString("      }\n    },\n")
	}
	w.WriteString("  ]\n}\n")
	return file(p, "workloads.tf", w.String()), nil
}

// platformLocals writes what its version of Kubernetes knows, as the target rego does:
// since 1.19 a field, not annotations, chooses the seccomp profile, and since 1.30
// AppArmor's; since 1.25 Pod Security exempts Windows from what is Linux's, and pods
// have user namespaces; since 1.31 mounts can be read-only recursively, and since 1.34 pods have limits.
func platformLocals(p *policy.Policy) string {
	return fmt.Sprintf("  # The platform's Kubernetes: %s.\n  seccomp_field   = %t\n  apparmor_field  = %t\n  user_namespaces = %t\n  windows_exempt  = %t\n  recursive_reads = %t\n  pod_limits      = %t\n\n",
		comment(cmp.Or(platform.Kubernetes.Of(p.Platform), "the newest")), p.Platform.SinceKubernetes(podrule.SinceSeccompField), p.Platform.SinceKubernetes(podrule.SinceAppArmorField), p.Platform.SinceKubernetes(podrule.SinceUserNamespaces), p.Platform.SinceKubernetes(podrule.SinceOS), p.Platform.SinceKubernetes(podrule.SinceRecursiveReadOnly), p.Platform.SinceKubernetes(podrule.SincePodLimits))
}

// group is the workloads that are told by the same labels. A workload for
// Windows is only a pod that says that it is: on Linux it would be held to
// nothing that is of Linux.
type group struct {
	labels    []string // sorted
	windows   bool
	workloads []*policy.Workload
}

func (g group) values(w *policy.Workload) string {
	values := make([]string, len(g.labels))
	for i, k := range g.labels {
		values[i] = w.Match[k]
	}
	return strings.Join(values, "/")
}

func groups(workloads []*policy.Workload) []group {
	var all []group
	index := map[string]int{}
	for _, w := range workloads {
		labels := make([]string, 0, len(w.Match))
		for k := range w.Match {
			labels = append(labels, k)
		}
		slices.Sort(labels)
		windows := w.OS == "windows"
		key := fmt.Sprint(windows, strings.Join(labels, ",")) // no label has a comma
		i, ok := index[key]
		if !ok {
			i = len(all)
			index[key] = i
			all = append(all, group{labels: labels, windows: windows})
		}
		all[i].workloads = append(all[i].workloads, w)
	}
	return all
}

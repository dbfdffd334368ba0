package apparmor

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// parserVersion is the version of apparmor_parser on the nodes, which decides on the rules that
// profiles may have.
var parserVersion = platform.Version("apparmor", "The version of `apparmor_parser` on the nodes, such as `\"4.0\"`. Without it, 3.0.", "3.0")

// runtimeLabels are the labels under which the container runtime runs, besides those that runtimes are known by.
var runtimeLabels = &platform.Fact[[]string]{
	Name: "runtime_labels",
	Doc: "The AppArmor labels under which the container runtime runs, where it is from a snap or rootless, such as `[\"snap.microk8s.daemon-containerd\"]`. " +
		"Containers take signals from them. Those of extended policies add up.",
	Read: func(r platform.Reader) ([]string, bool) {
		var out []string
		texts, _ := r.Texts()
		for _, it := range texts {
			if problem := labelProblem(it.Key); problem != "" {
				r.Error(it.Range, "Not an AppArmor label", "%s A label is what `ps -Z` prints of the runtime's process, without the mode in parentheses.", problem)
				continue
			}
			out = append(out, it.Key)
		}
		return out, len(out) > 0
	},
	Combine: func(above, below []string) []string {
		out := slices.Concat(above, below)
		slices.Sort(out)
		return slices.Compact(out)
	},
}

// labelProblem says why a text is not the label of a process; "" if it is one.
func labelProblem(label string) string {
	name, mode, _ := strings.Cut(label, " (")
	switch {
	case strings.HasSuffix(mode, ")"):
		return "The mode (" + mode + " is no part of a label; write \"" + name + "\"."
	case strings.Contains(label, "//&"):
		return "A label of several profiles is written as several elements, without \"//&\"."
	}
	if _, err := quote(label, false); err != nil {
		return err.Error() + "."
	}
	return ""
}

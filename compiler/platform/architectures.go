package platform

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Architectures are those of the nodes, as Kubernetes names them ("amd64"),
// sorted; none is not stated.
var Architectures = &Fact[[]string]{
	Name: "architectures",
	Doc:  "The architectures of the nodes, such as `[\"amd64\", \"arm64\"]`.",
	Read: func(r Reader) ([]string, bool) {
		var known, out []string
		for _, a := range linux.Architectures() {
			known = append(known, string(a.Arch))
		}
		texts, _ := r.Texts()
		for _, it := range texts {
			if r.OneOf(it, "An architecture", known) {
				out = append(out, it.Key)
			}
		}
		slices.Sort(out)
		return out, len(out) > 0
	},
}

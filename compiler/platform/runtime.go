package platform

import (
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Runtime is the container runtime and its version, "containerd 2.0".
var Runtime = &Fact[string]{
	Name:     "runtime",
	Doc:      "The container runtime and its version, such as `\"containerd 2.0\"`.",
	Usage:    "the `RUNTIME` that uses the artifact, such as \"containerd 2.0\"",
	FromText: asWritten,
	Read: func(r Reader) (string, bool) {
		v, ok := r.Text()
		if !ok {
			return "", false
		}
		name, number, _ := strings.Cut(v.Key, " ")
		if _, err := semver.NewVersion(number); !slices.Contains(control.RuntimeNames, name) || err != nil {
			r.Error(v.Range, "Not a runtime", "runtime is a name and a version such as \"containerd 2.0\"; the names are %s.", strings.Join(control.RuntimeNames, ", "))
		}
		return v.Key, true
	},
}

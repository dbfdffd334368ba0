package platform

import (
	"fmt"
	"maps"
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

// NotRead says why the container runtime does not read what a control is about (control.Control.Runtimes), or why that is
// not known; "" where it does, or where the runtime has no part in it.
func NotRead(facts Facts, c *control.Control) string {
	if c.Runtimes == nil {
		return ""
	}
	var readers []string
	for _, name := range slices.Sorted(maps.Keys(c.Runtimes)) {
		readers = append(readers, fmt.Sprintf("%s since %s", name, c.Runtimes[name]))
	}
	reads := strings.Join(readers, " and ") + " read it."
	stated := Runtime.Of(facts)
	if stated == "" {
		return fmt.Sprintf("platform.runtime is not stated, and not every runtime reads %s: %s", c.ID, reads)
	}
	name, number, _ := strings.Cut(stated, " ")
	if version, err := semver.NewVersion(number); err == nil && c.Runtimes[name] != "" && !version.LessThan(semver.MustParse(c.Runtimes[name])) {
		return ""
	}
	return fmt.Sprintf("%s does not read %s: %s", stated, c.ID, reads)
}

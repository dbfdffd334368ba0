package platform

import (
	"fmt"
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

// blockIOSince are the first versions of the runtimes that read the block I/O class of a container from annotations
// (containerd: pkg/cri/sbserver/blockio_linux.go; CRI-O: internal/config/blockio).
var blockIOSince = map[string]*semver.Version{"containerd": semver.MustParse("1.7.0"), "cri-o": semver.MustParse("1.22.0")}

// IgnoresBlockIO says why the runtime does not read the block I/O class of a container from annotations, or why that is not
// known; "" where it does.
func IgnoresBlockIO(facts Facts) string {
	stated := Runtime.Of(facts)
	if stated == "" {
		return "platform.runtime is not stated, and only containerd and CRI-O read block I/O classes."
	}
	name, number, _ := strings.Cut(stated, " ")
	since, ok := blockIOSince[name]
	if !ok {
		return fmt.Sprintf("%s does not read block I/O classes; containerd and CRI-O do.", name)
	}
	if version, err := semver.NewVersion(number); err != nil || version.LessThan(since) {
		return fmt.Sprintf("%s reads block I/O classes since %s; the platform has %s.", name, since, number)
	}
	return ""
}

package seccomp

import (
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp/filter"
)

// nodeOf is the node that facts describe. An error names a runtime that is not known.
func nodeOf(facts platform.Facts) (filter.Node, error) {
	runtime, err := filter.ParseRuntime(platform.Runtime.Of(facts))
	return filter.Node{
		Runtime: runtime, Capabilities: platform.Capabilities.Of(facts), Kernel: platform.KernelVersion.Of(facts), Libseccomp: platform.Libseccomp.Of(facts),
	}, err
}

package seccomp

import (
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// Facts are those of the platform that profiles, or what a runtime makes of anybody's, depend on.
func Facts() []platform.Definition {
	return []platform.Definition{platform.Architectures, platform.Runtime, platform.Capabilities, platform.KernelVersion, platform.Libseccomp}
}

// nodeOf is the node that facts describe. An error names a runtime that is not known.
func nodeOf(facts platform.Facts) (filter.Node, error) {
	runtime, err := filter.ParseRuntime(platform.Runtime.Of(facts))
	return filter.Node{
		Runtime: runtime, Capabilities: platform.Capabilities.Of(facts), Kernel: platform.KernelVersion.Of(facts), Libseccomp: platform.Libseccomp.Of(facts),
	}, err
}

package profile

import (
	"iter"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Statements gives those of the policy's statements that targets have to enforce:
// all but those on compiled profiles in containers for which no target in force
// compiles a profile. Pods cannot name any other.
func Statements(p *policy.Policy) iter.Seq[policy.Statement] {
	return func(yield func(policy.Statement) bool) {
		for s := range p.Statements() {
			if s.Control != nil && s.Control.NeedsProfile && !profiled(p, s.Container) {
				continue
			}
			if !yield(s) {
				return
			}
		}
	}
}

// profiled reports whether a target in force compiles any profile that the
// container's pod has to name.
func profiled(p *policy.Policy, c *policy.Container) bool {
	return slices.ContainsFunc(control.Profiles(), func(layer *control.Control) bool { return Localhost(p, layer.ID, c) != "" })
}

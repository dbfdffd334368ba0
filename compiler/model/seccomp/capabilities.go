package seccomp

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// unlimitedCapabilities warns of a container whose pod may add any capability, because no policy states capabilities.add: "@runtime-default" then
// allows the calls of all capabilities. The place is the statement that drops all capabilities, which reads as if there were none, or else
// that of "@runtime-default".
func (r *resolution) unlimitedCapabilities(c *policy.Container) []target.Diagnostic {
	allow, drop := c.Enforced(control.SeccompAllow), c.Enforced(control.CapabilitiesDrop)
	if c.Enforced(control.CapabilitiesAdd).Stated() || c.Enforced(control.Privileged).Bool || allow.Has(control.AnyCall) || !allow.Has(control.RuntimeDefaultSet) {
		return nil
	}
	at, has, why := rangeOf(allow, control.RuntimeDefaultSet), linux.RuntimeDefaultCapabilities(), "The runtime looks at what the pod adds"
	if drop.Has("ALL") {
		at, has, why = rangeOf(drop, "ALL"), nil, `drop = ["ALL"] takes away what the runtime gives, not what the pod adds`
	}
	open, _ := runtimeDefault(c.Capabilities(), r.arches)
	closed, _ := runtimeDefault(has, r.arches)
	var more []string
	for name, clauses := range open {
		if r.exists(name) && !covered(clauses, closed[name]) {
			more = append(more, name)
		}
	}
	if len(more) == 0 {
		return nil
	}
	slices.Sort(more)
	return []target.Diagnostic{{
		Lint: "unlimited-capabilities", Summary: "Capabilities are not limited", Warning: true, Location: placeDefault, Range: at,
		Message: fmt.Sprintf("No policy states capabilities.add, so that pods may add any capability, and \"@runtime-default\" allows the calls of all. "+
			"%s. Of %d calls, such as %s, this profile allows more than the runtime's default does. Write capabilities { add = [] }, or list what pods may add.",
			why, len(more), more[0]),
	}}
}

// rangeOf is where an element of a setting is stated.
func rangeOf(s policy.Setting, key string) hcl.Range {
	i := slices.IndexFunc(s.Items, func(it control.Item) bool { return it.Key == key })
	if i < 0 {
		return s.Range
	}
	return cmp.Or(s.Items[i].Range, s.Range)
}

package policy

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Unprofiled says why no seccomp or AppArmor profile acts on the container; "" if
// runtimes load what its pod names.
func (c *Container) Unprofiled() string {
	if c.Workload.OS == "windows" {
		return "Windows loads no such profiles."
	}
	if sandbox := c.Enforced(control.SandboxRuntime).Text; sandbox == control.GVisor || sandbox == control.Kata {
		return "The sandbox " + sandbox + " runs the container on a kernel of its own, to which the profile is not given."
	}
	if c.Enforced(control.Privileged).Bool {
		return "The container may be privileged, and runtimes load no profile for privileged containers."
	}
	return ""
}

// MayNameOthers reports whether pods may go without the profile that is compiled
// for the container: nothing makes them name it, and its control,
// privileges.seccomp or privileges.apparmor, admits others than profiles of the
// node.
func (c *Container) MayNameOthers(profile control.ID) bool {
	return !c.Enforced(control.CompiledProfiles).Bool &&
		slices.ContainsFunc(c.Get(profile).Items, func(it control.Item) bool { return it.Key != control.ProfileLocalhost })
}

// ProfileName is the name, for seccomp and AppArmor alike, of the profile of a
// container. Names of policies, workloads and containers have no dots, so that
// two containers, of one policy or of two, never share one.
func (p *Policy) ProfileName(c *Container) string {
	name := "bulkhead." + p.Name
	if c.Declared() {
		name += "." + c.Workload.Name
	}
	if c.Name != AnyContainer {
		if !c.Declared() {
			name += ".-" // a container of undeclared pods is not a workload
		}
		name += "." + c.Name
	}
	return name
}

// CompiledProfiles says that a target in force compiles a profile of a layer for
// every container that has one.
type CompiledProfiles struct {
	Layer control.ID // of the pods' field: privileges.seccomp or privileges.apparmor
	// Localhost is what a pod writes as localhostProfile, with NAME in the place of the
	// profile's name: "NAME.json".
	Localhost string
}

// ProfileOf gives what a container's pod has to name, as localhostProfile, for the
// profile of a layer, privileges.seccomp or privileges.apparmor, that is compiled
// for it. It is empty where no target compiles one, where none would act, and where
// the layer's control admits no profile of the node. Where several targets compile
// one, it is that of the first.
func (p *Policy) ProfileOf(layer control.ID, c *Container) string {
	if c.Unprofiled() != "" || !c.Get(layer).Has(control.ProfileLocalhost) && !c.Get(layer).Has("*") {
		return ""
	}
	for _, compiled := range p.Profiles {
		if compiled.Layer == layer {
			return strings.Replace(compiled.Localhost, "NAME", p.ProfileName(c), 1)
		}
	}
	return ""
}

package profile

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Unprofiled says why no seccomp or AppArmor profile acts on the container; "" if
// runtimes load what its pod names.
func Unprofiled(c *policy.Container) string {
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

// MayNameOthers reports whether pods may omit the profile that is compiled
// for the container: nothing makes them name it, and its control,
// privileges.seccomp or privileges.apparmor, allows others than profiles of the
// node.
func MayNameOthers(c *policy.Container, layer control.ID) bool {
	return !c.Enforced(control.CompiledProfiles).Bool &&
		slices.ContainsFunc(c.Get(layer).Items, func(it control.Item) bool { return it.Key != control.ProfileLocalhost })
}

// Prefix is what the names of a policy's profiles begin with. A dot follows, or nothing.
func Prefix(p *policy.Policy) string { return "bulkhead." + p.Name }

// Name is the name, for seccomp and AppArmor alike, of the profile of a
// container. Names of policies, workloads and containers have no dots, so that
// two containers, of one policy or of two, never share one.
func Name(p *policy.Policy, c *policy.Container) string {
	name := Prefix(p)
	if c.Declared() {
		name += "." + c.Workload.Name
	}
	if c.Name != policy.AnyContainer {
		if !c.Declared() {
			name += ".-" // a container of undeclared pods is not a workload
		}
		name += "." + c.Name
	}
	return name
}

// Localhost gives what a container's pod has to name, as localhostProfile, for the
// profile of a layer, privileges.seccomp or privileges.apparmor, that is compiled
// for it. It is empty where no target compiles one, where none would act, and where
// the layer's control admits no profile of the node. Where several targets compile
// one, it is that of the first.
func Localhost(p *policy.Policy, layer control.ID, c *policy.Container) string {
	if Unprofiled(c) != "" || !c.Get(layer).Has(control.ProfileLocalhost) && !c.Get(layer).Has("*") {
		return ""
	}
	for _, compiled := range p.Profiles {
		if compiled.Layer == layer {
			return strings.Replace(compiled.Localhost, "NAME", Name(p, c), 1)
		}
	}
	return ""
}

// RefusesForeign reports whether a container that names a profile of the node,
// as the control of a layer allows, has to name the one that is compiled for it. Only
// described containers have to: undeclared pods share one profile, and a preset is
// compiled for nobody. What compiled_profiles demands is not refused twice.
func RefusesForeign(p *policy.Policy, layer *control.Control, c *policy.Container) bool {
	s := c.Get(layer.ID)
	must := c.Enforced(control.CompiledProfiles).Bool && Localhost(p, layer.ID, c) != ""
	return !must && c.Declared() && Unprofiled(c) == "" && layer.Restricts(s.Value) && s.Warn == nil
}

package policy

import "slices"

// Unprofiled says why no seccomp or AppArmor profile acts on the container; "" if
// runtimes load what its pod names.
func (c *Container) Unprofiled() string {
	if c.Workload.OS == "windows" {
		return "Windows loads no such profiles."
	}
	if sandbox := c.Enforced(SandboxRuntime).Text; sandbox == GVisor || sandbox == Kata {
		return "The sandbox " + sandbox + " runs the container on a kernel of its own, to which the profile is not given."
	}
	if c.Enforced(Privileged).Bool {
		return "The container may be privileged, and runtimes load no profile for privileged containers."
	}
	return ""
}

// MayNameOthers reports whether pods may go without the profile that is compiled
// for the container: nothing makes them name it, and its control,
// privileges.seccomp or privileges.apparmor, admits others than profiles of the
// node.
func (c *Container) MayNameOthers(profile ID) bool {
	return !c.Enforced(CompiledProfiles).Bool &&
		slices.ContainsFunc(c.Get(profile).Items, func(it Item) bool { return it.Key != ProfileLocalhost })
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

// The targets that compile profiles, as platform.targets names them. An
// AppArmorProfile of the operator cannot say every profile, so that whoever asks
// for no other is not held to one.
const (
	seccompTarget  = "seccomp"
	apparmorTarget = "apparmor"
	operatorTarget = "security-profiles-operator"
)

// ProfileOf gives what a container's pod has to name, as localhostProfile, for the
// profile of a layer, privileges.seccomp or privileges.apparmor, that is compiled
// for it. It is empty where no target compiles one, where none would act, and where
// the layer's control admits no profile of the node.
//
// The security-profiles-operator writes seccomp profiles into a folder of its own;
// where another target compiles them too, the administrator decides on the folder.
func (p *Policy) ProfileOf(layer ID, c *Container) string {
	if c.Unprofiled() != "" || !c.Get(layer).Has(ProfileLocalhost) && !c.Get(layer).Has("*") {
		return ""
	}
	name := p.ProfileName(c)
	switch {
	case layer == AppArmorProfile && p.Platform.compiles(apparmorTarget):
		return name
	case layer == SeccompProfile && p.Platform.compiles(seccompTarget):
		return name + ".json"
	case layer == SeccompProfile && p.Platform.compiles(operatorTarget):
		return "operator/" + name + ".json"
	}
	return ""
}

// compiles reports whether the platform's targets include one.
func (p Platform) compiles(name string) bool {
	return len(p.Targets) == 0 || slices.ContainsFunc(p.Targets, func(it Item) bool { return it.Key == name })
}

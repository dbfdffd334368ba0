// Package apparmor compiles a policy into AppArmor profiles, one for each container, and judges attempts by profiles.
//
// The profiles are written for apparmor_parser 3.0 and newer. A profile allows what the policy grants; what it leaves
// out the kernel refuses and logs. Explicit denials are for what must stay closed under every name.
package apparmor

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Target is the AppArmor target.
type Target struct{}

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "apparmor", Layer: target.Kernel, Default: true,
		Facts:    []platform.Definition{parserVersion},
		Profiles: []policy.CompiledProfiles{{Layer: control.AppArmorProfile, Localhost: "NAME"}},
	}
}

// controls are those that go into a profile.
var controls = []control.ID{
	control.Privileged, control.ProcMount, control.CapabilitiesDrop, control.CapabilitiesAdd, control.HostPID, control.HostPaths,
	control.FilesystemWrite, control.FilesystemExecute, control.FilesystemDeny, control.NetworkFamilies, control.Violations,
}

// newerControls go into a profile for parsers since 4.0 as well.
var newerControls = []control.ID{control.SeccompAllow, control.SeccompDeny}

// Support says how far a profile holds a statement.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	if s.Control == nil || s.Container == nil {
		return target.Support{Level: target.NotApplicable}
	}
	support := supportOf(p, s.Container, s.Control.ID)
	if support.Level == target.NotApplicable {
		return support
	}
	if why := profile.Unprofiled(s.Container); why != "" {
		return none(why)
	}
	if s.Setting.Warn != nil {
		return none(fmt.Sprintf("The exception %q has violations reported only; a profile would refuse them.", s.Setting.Warn.Name))
	}
	if support.Level == target.Full && profile.MayNameOthers(s.Container, control.AppArmorProfile) {
		support.Reason = "Where the pod names the compiled profile: privileges.apparmor lets it go without."
	}
	return support
}

func none(reason string) target.Support { return target.Support{Level: target.None, Reason: reason} }

func partial(reason string) target.Support {
	return target.Support{Level: target.Partial, Mode: control.Prevents, Reason: reason}
}

// supportOf is the support of a control in a container that can be confined.
func supportOf(p *policy.Policy, c *policy.Container, id control.ID) target.Support {
	full := target.Support{Level: target.Full, Mode: control.Prevents}
	if id == control.FilesystemDeny {
		return denySupport(c.Enforced(control.FilesystemDeny), c.Enforced(control.FilesystemWrite))
	}
	if profile.AppArmorEnforces(id) {
		return full
	}
	switch id {
	case control.ReadOnlyRoot:
		if unrestricted(c.Enforced(control.FilesystemWrite)) {
			return none("A profile sees paths and not mounts: without filesystem.write it cannot tell the root file system from a volume.")
		}
		return partial("A profile sees paths and not mounts: it holds filesystem.write, wherever those paths lie.")
	case control.Privileged:
		return partial("A profile refuses mounts and writes below /sys, but a container that is started privileged may run without it.")
	case control.ProcMount:
		return partial("A profile closes what runtimes mask; how /proc is mounted is for the pod to say.")
	case control.HostPaths:
		return partial("Sockets of the node, and its /proc and /sys, are refused by name; other paths of the node have no name in the container.")
	case control.SeccompAllow, control.SeccompDeny:
		if newer(p) {
			return partial("A profile refuses user namespaces and message queues where no call is granted that makes them; of all other calls it knows nothing.")
		}
	case control.HostPID:
		return partial("A profile keeps processes from tracing and signalling those of other profiles; it does not hide them.")
	case control.Violations:
		return target.Support{Level: target.Partial, Mode: control.Detects,
			Reason: "The kernel's audit log tells of what the profile refuses, without the priority."}
	}
	return target.Support{Level: target.NotApplicable}
}

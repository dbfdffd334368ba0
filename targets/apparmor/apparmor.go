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
		Facts:    []platform.Definition{parserVersion, runtimeLabels},
		Includes: "read included files from `DIR` instead of /etc/apparmor.d",
		Profiles: []policy.CompiledProfiles{{Layer: control.AppArmorProfile, Localhost: "NAME"}},
	}
}

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

// Package securityprofilesoperator compiles a policy into objects of the Security Profiles Operator, which puts profiles on the nodes of
// a Kubernetes cluster, and judges system calls by such objects.
//
// The profiles are those of compiler/model/seccomp, in another form: nothing is decided here but whether that form can say them.
package securityprofilesoperator

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Target is the target of the Security Profiles Operator.
type Target struct{}

var (
	_ target.Judger = Target{}
	_ target.Linter = Target{}
)

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "security-profiles-operator", Layer: target.Kernel, Default: true,
		Facts: seccomp.Facts(),
		// The operator writes profiles into a folder of its own below the kubelet's.
		Profiles: []policy.CompiledProfiles{{Layer: control.SeccompProfile, Localhost: "operator/NAME.json"}},
	}
}

// noAppArmor is why there is no AppArmorProfile. The object of version 1 has no text of a profile, only lists of what is allowed. What the
// operator makes of them includes abstractions/base, which lets more be written, executed and traced than most policies grant; it refuses
// nothing that a policy names, and has no rules of signals, ptrace and most families of sockets, of which every profile has some.
const noAppArmor = "An AppArmorProfile of the operator cannot say the profile: it only lists what is allowed, and what is made of the lists is not what the " +
	"policy grants. Load AppArmor profiles by other means."

// Support is that of seccomp profiles, where an object says the profile exactly, and none for what an AppArmor profile would enforce.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	own := seccomp.Support(p, s)
	switch own.Level {
	case target.NotApplicable:
		if s.Container != nil && s.Control != nil && s.Control.AppArmor && profile.Unprofiled(s.Container) == "" && s.Setting.Warn == nil {
			own = target.Support{Level: target.None, Reason: noAppArmor}
		}
	case target.Partial, target.Full:
		errno := s.Container.Enforced(control.SeccompErrno)
		if number, ok := linux.Errno(errno.Text); ok && number != eperm {
			own = target.Support{Level: target.None, Range: errno.Range,
				Reason: fmt.Sprintf("A SeccompProfile of the operator has no defaultErrnoRet: a refused call would return EPERM, not %s.", errno.Text)}
		}
	}
	return own
}

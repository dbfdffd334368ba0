// Package seccomp is the model of the seccomp profiles of a policy, and the judge of system calls by such profiles. Targets print a profile
// in the form that their runtimes read.
//
// The profiles are plain OCI ones, resolved for the container's capabilities and the platform's architectures, so that Docker, Podman,
// containerd and CRI-O read the same out of them. They state what is allowed; every other call fails.
package seccomp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// controls are those that go into a profile.
var controls = []control.ID{control.SeccompAllow, control.SeccompDeny, control.SeccompRule, control.SeccompErrno, control.NetworkFamilies}

// Support says how far a profile enforces a statement.
func Support(p *policy.Policy, s policy.Statement) target.Support {
	if s.Control == nil || s.Container == nil || !slices.Contains(controls, s.Control.ID) {
		return target.Support{Level: target.NotApplicable}
	}
	c := s.Container
	if why := profile.Unprofiled(c); why != "" {
		return target.Support{Level: target.None, Reason: why}
	}
	if s.Setting.Warn != nil {
		return target.Support{Level: target.None,
			Reason: fmt.Sprintf("The exception %q has violations reported only; a profile would refuse them.", s.Setting.Warn.Name)}
	}
	arches, why := architectures(p)
	if why != "" {
		return target.Support{Level: target.None, Reason: why}
	}
	full := target.Support{Level: target.Full, Mode: control.Prevents}
	if profile.MayNameOthers(c, control.SeccompProfile) {
		full.Reason = "Where the pod names the compiled profile: privileges.seccomp lets it go without."
	}
	if s.Control.ID != control.SeccompRule && !argumentsDiffer(arches) && !allowsIOUring(c.Enforced(control.SeccompAllow)) {
		return full // what else could keep a profile from holding it, resolve finds, and that takes its time
	}
	r := resolutionOf(p, c, arches)
	if problem, ok := r.problems[s.Control.ID]; ok {
		return target.Support{Level: target.None, Reason: problem.reason, Range: problem.at}
	}
	if call, at := r.bypassedByIOUring(s); call != "" {
		return target.Support{Level: target.Partial, Mode: control.Prevents, Range: at.Range,
			Reason: fmt.Sprintf("io_uring is allowed, and does what %s does without a system call that a filter sees; refuse @io_uring.", call)}
	}
	return full
}

// elsewhere reports whether some of the architectures, and not all, have arguments in another place.
func argumentsDiffer(arches []linux.Architecture) bool {
	return len(arches) > 1 && slices.ContainsFunc(arches, func(a linux.Architecture) bool { return a.Arch == linux.S390X })
}

// allowsIOUring reports whether a list of calls holds those of io_uring, which the runtime's default does not.
func allowsIOUring(allow policy.Setting) bool {
	return slices.ContainsFunc(control.ExpandCalls(allow.Items), func(it control.Item) bool {
		return it.Key == control.AnyCall || strings.HasPrefix(it.Key, "io_uring_")
	})
}

// architectures gives those of the platform, or the two that most nodes have where it names none. The second result says why there is no
// profile for them, or is empty.
func architectures(p *policy.Policy) (list []linux.Architecture, why string) {
	names := platform.Architectures.Of(p.Platform)
	if len(names) == 0 {
		names = []string{string(linux.AMD64), string(linux.ARM64)}
	}
	for _, name := range names {
		a, ok := linux.LookupArch(name)
		if !ok || !a.HasTable {
			return nil, fmt.Sprintf("The system calls of %s are not known to Bulkhead.", name)
		}
		list = append(list, a)
		if a.BigEndian() != list[0].BigEndian() {
			return nil, fmt.Sprintf("%s and %s differ in byte order, and libseccomp refuses the two in one profile. Compile a policy for each.", list[0].Arch, a.Arch)
		}
	}
	return list, ""
}

// bypassedByIOUring finds a call that the statement restricts and that io_uring, being allowed, does all the same.
func (r *resolution) bypassedByIOUring(s policy.Statement) (call string, at control.Item) {
	if len(r.clauses["io_uring_setup"]) == 0 || len(r.clauses["io_uring_enter"]) == 0 {
		return "", control.Item{}
	}
	switch s.Control.ID {
	case control.NetworkFamilies:
		return "socket", control.Item{}
	case control.SeccompDeny:
		return ioUringCall(s.Setting.Items)
	case control.SeccompRule:
		for _, it := range s.Setting.Items {
			rule := it.Body.(*control.SyscallRule)
			if call, _ := ioUringCall(rule.Syscalls); call != "" {
				return call, it
			}
		}
	case control.SeccompAllow:
		for _, name := range linux.RingCalls() {
			if len(r.clauses[name]) == 0 && len(r.narrowed[name]) == 0 {
				return name, control.Item{}
			}
		}
	}
	return "", control.Item{}
}

// ioUringCall finds one that io_uring does among the calls and sets that are named.
func ioUringCall(items []control.Item) (string, control.Item) {
	for _, it := range control.ExpandCalls(items) {
		if slices.Contains(linux.RingCalls(), it.Key) {
			return it.Key, it
		}
	}
	return "", control.Item{}
}

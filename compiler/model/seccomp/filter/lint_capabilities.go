package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// newUser is CLONE_NEWUSER of linux/sched.h.
const newUser = 0x10000000

// makesUserNamespaces says whether a process may make a user namespace, in which it has every capability.
func (f *Filter) makesUserNamespaces() bool {
	arch := linux.AMD64
	if arches := f.covered(); len(arches) > 0 {
		arch = arches[0].Arch
	}
	passes := func(name string) bool {
		d := f.Decide(Call{Native: arch, Arch: arch, Name: name, Args: [6]uint64{newUser, newUser}})
		return d.Action.permits() || d.Action == Undecided
	}
	return passes("unshare") || passes("clone") || f.reach("clone3") != unreached
}

// allowedForNothing finds calls that a rule allows and the kernel refuses to the container, for want of a capability.
func (f *Filter) allowedForNothing() []Lint {
	if f.node.Capabilities == nil {
		return nil
	}
	namespaces := f.makesUserNamespaces()
	wanting := map[string]string{} // capabilities by call
	for _, d := range linux.Demands() {
		if !slices.Contains(f.node.Capabilities, d.Capability) && !(d.Own && namespaces) && f.has(d.Call) && f.reach(d.Call) != unreached {
			wanting[d.Call] = d.Capability
		}
	}
	var found []Lint
	for _, r := range f.rules {
		if !r.action.permits() {
			continue
		}
		var names, capabilities []string
		for _, name := range r.names {
			if c, ok := wanting[name]; ok {
				names = append(names, name)
				if !slices.Contains(capabilities, c) {
					capabilities = append(capabilities, c)
				}
			}
		}
		if len(names) == 0 {
			continue
		}
		l := Lint{Summary: "Allowed for nothing", Warning: true,
			Reason: fmt.Sprintf("The kernel refuses %s without %s, which the container does not have.", listed(names), listed(capabilities)),
			Remedy: "Leave the calls out: what is not needed should not be reachable."}
		l.Place, l.Call = r.about(names)
		found = append(found, l)
	}
	return found
}

// capabilityForNothing finds capabilities of whose calls the profile allows none.
func (f *Filter) capabilityForNothing() []Lint {
	var found []Lint
	for _, c := range f.node.Capabilities {
		sole := f.those(linux.SoleCalls(c), func(string) bool { return true })
		if len(sole) == 0 || slices.ContainsFunc(sole, func(name string) bool { return f.reach(name) != unreached }) {
			continue
		}
		found = append(found, Lint{Place: f.ruled(sole[0]), Call: sole[0], Summary: "Capability for nothing", Warning: true,
			Reason: fmt.Sprintf("The container has %s, and the profile refuses every call that it is for: %s.", c, listed(sole)),
			Remedy: "Drop the capability."})
	}
	return found
}

// opened are calls that reach far beyond a container with a capability, beside those that demand it; runtimes' defaults allow them to its
// holders alone.
var opened = map[string]string{
	"BPF":             "bpf",
	"DAC_READ_SEARCH": "open_by_handle_at",
	"PERFMON":         "perf_event_open",
	"SYSLOG":          "syslog",
	"SYS_ADMIN":       "bpf perf_event_open quotactl setns unshare",
	"SYS_PTRACE":      "pidfd_getfd process_vm_writev ptrace",
	"SYS_RAWIO":       "ioperm iopl",
	"SYS_TIME":        "clock_settime clock_settime64",
}

// capabilityOpens tells which calls stand between the container and the node's kernel no longer: neither the kernel refuses them nor the profile.
func (f *Filter) capabilityOpens() []Lint {
	var found []Lint
	for _, c := range f.node.Capabilities {
		names := strings.Fields(opened[c])
		for _, d := range linux.Demands() {
			if d.Capability == c && c != "SYS_CHROOT" {
				names = append(names, d.Call)
			}
		}
		slices.Sort(names)
		names = f.those(names, func(name string) bool { return f.reach(name) != unreached })
		if len(names) == 0 {
			continue
		}
		found = append(found, Lint{Place: f.ruled(names[0]), Call: only(names), Summary: "Capability and call together",
			Reason: fmt.Sprintf("With %s the kernel carries out %s, which the profile lets through.", c, listed(names)),
			Remedy: "Refuse those that the program does not need."})
	}
	return found
}

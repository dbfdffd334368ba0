package filter

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Decide says what the filter does with a call.
func (f *Filter) Decide(c Call) Decision {
	arch, ok := architectures()[c.Arch]
	if !ok {
		return Decision{Reason: fmt.Sprintf("%q is not an architecture", c.Arch)}
	}
	if d, done := f.checkArch(c, arch); done {
		return d
	}
	if d, done := f.stub(c, arch.Arch); done {
		return d
	}
	name, d := f.callName(c, arch)
	if name == "" {
		return d
	}
	rules := f.table(arch.Bits)
	if place := f.unloaded(arch.Arch); place != "" {
		return Decision{Reason: fmt.Sprintf("libseccomp to 2.6.1 makes a filter for %s that passes over all rules: no call that %s has a number for has a rule "+
			"without conditions, and %s names one that it has none for", arch.Arch, arch.Arch, place)}
	}
	if place, ok := rules.conflicts[name]; ok {
		return Decision{Reason: fmt.Sprintf("on %d bits the rules for %s conflict at %s: libseccomp may refuse them, so that no container starts", arch.Bits, name, place)}
	}
	if multiplexed(arch.Arch, name) != nil {
		if place, ok := rules.muxed.conflicts[name]; ok {
			return Decision{Reason: fmt.Sprintf("the rules for calls that %s stands for on %s conflict at %s: libseccomp refuses them, so that no container starts", name, arch.Arch, place)}
		}
		return f.first(rules.muxed.ordered[name], c, arch)
	}
	d = f.first(rules.ordered[name], c, arch)
	if d.Action != Allow && pastFilters(arch.Arch, name) {
		return Decision{Reason: fmt.Sprintf("the profile says %s, and Linux since 6.14 carries out %s whatever a filter says", d, name)}
	}
	return d
}

// pastFilters says whether newer kernels carry a call out without asking filters: those by which they see that a program has come to
// a probe (uprobes on x86-64, seen on 6.18). Made from elsewhere such a call ends in a signal.
func pastFilters(arch linux.Arch, name string) bool {
	return arch == linux.AMD64 && (name == "uretprobe" || name == "uprobe")
}

// architectures are looked up for every call.
var architectures = sync.OnceValue(func() map[linux.Arch]linux.Architecture {
	all := map[linux.Arch]linux.Architecture{}
	for _, a := range linux.Architectures() {
		all[a.Arch] = a
	}
	return all
})

// checkArch decides calls of an architecture that the filter does not cover. A filter covers the kernel's own architecture, listed or
// not, and those listed.
func (f *Filter) checkArch(c Call, arch linux.Architecture) (Decision, bool) {
	native := cmp.Or(c.Native, f.node.Native)
	covered := f.arches[arch.Arch] || arch.Arch == native
	if native == "" && len(f.arches) == 0 {
		if guest(arch.Arch) {
			return Decision{Reason: fmt.Sprintf("the profile lists no architecture, so it covers %s on nodes of that architecture alone", arch.Arch)}, true
		}
		covered = true
	}
	switch {
	case !covered:
		return Decision{Action: KillThread, Place: f.architectures(),
			Reason: fmt.Sprintf("%s is not listed: a call of it ends the thread, whichever it is", arch.Seccomp)}, true
	case !arch.HasTable:
		return Decision{Reason: fmt.Sprintf("the system calls of %s are not known here", arch.Arch)}, true
	}
	return Decision{}, false
}

// architectures is the place that says which architectures are covered.
func (f *Filter) architectures() string { return cmp.Or(f.archPlace, "/architectures") }

// stub is what runc puts before a filter (libcontainer/seccomp/patchbpf, from 1.0.0-rc93 on, for the kernel's own architecture, listed or not, from
// 1.1.15 and 1.2.0 on): a call above the highest number that the profile names returns ENOSYS, unless the default action lets calls pass, so
// that a newer libc can tell a call that nobody thought of from one that is refused. On s390x number 0, which stands for numbers that the
// kernel does not have, returns it too. Rules that repeat the default action, and which runc drops, count; names that libseccomp does not
// know do not. A call may well be older than one with a lower number.
func (f *Filter) stub(c Call, arch linux.Arch) (Decision, bool) {
	if !f.node.Runtime.runc || f.initial == enosys || slices.Contains([]Action{Allow, Log, Trace}, f.initial.action) {
		return Decision{}, false
	}
	number, ok := c.Number, true
	if c.Name != "" {
		number, ok = linux.SyscallNumber(arch, c.Name)
	}
	switch {
	case !ok:
		return Decision{}, false
	case arch == linux.AMD64 && (ofX32(number) || uint32(number) == ^uint32(0)):
		if !f.arches[linux.X32] {
			return Decision{}, false
		}
		arch = linux.X32
	case arch == linux.X32:
		number |= linux.X32Bit
	}
	highest := f.highest[arch]
	if highest == 0 || uint32(number) <= uint32(highest) && !(arch == linux.S390X && number == 0) {
		return Decision{}, false
	}
	if f.newer {
		return Decision{Reason: fmt.Sprintf("runc has calls above the highest number in the profile return ENOSYS, and which that is depends on whether "+
			"the node's libseccomp knows %s", f.unknown[0].Place)}, true
	}
	return Decision{Action: enosys.action, Number: enosys.number, Place: "/defaultAction",
		Reason: fmt.Sprintf("the number %d is above %d, the highest in the profile: the stub that runc puts before the filter", uint32(number), highest)}, true
}

// enosys is what the stub returns: ENOSYS.
var enosys = verdict{Errno, 38}

// ofX32 says whether a number on amd64 is one of x32. The number -1, by which a tracer skips a call, is not.
func ofX32(number int) bool {
	return number&linux.X32Bit != 0 && number > 0 && number <= 0xffffffff && uint32(number) != ^uint32(0)
}

// guest says whether kernels of another architecture run calls of this one.
func guest(arch linux.Arch) bool {
	return slices.ContainsFunc(linux.Architectures(), func(a linux.Architecture) bool { return slices.Contains(a.Sub, arch) })
}

// callName finds the call's name. It is empty when the decision is made already: there is no such call.
func (f *Filter) callName(c Call, arch linux.Architecture) (string, Decision) {
	if c.Name != "" {
		if _, ok := linux.SyscallNumber(arch.Arch, c.Name); ok {
			return c.Name, Decision{}
		}
		if _, ok := linux.LookupSyscall(c.Name); ok {
			return "", Decision{Reason: fmt.Sprintf("%s has no system call %s", arch.Arch, c.Name)}
		}
		return "", Decision{Reason: fmt.Sprintf("%q is not a system call known here", c.Name)}
	}
	number := c.Number
	switch {
	case arch.Arch == linux.AMD64 && ofX32(number):
		if !f.arches[linux.X32] {
			return "", Decision{Action: KillThread, Place: f.architectures(),
				Reason: "the number is of x32, which is not listed: such a call ends the thread, whichever it is"}
		}
		return f.callName(Call{Number: number}, linux.Architecture{Arch: linux.X32})
	case arch.Arch == linux.X32:
		number &^= linux.X32Bit
	}
	if name, ok := linux.SyscallName(arch.Arch, number); ok {
		return name, Decision{}
	}
	if f.newer {
		return "", Decision{Reason: fmt.Sprintf("number %d may be one of the calls that are not known here, such as %s", number, f.unknown[0].Place)}
	}
	return "", f.fallback(fmt.Sprintf("no rule can name the call %d", number))
}

// first applies the first rule that matches. It is Undecided where versions of libseccomp make different filters of the rules, which
// those of simple rules are not.
func (f *Filter) first(set ruleset, c Call, arch linux.Architecture) Decision {
	rules := set.rules
	var found *rule
	for i, r := range rules {
		if set.simple {
			if r.matches(c.Args, arch.Bits) {
				found = r
				break
			}
			continue
		}
		if place, ok := r.miscompiled(rules, c.Args, arch.Bits); ok && found == nil {
			return Decision{Reason: fmt.Sprintf("%s compares an argument in a way that libseccomp before 2.6.1 can get wrong beside %s: "+
				"use SCMP_CMP_EQ, or one condition a rule", r.place, place)}
		}
		switch {
		case !r.matches(c.Args, arch.Bits):
		case found == nil:
			found = rules[i]
		case r.verdict != found.verdict && !ordered(found, r):
			return Decision{Reason: fmt.Sprintf("%s and %s both match and have different actions; which of them holds depends on libseccomp's version "+
				"and on the order in which rules were added", found.place, r.place)}
		}
	}
	if found != nil {
		return Decision{Action: found.action, Number: found.number, Place: found.place, Reason: reason(found)}
	}
	if len(rules) == 0 {
		return f.fallback("no rule names the call")
	}
	d := f.fallback("no rule for the call has conditions that its arguments meet")
	d.Failed = failed(rules, c.Args, arch.Bits)
	return d
}

// failed lists the arguments on which every rule fails.
func failed(rules []*rule, args [6]uint64, bits int) []int {
	var list []int
	for index := range args {
		passes := func(r *rule) bool {
			return !slices.ContainsFunc(r.conds, func(c condition) bool { return c.index == index && !c.holds(args, bits) })
		}
		if !slices.ContainsFunc(rules, passes) {
			list = append(list, index)
		}
	}
	return list
}

func reason(r *rule) string {
	if len(r.conds) == 0 {
		return "a rule for the call, whatever its arguments"
	}
	return "a rule for the call with these arguments"
}

func (f *Filter) fallback(why string) Decision {
	return Decision{Action: f.initial.action, Number: f.initial.number, Place: "/defaultAction", Reason: why + ": the default action"}
}

// mux are the calls that one call of old architectures stands for, by the number in its first argument.
type mux map[uint64]string

// The numbers are of linux/net.h and linux/ipc.h.
var (
	socketcall = mux{
		1: "socket", 2: "bind", 3: "connect", 4: "listen", 5: "accept", 6: "getsockname", 7: "getpeername", 8: "socketpair", 9: "send",
		10: "recv", 11: "sendto", 12: "recvfrom", 13: "shutdown", 14: "setsockopt", 15: "getsockopt", 16: "sendmsg", 17: "recvmsg",
		18: "accept4", 19: "recvmmsg", 20: "sendmmsg",
	}
	ipc = mux{
		1: "semop", 2: "semget", 3: "semctl", 4: "semtimedop", 11: "msgsnd", 12: "msgrcv", 13: "msgget", 14: "msgctl", 21: "shmat",
		22: "shmdt", 23: "shmget", 24: "shmctl",
	}
)

// multiplexers are the calls that stand for others.
var multiplexers = map[string]mux{"socketcall": socketcall, "ipc": ipc}

// multiplexed says what a call stands for on an architecture where libseccomp knows it to.
func multiplexed(arch linux.Arch, name string) mux {
	switch arch {
	case linux.I386, linux.S390X, linux.PPC64LE:
		return multiplexers[name]
	}
	return nil
}

// unloaded gives the place of a rule for which libseccomp's filter for an architecture decides nothing, or "". The filter loads the call's
// number before the call of highest priority: one with the fewest conditions. Where the architecture has no number for that call, libseccomp
// leaves the call out, and the load with it (_gen_bpf_syscalls of src/gen_bpf.c, 2.5.4 to 2.6.1). On x86-64 the number is
// loaded before, to tell x32's calls, where x32 is not listed.
func (f *Filter) unloaded(arch linux.Arch) string {
	arches := []linux.Arch{arch}
	if arch == linux.AMD64 || arch == linux.X32 {
		if !f.arches[linux.X32] {
			return ""
		}
		arches = []linux.Arch{linux.AMD64, linux.X32} // one list of calls, amd64's first
	}
	table := f.table(architectures()[arches[0]].Bits)
	hasNumber := func(name string) bool {
		return slices.ContainsFunc(arches, func(a linux.Arch) bool { _, ok := linux.SyscallNumber(a, name); return ok })
	}
	place := ""
	for name, rules := range f.wide.calls {
		switch {
		case hasNumber(name):
			if len(table.calls[name][0].conds) == 0 {
				return ""
			}
		case multiplexed(arch, "socketcall") != nil && !inner()[name]: // such an architecture leaves out names at once
		case place == "" || f.index[rules[0].place] < f.index[place]:
			place = rules[0].place
		}
	}
	return place
}

// table is the rules as compared on so many bits.
func (f *Filter) table(bits int) *table {
	if bits == 32 {
		return &f.narrow
	}
	return &f.wide
}

// behind says whether libseccomp knows a call on an architecture by the call that stands for it, and not by a number of its own.
func behind(arch linux.Arch, name string) bool {
	return multiplexed(arch, "socketcall") != nil && inner()[name]
}

// inner are the calls that others stand for.
var inner = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, mux := range multiplexers {
		for _, name := range mux {
			names[name] = true
		}
	}
	return names
})

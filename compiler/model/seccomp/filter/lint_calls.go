package filter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// clone3 finds that it does what clone is refused.
func (f *Filter) clone3() []Lint {
	if f.reach("clone") != narrowed || f.reach("clone3") == unreached {
		return nil
	}
	return []Lint{{Place: f.ruled("clone3"), Call: "clone3", Summary: "clone3 beside a narrowed clone", Warning: true,
		Reason: "clone is allowed with some flags alone, and clone3 takes the same flags in memory, where no filter sees them.",
		Remedy: "Let clone3 return ENOSYS (errnoRet 38), so that the C library falls back to clone."}}
}

// ring finds that io_uring does what is refused.
func (f *Filter) ring() []Lint {
	if f.reach("io_uring_setup") == unreached || f.reach("io_uring_enter") == unreached {
		return nil
	}
	names := f.those(linux.RingCalls(), func(name string) bool { return f.reach(name) != open })
	if len(names) == 0 {
		return nil
	}
	return []Lint{{Place: f.ruled("io_uring_setup"), Call: "io_uring_setup", Summary: "io_uring beside refused calls", Warning: true,
		Reason: fmt.Sprintf("io_uring does what %s would do without a system call that a filter sees.", listed(names)),
		Remedy: "Refuse io_uring_setup, io_uring_enter and io_uring_register, as the runtimes' defaults do."}}
}

// multiplexedCall finds that socketcall or ipc of a covered architecture does what a call is refused.
func (f *Filter) multiplexedCall() []Lint {
	var found []Lint
	for _, arch := range f.covered() {
		for _, outer := range []string{"ipc", "socketcall"} {
			mux := multiplexed(arch.Arch, outer)
			var names []string
			for _, number := range slices.Sorted(maps.Keys(mux)) {
				d := f.Decide(Call{Native: arch.Arch, Arch: arch.Arch, Name: outer, Args: [6]uint64{number}})
				if f.reach(mux[number]) == narrowed && d.Action.permits() {
					names = append(names, mux[number])
				}
			}
			if len(names) == 0 {
				continue
			}
			found = append(found, Lint{Place: f.ruled(names[0]), Call: outer, Summary: outer + " beside narrowed calls", Warning: true,
				Reason: fmt.Sprintf("On %s %s does what %s would do, with the arguments in memory, where no filter sees them; libseccomp allows it along with them.",
					arch.Arch, outer, listed(names)),
				Remedy: fmt.Sprintf("Leave %s out, or let %s return ENOSYS (errnoRet 38) by a rule of its own; in a policy: seccomp { deny = [%q] }.", arch.Seccomp, outer, outer)})
		}
	}
	return found
}

// defaultAllow tells that what no rule names gets through.
func (f *Filter) defaultAllow() []Lint {
	if !f.initial.action.permits() {
		return nil
	}
	l := Lint{Place: "/defaultAction", Summary: "Allows what it does not name",
		Reason: "What no rule names is carried out, whatever newer kernels bring."}
	if len(f.rules) == 0 {
		l.Reason = "The profile refuses nothing."
	}
	if f.initial.action == Log {
		l.Reason += " It is logged, not refused."
	}
	return []Lint{l}
}

// uncovered tells which programs a node of a covered architecture could run and the filter ends.
func (f *Filter) uncovered() []Lint {
	if len(f.arches) == 0 {
		return []Lint{{Place: "/defaultAction", Summary: "The node's architecture alone",
			Reason: "The profile lists no architectures: calls of any but the node's own end the thread with SIGSYS."}}
	}
	var missing []string
	for _, a := range f.covered() {
		for _, sub := range a.Sub {
			if s, _ := linux.LookupArch(string(sub)); !f.arches[sub] {
				missing = append(missing, s.Seccomp)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return []Lint{{Place: f.architectures(), Summary: "32-bit programs end",
		Reason: fmt.Sprintf("%s: not listed, so that programs of it end with SIGSYS at their first call.", strings.Join(missing, ", "))}}
}

// bitmap tells how many of the allowed calls a kernel from 5.11 on answers without running the filter (seccomp_cache_allow): those that
// are allowed whatever their arguments.
func (f *Filter) bitmap() []Lint {
	arch := linux.AMD64
	if arches := f.covered(); len(arches) > 0 && !f.arches[arch] && f.node.Native != arch {
		arch = arches[0].Arch
	}
	allowed, free := 0, 0
	for _, call := range linux.Syscalls() {
		if _, ok := linux.SyscallNumber(arch, call.Name); !ok {
			continue
		}
		switch reached := f.reach(call.Name); {
		case reached == open && !f.logs(call.Name):
			free++
			allowed++
		case reached != unreached:
			allowed++
		}
	}
	if allowed == 0 {
		return nil
	}
	return []Lint{{Summary: "Calls without argument checks",
		Reason: fmt.Sprintf("%d of the %d calls of %s that are allowed are so whatever their arguments: Linux 5.11 and later answer those from a bitmap, without running the filter.",
			free, allowed, arch)}}
}

// logs says whether a call that is open is logged, so that the kernel runs the filter for it.
func (f *Filter) logs(name string) bool {
	for _, r := range f.wide.calls[name] {
		if len(r.conds) == 0 {
			return r.action == Log
		}
	}
	return f.initial.action == Log || len(f.wide.calls[name]) > 0
}

// The limits that KEP-6061 (security profiles as OCI artifacts, alpha) proposes.
const (
	limitBytes   = 1 << 20
	limitEntries = 128
)

// distributionLimit tells that a profile could not be distributed as an OCI artifact.
func (f *Filter) distributionLimit() []Lint {
	l := Lint{Summary: "Too large to be distributed", Remedy: "Distribute it another way, or join rules."}
	var found []Lint
	if len(f.data) > limitBytes {
		l.Reason = fmt.Sprintf("The profile has %d bytes; KEP-6061, which proposes profiles as OCI artifacts for Kubernetes, takes 1 MiB.", len(f.data))
		found = append(found, l)
	}
	entries := map[string]int{}
	for _, r := range f.rules {
		for i, name := range r.names {
			if entries[name]++; entries[name] == limitEntries+1 {
				l.Place, l.Call = r.namePlaces[i], name
				l.Reason = fmt.Sprintf("More than %d rules name %s; KEP-6061, which proposes profiles as OCI artifacts for Kubernetes, takes no more.", limitEntries, name)
				found = append(found, l)
			}
		}
	}
	return found
}

package filter

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// noEffect finds rules whose removal changes no decision. swallowedDeny tells of those that were to refuse something.
func (f *Filter) noEffect() []Lint {
	return f.idle(func(r written, by *written, why string, names []string) (Lint, bool) {
		l := Lint{Summary: "Rule without effect", Reason: fmt.Sprintf("%s: the rule decides nothing about %s.", why, listed(names)), Remedy: "Remove it."}
		if by != nil && by.verdict != r.verdict {
			l.Warning, l.Remedy = true, "Remove one of the two."
		}
		return l, by == nil || !swallows(*by, r)
	})
}

// swallowedDeny finds refusals that another rule, which allows the call whatever its arguments, takes the effect from.
func (f *Filter) swallowedDeny() []Lint {
	return f.idle(func(r written, by *written, _ string, names []string) (Lint, bool) {
		return Lint{
			Summary: "Refusal without effect", Warning: true,
			Reason: fmt.Sprintf("%s allows %s whatever the arguments, and libseccomp lets such a rule win, in either order: this refusal does not exist.",
				cmp.Or(placeOf(by), "A rule"), listed(names)),
			Remedy: "Allow the call with the arguments that are meant, and let the default action refuse the rest.",
		}, by != nil && swallows(*by, r)
	})
}

func placeOf(r *written) string {
	if r == nil {
		return ""
	}
	return r.place
}

func swallows(by, r written) bool { return by.action.permits() && !r.action.permits() }

// idle finds, for each rule, the names of which it decides nothing, with the rule that decides instead; nil is the default action. What
// make makes of them and holds true are the lints.
func (f *Filter) idle(make func(r written, by *written, why string, names []string) (Lint, bool)) []Lint {
	winners := f.winners()
	var found []Lint
	for i, r := range f.rules {
		groups := map[int][]string{} // by the rule that decides instead
		var order []int
		for _, name := range r.names {
			by, ok := f.instead(i, name, winners)
			if !ok {
				continue
			}
			if !slices.Contains(order, by) {
				order = append(order, by)
			}
			groups[by] = append(groups[by], name)
		}
		for _, by := range order {
			var l Lint
			var is bool
			if by < 0 {
				l, is = make(r, nil, "It does what the default action does anyway", groups[by])
			} else {
				w := f.rules[by]
				l, is = make(r, &w, fmt.Sprintf("%s decides already, whatever the arguments", w.place), groups[by])
			}
			if is {
				l.Place, l.Call = r.about(groups[by])
				found = append(found, l)
			}
		}
	}
	return found
}

// winners gives, for each call that has one, the rule without conditions that libseccomp keeps: the first whose action is not the default
// one.
func (f *Filter) winners() map[string]int {
	winners := map[string]int{}
	for i, r := range f.rules {
		if r.verdict == f.initial || !f.wide.unconditional(r) {
			continue
		}
		for _, name := range r.names {
			if _, taken := winners[name]; !taken {
				winners[name] = i
			}
		}
	}
	return winners
}

// unconditional says whether a rule is for every call by its names.
func (t *table) unconditional(r written) bool {
	return slices.ContainsFunc(r.sets(), func(conds []condition) bool { return len(t.narrowed(conds)) == 0 })
}

// instead gives what decides about a call in place of the i-th rule: -1 is the default action.
func (f *Filter) instead(i int, name string, winners map[string]int) (int, bool) {
	r := f.rules[i]
	if _, known := linux.LookupSyscall(name); !known || !f.node.knows(name) {
		return 0, false
	}
	if r.verdict == f.initial {
		return -1, !f.stubbed(name)
	}
	by, ok := winners[name]
	if !ok || by == i || by > i && f.narrow.unconditional(r) { // the last: it wins among 32-bit calls
		return 0, false
	}
	return by, true
}

// stubbed says whether runc's stub begins above a call, so that a rule that repeats the default action matters.
func (f *Filter) stubbed(name string) bool {
	return f.node.Runtime.runc && slices.ContainsFunc(f.covered(), func(a linux.Architecture) bool {
		number, ok := linux.SyscallNumber(a.Arch, name)
		if a.Arch == linux.X32 {
			number |= linux.X32Bit
		}
		return ok && number == f.highest[a.Arch]
	})
}

// unknownName finds names that no kernel known here has.
func (f *Filter) unknownName() []Lint {
	var found []Lint
	for _, r := range f.rules {
		var names []string
		for _, name := range r.names {
			if _, ok := linux.LookupSyscall(name); !ok {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		l := Lint{Summary: "Unknown system call", Warning: true,
			Reason: fmt.Sprintf("No architecture known here has %s, and runtimes pass over names that their libseccomp does not know.", listed(names)),
			Remedy: "Mind the spelling, or remove the name."}
		l.Place, _ = r.about(names)
		found = append(found, l)
	}
	return found
}

// oldestLibseccomp is that of the oldest supported Debian, 12.
const oldestLibseccomp = "2.5.4"

// lateName finds refusals by name, beside a default that allows, of calls that an older libseccomp does not know.
func (f *Filter) lateName() []Lint {
	if !f.initial.action.permits() {
		return nil
	}
	release := cmp.Or(f.node.Libseccomp, oldestLibseccomp)
	var found []Lint
	for _, r := range f.rules {
		if r.action.permits() {
			continue
		}
		var names []string
		for _, name := range r.names {
			if _, known := linux.LookupSyscall(name); known && !linux.LibseccompKnows(release, name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		l := Lint{Summary: "Refusal by a late name", Warning: true,
			Reason: fmt.Sprintf("libseccomp %s does not know %s: a runtime with it passes over the name, and the default action lets the call through.", release, listed(names)),
			Remedy: "Refuse by default and list what is allowed."}
		l.Place, l.Call = r.about(names)
		found = append(found, l)
	}
	return found
}

// longArguments are those that the kernel reads as more than 32 bits, beside pointers: sizes, offsets, addresses and longs, of the
// manual's section 2. Of every other argument that a filter compares it reads the lower 32 bits.
var longArguments = map[string]string{
	"arch_prctl": "1", "brk": "0", "copy_file_range": "4", "fadvise64": "12", "fallocate": "23", "fcntl": "2", "ftruncate": "1", "futex": "3", "getrandom": "1",
	"getxattr": "3", "ioctl": "2", "keyctl": "1234", "lseek": "1", "madvise": "01", "mbind": "014", "mincore": "01", "mlock": "01", "mlock2": "01", "mmap": "015",
	"move_pages": "1", "mprotect": "01", "mremap": "01234", "mseal": "01", "msgsnd": "2", "msync": "01", "munmap": "01", "pkey_mprotect": "01",
	"prctl": "1234", "pread64": "23", "preadv": "234", "process_vm_readv": "245", "process_vm_writev": "245", "ptrace": "0123", "pwrite64": "23", "pwritev": "234",
	"read": "2", "readahead": "12", "readv": "2", "recvfrom": "2", "remap_file_pages": "0123", "sched_setaffinity": "1", "semctl": "3", "sendfile": "3", "sendto": "2",
	"setxattr": "3", "shmget": "1", "splice": "4", "sync_file_range": "12", "tee": "2", "truncate": "1", "userfaultfd": "", "vmsplice": "2", "write": "2", "writev": "2",
}

func long(call string, index int) bool {
	return slices.Contains([]byte(longArguments[call]), byte('0'+index)) || pointer(call, index)
}

func pointer(call string, index int) bool { return linux.PointerArguments(linux.AMD64, call)[index] }

// evadable says whether a comparison on 64 bits, of an argument of which the kernel reads the lower 32, lets calls through that it was to
// keep out: the upper half is the caller's to choose.
func (c condition) evadable(permits bool) bool {
	switch c.op {
	case notEqual, greater, greaterOrEqual:
		return permits
	case equal, less, lessOrEqual:
		return !permits
	}
	return !permits && c.mask>>32 != 0
}

// unsafeComparison finds comparisons that the upper half of an argument gets past (the class of CVE-2019-7303 and CVE-2019-10063).
func (f *Filter) unsafeComparison() []Lint {
	arches := f.covered()
	if len(arches) > 0 && !slices.ContainsFunc(arches, func(a linux.Architecture) bool { return a.Bits == 64 }) {
		return nil
	}
	return f.compared(func(r written, c condition, call string) bool {
		permits := r.action.permits()
		return permits != f.initial.action.permits() && c.evadable(permits) && !long(call, c.index)
	}, Lint{Summary: "Unsafe comparison", Warning: true,
		Reason: "The kernel reads 32 bits of argument %d of %s, and this compares 64: other upper halves get past it.",
		Remedy: "List the values that are allowed with SCMP_CMP_EQ, or compare with SCMP_CMP_MASKED_EQ on the lower 32 bits."})
}

// pointerComparison finds conditions on addresses.
func (f *Filter) pointerComparison() []Lint {
	return f.compared(func(_ written, c condition, call string) bool {
		return pointer(call, c.index) && c.value != 0
	}, Lint{Summary: "Comparison of an address", Warning: true,
		Reason: "Argument %d of %s is a pointer: a filter sees the address, which the caller chooses, and not what lies there.",
		Remedy: "Refuse or allow the call as a whole."})
}

// compared gives a lint for each condition that a test is true of, with the argument and the calls written into its reason.
func (f *Filter) compared(test func(written, condition, string) bool, l Lint) []Lint {
	var found []Lint
	for _, r := range f.rules {
		for i, c := range r.conds {
			var names []string
			for _, name := range r.names {
				if test(r, c, name) {
					names = append(names, name)
				}
			}
			if len(names) > 0 {
				one := l
				one.Place, one.Call = fmt.Sprintf("%s/args/%d", r.place, i), only(names)
				one.Reason = fmt.Sprintf(l.Reason, c.index, listed(names))
				found = append(found, one)
			}
		}
	}
	return found
}

// killThread finds the action that leaves a process behind without one of its threads.
func (f *Filter) killThread() []Lint {
	l := Lint{Summary: "Thread killed, process kept", Warning: true,
		Reason: "The action kills the thread that made the call, and the process goes on without it, often with a lock that nobody releases.",
		Remedy: "Write SCMP_ACT_KILL_PROCESS, or SCMP_ACT_ERRNO."}
	return f.acting(KillThread, l)
}

// notify finds calls that another process decides.
func (f *Filter) notify() []Lint {
	return f.acting(Notify, Lint{Summary: "A supervisor decides",
		Reason: "Calls wait for the process at listenerPath. It needs Linux 5.7 and libseccomp 2.5, and what it reads of the caller's memory may be another thing " +
			"when the kernel reads it: it can carry a call out itself, or refuse it, but not safely let it continue on what a pointer held."})
}

// acting gives a lint for every place with an action.
func (f *Filter) acting(a Action, l Lint) []Lint {
	var found []Lint
	if f.initial.action == a {
		l.Place = "/defaultAction"
		found = append(found, l)
	}
	for _, r := range f.rules {
		if r.action == a {
			l.Place = r.place + "/action"
			found = append(found, l)
		}
	}
	return found
}

// passedOver tells what the runtime does not read, each thing once.
func (f *Filter) passedOver() []Lint {
	var order []string
	places := map[string][]string{}
	for _, n := range f.ignored {
		if places[n.Why] == nil {
			order = append(order, n.Why)
		}
		places[n.Why] = append(places[n.Why], n.Place)
	}
	var found []Lint
	for _, why := range order {
		l := Lint{Place: places[why][0], Summary: "Passed over in silence", Warning: true, Reason: why + ".",
			Remedy: "Resolve the profile into a plain one for this runtime."}
		if more := len(places[why]) - 1; more > 0 {
			l.Reason += fmt.Sprintf(" So it is at %d other places.", more)
		}
		found = append(found, l)
	}
	return found
}

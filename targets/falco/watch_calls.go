package falco

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

func escapeExpression(text string) string { return regexp.QuoteMeta(text) }

// newNamespace says that clone, clone3 or unshare asks for a new namespace. The
// names are those of clone(2); CLONE_NEWTIME works with unshare and clone3 only.
var newNamespace = flagged("evt.arg.flags", "CLONE_NEWCGROUP", "CLONE_NEWIPC", "CLONE_NEWNET", "CLONE_NEWNS",
	"CLONE_NEWPID", "CLONE_NEWTIME", "CLONE_NEWUSER", "CLONE_NEWUTS")

// flagged says that a field of flags, shown as names with bars between, holds one
// of the names.
func flagged(field string, names ...string) string {
	conditions := make([]string, len(names))
	for i, n := range names {
		conditions[i] = field + " contains " + n
	}
	return anyOf(conditions)
}

// rawSocket says that a socket takes CAP_NET_RAW: one of AF_PACKET, or of type SOCK_RAW but for those of AF_NETLINK and AF_UNIX,
// which anybody may open. The type is with or without SOCK_NONBLOCK
// (0x800) and SOCK_CLOEXEC (0x80000), which socket(2) takes in the same number.
var rawSocket = func() string {
	var types []string
	for _, flags := range []int{0, 0x800, 0x80000, 0x80800} {
		types = append(types, strconv.Itoa(3|flags))
	}
	return "evt.arg.domain contains AF_PACKET or (evt.arg.type in " + words(types) +
		" and not evt.arg.domain in (1, 16) and not evt.arg.domain contains AF_NETLINK and not evt.arg.domain contains AF_UNIX)"
}()

// capabilityUses are the calls that need a capability and hardly ever fail for
// want of another reason (capabilities(7)). Capabilities that are not here are
// used by calls that every program makes.
var capabilityUses = map[string][]clause{
	"BPF":             {{[]string{"bpf"}, ""}},
	"DAC_READ_SEARCH": {{[]string{"open_by_handle_at"}, ""}},
	"MKNOD":           {{[]string{"mknod", "mknodat"}, "not evt.arg.dev = 0"}},
	"NET_RAW":         {{[]string{"socket"}, "(" + rawSocket + ")"}},
	"PERFMON":         {{[]string{"perf_event_open"}, ""}},
	"SYS_ADMIN": {
		{[]string{"fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr",
			"move_mount", "open_tree", "pivot_root", "quotactl", "quotactl_fd", "setdomainname", "sethostname", "setns",
			"swapoff", "swapon", "umount", "umount2"}, ""},
		{[]string{"clone", "clone3", "unshare"}, newNamespace},
		{openTypes, "evt.is_open_write = true and (fd.name endswith \"/release_agent\" or fd.name endswith \"/devices.allow\")"},
	},
	"SYS_BOOT":       {{[]string{"kexec_file_load", "kexec_load", "reboot"}, ""}},
	"SYS_CHROOT":     {{[]string{"chroot"}, ""}},
	"SYS_MODULE":     {{[]string{"delete_module", "finit_module", "init_module"}, ""}},
	"SYS_PACCT":      {{[]string{"acct"}, ""}},
	"SYS_PTRACE":     {{[]string{"kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"}, ""}},
	"SYS_RAWIO":      {{[]string{"ioperm", "iopl"}, ""}},
	"SYS_TIME":       {{[]string{"clock_settime", "settimeofday", "stime"}, ""}},
	"SYS_TTY_CONFIG": {{[]string{"vhangup"}, ""}},
	"SYSLOG":         {{[]string{"syslog"}, ""}},
}

const capabilityGap = "capabilities that ordinary calls use, such as CHOWN and NET_ADMIN, show in no event"

// watchDroppedCapabilities watches uses of what the runtime gives by default and
// the container has not: what capabilities.drop took away.
func watchDroppedCapabilities(_ *policy.Policy, c *policy.Container, _ *control.Control) watch {
	return watchCapabilities(c, true)
}

// watchOtherCapabilities watches uses of what the runtime does not give and
// capabilities.add does not either.
func watchOtherCapabilities(_ *policy.Policy, c *policy.Container, _ *control.Control) watch {
	return watchCapabilities(c, false)
}

func watchCapabilities(c *policy.Container, byDefault bool) watch {
	has, usual := c.ReportedCapabilities(), linux.RuntimeDefaultCapabilities()
	var w watch
	for _, capability := range linux.Capabilities() {
		name := capability.Name
		if slices.Contains(has, name) || slices.Contains(usual, name) != byDefault {
			continue
		}
		w.clauses = append(w.clauses, capabilityUses[name]...)
	}
	w.clauses = merged(w.clauses)
	w.gap = capabilityGap
	return w
}

// merged puts clauses with the same condition into one.
func merged(clauses []clause) []clause {
	var out []clause
	for _, c := range clauses {
		i := slices.IndexFunc(out, func(o clause) bool { return o.when == c.when })
		if i < 0 {
			out = append(out, clause{slices.Clone(c.types), c.when})
			continue
		}
		out[i].types = append(out[i].types, c.types...)
	}
	for i := range out {
		slices.Sort(out[i].types)
		out[i].types = slices.Compact(out[i].types)
	}
	return out
}

// callEvents are the system calls of which Falco has events, sorted.
var callEvents = sync.OnceValue(func() []string {
	return slices.DeleteFunc(rules.EventTypes(), func(name string) bool {
		_, isCall := linux.LookupSyscall(name)
		return !isCall
	})
})

func hasEvent(call string) bool {
	_, known := slices.BinarySearch(callEvents(), call)
	return known
}

// watchCallsNotAllowed watches the calls that seccomp.allow leaves out.
func watchCallsNotAllowed(p *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	has, allowed := c.ReportedCapabilities(), c.Get(ctrl.ID).Keys()
	key := notAllowedKey{strings.Join(has, " "), strings.Join(allowed, " ")}
	return policy.Derived(p, key, func() watch { return newCallsNotAllowed(allowances(p, has, c.Get(ctrl.ID).Items), p) })
}

// notAllowedKey is what the watch of two containers may differ by.
type notAllowedKey struct{ capabilities, allowed string }

func newCallsNotAllowed(decide func(call string) allowance, p *policy.Policy) watch {
	var w watch
	var refused, unseen []string
	for _, call := range linux.Syscalls() {
		switch allowance := decide(call.Name); {
		case allowance == callConditional:
			w.clauses = append(w.clauses, conditionalCalls[call.Name]...)
		case allowance == callAllowed || !hasEvent(call.Name) && !onPlatform(p, call.Name):
		case !hasEvent(call.Name):
			unseen = append(unseen, call.Name)
		case call.Name == "clone3": // libc tries it before clone, and a filter answers ENOSYS
			w.clauses = append(w.clauses, clause{[]string{"clone3"}, newNamespace})
		default:
			refused = append(refused, call.Name)
		}
	}
	if len(refused) > 0 {
		w.clauses = append(w.clauses, clause{refused, ""})
	}
	w.clauses = merged(w.clauses)
	if len(unseen) > 0 {
		w.gap = "Falco has no event for " + shortList(unseen)
	}
	return w
}

// conditionalCalls say when a call goes against the conditions under which the
// runtime's default profile allows it. AF_VSOCK has no name in Falco, which then
// shows the number, 40.
var conditionalCalls = map[string][]clause{
	"clone":  {{[]string{"clone"}, newNamespace}},
	"socket": {{[]string{"socket"}, "evt.arg.domain in (AF_ALG, 38, 40)"}},
}

type allowance int

const (
	callRefused allowance = iota
	callConditional
	callAllowed
)

// defaultGroups are the groups of the runtime's default profile that allow a call.
var defaultGroups = sync.OnceValue(func() map[string][]*seccomp.Syscall {
	groups := map[string][]*seccomp.Syscall{}
	for _, group := range control.RuntimeDefault().Syscalls {
		if group.Action != specs.ActAllow {
			continue
		}
		for _, name := range group.Names {
			groups[name] = append(groups[name], group)
		}
	}
	return groups
})

// allowances decides calls by seccomp.allow, named sets expanded.
func allowances(p *policy.Policy, has []string, allowed []control.Item) func(call string) allowance {
	named := map[string]bool{}
	for _, it := range control.ExpandCalls(allowed) {
		named[it.Key] = true
	}
	return func(call string) allowance {
		switch {
		case named[call] || named[control.AnyCall]:
			return callAllowed
		case named[control.RuntimeDefaultSet]:
			return byDefault(p, has, call)
		}
		return callRefused
	}
}

// byDefault decides a call by the runtime's default profile, resolved for the
// container's capabilities and the platform's architectures.
func byDefault(p *policy.Policy, has []string, call string) allowance {
	best := callRefused
	for _, group := range defaultGroups()[call] {
		if i := group.Includes; i != nil && (!hasAll(has, i.Caps) || len(i.Arches) > 0 && !overlap(i.Arches, platform.Architectures.Of(p.Platform))) {
			continue
		}
		if e := group.Excludes; e != nil && hasAny(has, e.Caps) {
			continue
		}
		if len(group.Args) == 0 {
			return callAllowed
		}
		best = callConditional
	}
	return best
}

func hasAll(has, caps []string) bool {
	return !slices.ContainsFunc(caps, func(c string) bool { return !slices.Contains(has, strings.TrimPrefix(c, "CAP_")) })
}

func hasAny(has, caps []string) bool {
	return slices.ContainsFunc(caps, func(c string) bool { return slices.Contains(has, strings.TrimPrefix(c, "CAP_")) })
}

// overlap reports whether one of the profile's architectures is the platform's;
// where the platform names none, amd64 stands for it.
func overlap(arches, platform []string) bool {
	if len(platform) == 0 {
		platform = []string{"amd64"}
	}
	return slices.ContainsFunc(arches, func(a string) bool { return slices.Contains(platform, a) })
}

// onPlatform reports whether one of the platform's architectures has a call.
func onPlatform(p *policy.Policy, call string) bool {
	arches := platform.Architectures.Of(p.Platform)
	if len(arches) == 0 {
		arches = []string{"amd64"}
	}
	return slices.ContainsFunc(arches, func(a string) bool {
		_, ok := linux.SyscallNumber(linux.Arch(a), call)
		return ok
	})
}

func shortList(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// watchCallsDenied watches the calls of seccomp.deny.
func watchCallsDenied(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	var seen, unseen []string
	for _, it := range control.ExpandCalls(c.Get(ctrl.ID).Items) {
		switch {
		case it.Key == control.AnyCall:
			seen = append(seen, callEvents()...)
		case hasEvent(it.Key):
			seen = append(seen, it.Key)
		default:
			unseen = append(unseen, it.Key)
		}
	}
	w := watch{}
	if len(seen) > 0 {
		w.clauses = merged([]clause{{seen, ""}})
	}
	if len(unseen) > 0 {
		w.gap = "Falco has no event for " + shortList(unseen)
	}
	return w
}

package seccomp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// resolution is what a policy says of every system call of one container.
type resolution struct {
	arches []linux.Architecture
	// all says that every call is allowed, those too that nobody knows yet.
	all bool
	// ways are how each known call is allowed; a call that is not here is refused.
	ways map[string][]way
	// narrowed are the controls, but seccomp.allow, that took ways away from a call, or would have.
	narrowed map[string][]source
	// closed are calls that stand for others, and that have to be refused expressly: a filter cannot see what they do.
	closed   map[string]bool
	problems map[policy.ID]problem
}

// source is a statement that had a say on a call.
type source struct {
	ref policy.Ref
	at  hcl.Range
	on  [6]bool // the arguments that it has conditions on; none: it refuses the call
}

// problem is why a control cannot be held.
type problem struct {
	reason string
	at     hcl.Range
}

func resolve(c *policy.Container, arches []linux.Architecture) *resolution {
	r := &resolution{
		arches: arches, ways: map[string][]way{}, narrowed: map[string][]source{}, closed: map[string]bool{}, problems: map[policy.ID]problem{},
	}
	r.allow(c)
	r.rules(c.Enforced(policy.SeccompRule))
	r.families(c.Enforced(policy.NetworkFamilies))
	r.deny(c)
	r.all = c.Enforced(policy.SeccompAllow).Has(policy.AnyCall) && len(r.narrowed) == 0
	for _, m := range multiplexers {
		r.closeMultiplexer(m)
	}
	if n := r.instructions(); n > maxInstructions && !r.all {
		r.problems[policy.SeccompRule] = problem{fmt.Sprintf("A filter for these rules would have up to %d instructions, and a kernel takes %d: "+
			"the container would not start. Name fewer values, or fewer calls.", n, maxInstructions), c.Enforced(policy.SeccompRule).Range}
	}
	return r
}

// maxInstructions is the kernel's BPF_MAXINSNS.
const maxInstructions = 4096

// instructions bounds the length of the filter that libseccomp makes for a node that runs calls of all the architectures that one kernel runs.
func (r *resolution) instructions() int {
	n := 16 // the architecture, x32, the actions
	for _, ways := range r.ways {
		n += 2
		for _, w := range ways {
			for _, c := range w {
				n += 4 // either half is loaded and compared
				if c.mask != allBits {
					n += 2
				}
			}
		}
	}
	kernels := 1
	for _, a := range r.arches {
		runs := 1
		for _, sub := range a.Sub {
			if slices.ContainsFunc(r.arches, func(o linux.Architecture) bool { return o.Arch == sub }) {
				runs++
			}
		}
		kernels = max(kernels, runs)
	}
	return n * kernels
}

// exists reports whether one of the architectures has the call.
func (r *resolution) exists(name string) bool {
	return slices.ContainsFunc(r.arches, func(a linux.Architecture) bool {
		_, ok := linux.SyscallNumber(a.Arch, name)
		return ok
	})
}

func (r *resolution) allow(c *policy.Container) {
	for _, it := range policy.ExpandCalls(c.Enforced(policy.SeccompAllow).Items) {
		switch it.Key {
		case policy.AnyCall:
			for _, call := range linux.Syscalls() {
				r.ways[call.Name] = []way{{}}
			}
		case policy.RuntimeDefaultSet:
			ways, inexpressible := runtimeDefault(c.Capabilities(), r.arches)
			for name, w := range ways {
				r.ways[name] = tidy(slices.Concat(r.ways[name], w))
			}
			if inexpressible != "" && len(r.ways[inexpressible]) == 0 {
				r.problems[policy.SeccompAllow] = problem{fmt.Sprintf("The runtime's default allows %s by arguments that differ between the platform's architectures, "+
					"and one profile cannot say both. Compile a policy for each.", inexpressible), it.Range}
			}
		default:
			r.ways[it.Key] = []way{{}}
		}
	}
	for name := range r.ways {
		if !r.exists(name) {
			delete(r.ways, name)
		}
	}
}

func (r *resolution) deny(c *policy.Container) {
	for _, it := range policy.ExpandCalls(c.Enforced(policy.SeccompDeny).Items) {
		from := source{ref: policy.Ref{ID: policy.SeccompDeny}, at: it.Range}
		switch it.Key {
		case policy.AnyCall:
			for _, call := range linux.Syscalls() {
				r.narrow(call.Name, nil, from)
			}
		case policy.RuntimeDefaultSet:
			ways, _ := runtimeDefault(c.Capabilities(), r.arches)
			for name := range ways {
				r.narrow(name, nil, from)
			}
		default:
			r.narrow(it.Key, nil, from)
		}
	}
}

// narrow leaves a call only those of its ways that are also among the given ones.
func (r *resolution) narrow(name string, to []way, from source) {
	if !r.exists(name) {
		return
	}
	for _, w := range to {
		for _, c := range w {
			from.on[c.index] = true
		}
	}
	if !slices.ContainsFunc(r.narrowed[name], func(s source) bool { return s.ref == from.ref }) {
		r.narrowed[name] = append(r.narrowed[name], from)
	}
	left := both(r.ways[name], to)
	if len(left) > maxWays {
		r.problems[from.ref.ID] = problem{fmt.Sprintf("It takes more than %d rules to say when %s is allowed, for which a kernel's filter has no room. "+
			"Name fewer values.", maxWays, name), from.at}
		left = nil
	}
	if len(left) == 0 {
		delete(r.ways, name)
		return
	}
	r.ways[name] = left
}

func (r *resolution) rules(setting policy.Setting) {
	for _, it := range setting.Items {
		rule := it.Body.(*policy.SyscallRule)
		ways := waysOf(rule)
		for _, call := range policy.ExpandCalls(rule.Syscalls) {
			from := source{ref: policy.Ref{ID: policy.SeccompRule, Label: it.Key}, at: it.Range}
			if arg, ok := r.pointer(call.Key, rule.Args); ok {
				r.problems[policy.SeccompRule] = problem{fmt.Sprintf("Argument %d of %s is a pointer%s; a filter sees only the address. "+
					"Refuse the call by seccomp.deny, or name an argument that is a number.", arg.Index, call.Key, r.onlyOn(call.Key, arg.Index)), arg.Range}
				r.narrow(call.Key, nil, from)
				continue
			}
			r.narrow(call.Key, ways, from)
		}
	}
}

// pointer finds a condition on an argument that is a pointer on one of the architectures. By its value no filter can tell what the
// policy means to tell, so that the call is refused altogether.
func (r *resolution) pointer(call string, args []policy.ArgCondition) (policy.ArgCondition, bool) {
	for _, arg := range args {
		if len(r.pointing(call, arg.Index)) > 0 {
			return arg, true
		}
	}
	return policy.ArgCondition{}, false
}

// pointing lists the architectures that have the call, and a pointer for this argument of it.
func (r *resolution) pointing(call string, index int) []string {
	var names []string
	for _, a := range r.arches {
		if _, ok := linux.SyscallNumber(a.Arch, call); ok && linux.PointerArguments(a.Arch, call)[index] {
			names = append(names, string(a.Arch))
		}
	}
	return names
}

// onlyOn says on which architectures an argument is a pointer, where others have a number there.
func (r *resolution) onlyOn(call string, index int) string {
	on := r.pointing(call, index)
	for _, a := range r.arches {
		if _, ok := linux.SyscallNumber(a.Arch, call); ok && !slices.Contains(on, string(a.Arch)) {
			return " on " + strings.Join(on, ", ")
		}
	}
	return ""
}

// families allows sockets of the families that are named. Both calls take the family as their first argument.
func (r *resolution) families(setting policy.Setting) {
	if setting.Has("*") {
		return
	}
	var ways []way
	for _, it := range setting.Items {
		if number, ok := linux.Family(it.Key); ok {
			ways = append(ways, way{condition{0, allBits, uint32(number)}})
		}
	}
	for _, name := range []string{"socket", "socketpair"} {
		r.narrow(name, ways, source{ref: policy.Ref{ID: policy.NetworkFamilies}, at: setting.Range})
	}
}

// multiplexer is a call that stands for others on old architectures, with their arguments in memory, where no filter sees them.
// libseccomp allows it for every call that it stands for and that is allowed, and drops conditions on the first argument
// in doing so.
type multiplexer struct {
	name  string
	calls []string
}

var multiplexers = []multiplexer{
	{"socketcall", strings.Fields("accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmsg send sendmmsg " +
		"sendmsg sendto setsockopt shutdown socket socketpair")},
	{"ipc", strings.Fields("msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget")},
}

// closeMultiplexer refuses a multiplexer where it would open what the policy narrowed. The refusal has to be a rule of its own: without
// one libseccomp would let it through for the calls that are left.
func (r *resolution) closeMultiplexer(m multiplexer) {
	if !r.exists(m.name) {
		return
	}
	var from []source
	conditional, left := false, false
	for _, name := range m.calls {
		from = append(from, r.narrowed[name]...)
		conditional = conditional || len(r.narrowed[name]) > 0 && len(r.ways[name]) > 0 && !unconditional(r.ways[name])
		left = left || len(r.ways[name]) > 0
	}
	denied := len(r.narrowed[m.name]) > 0 && !unconditional(r.ways[m.name])
	if len(from) == 0 && !denied {
		return
	}
	r.narrowed[m.name] = append(r.narrowed[m.name], from...)
	delete(r.ways, m.name)
	if conditional || denied && left {
		r.closed[m.name] = true
	}
}

// probed are the calls that a newer libc or program tries first, and does without where the kernel does not have them: those that
// came with Linux 5.0 or later, which everything that runs on the long-term kernels before it falls back from. Refusing
// them with EPERM would be taken for an answer (clone3, faccessat2, openat2).
func probed(call linux.Syscall) bool {
	major, _, _ := strings.Cut(call.Since, ".")
	return len(major) > 1 || len(major) == 1 && major >= "5"
}

// missing lists the calls that are to fail as if the kernel did not have them.
func (r *resolution) missing() []string {
	var names []string
	for _, call := range linux.Syscalls() {
		if probed(call) && r.exists(call.Name) && len(r.ways[call.Name]) == 0 && len(r.narrowed[call.Name]) == 0 {
			names = append(names, call.Name)
		}
	}
	return names
}

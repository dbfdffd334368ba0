package seccomp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// resolution is what a policy says of every system call of one container.
type resolution struct {
	arches []linux.Architecture
	// all says that every call is allowed, those too that nobody knows yet.
	all bool
	// clauses say under which conditions each known call is allowed; a call that is not here is refused.
	clauses map[string][]clause
	// base are the clauses before anything was narrowed, and steps what narrowed them.
	base  map[string][]clause
	steps []step
	// narrowed are the controls, but seccomp.allow, that took clauses away from a call, or would have.
	narrowed map[string][]source
	// closed are multiplexers that need a refusing rule of their own: a filter cannot see which call they make.
	closed map[string]bool
	// absent are calls that, where nothing allows them, fail as if the kernel did not have them.
	absent map[string]bool
	// hidden are calls that are refused as if the kernel did not have them, because they hide what the policy narrowed.
	hidden map[string]bool
	// pointers are the rules on arguments that are pointers.
	pointers []pointer
	problems map[control.ID]problem
}

// source is a statement that had a say on a call.
type source struct {
	ref control.Ref
	at  hcl.Range
	on  [6]bool // the arguments that it has conditions on; none: it refuses the call
}

// step is what one statement leaves of one call: a clause of each list has to be met. An empty list refuses the call.
type step struct {
	source
	call string
	to   [][]clause
}

// pointer is an argument that a rule is on and that is a pointer, for which its call is refused.
type pointer struct {
	ref   control.Ref
	call  string
	index int
}

// problem is why a control cannot be enforced.
type problem struct {
	reason string
	at     hcl.Range
}

func resolve(c *policy.Container, arches []linux.Architecture) *resolution {
	r := &resolution{
		arches: arches, clauses: map[string][]clause{}, narrowed: map[string][]source{}, closed: map[string]bool{}, hidden: map[string]bool{}, problems: map[control.ID]problem{},
	}
	r.allow(c)
	r.base = maps.Clone(r.clauses)
	r.rules(c.Enforced(control.SeccompRule))
	r.families(c.Enforced(control.NetworkFamilies))
	r.deny(c)
	r.all = c.Enforced(control.SeccompAllow).Has(control.AnyCall) && !narrows(c)
	for _, m := range multiplexers {
		r.closeMultiplexer(m)
	}
	for name, calls := range variants {
		r.closeVariant(name, calls)
	}
	if n := r.instructions(); n > maxInstructions && !r.all {
		r.problem(control.SeccompRule, c.Enforced(control.SeccompRule).Range, "A filter for these rules would have up to %d instructions, and a kernel takes %d: "+
			"the container would not start. Name fewer values, or fewer calls.", n, maxInstructions)
	}
	return r
}

// maxInstructions is the kernel's BPF_MAXINSNS.
const maxInstructions = 4096

// instructions bounds the length of the filter that libseccomp makes for a node that runs calls of all the architectures that one kernel runs.
func (r *resolution) instructions() int {
	n := 16 // the architecture, x32, the actions
	for _, clauses := range r.clauses {
		n += 2
		for _, w := range clauses {
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

// narrows reports whether the policy takes anything from what seccomp.allow says, be it calls that none of the architectures has:
// kernels run programs of others, and a profile that allows everything lists those.
func narrows(c *policy.Container) bool {
	return len(c.Enforced(control.SeccompRule).Items) > 0 || len(c.Enforced(control.SeccompDeny).Items) > 0 || !c.Enforced(control.NetworkFamilies).Has("*")
}

// exists reports whether one of the architectures has the call.
func (r *resolution) exists(name string) bool {
	return slices.ContainsFunc(r.arches, func(a linux.Architecture) bool {
		_, ok := linux.SyscallNumber(a.Arch, name)
		return ok
	})
}

func (r *resolution) allow(c *policy.Container) {
	setting := c.Enforced(control.SeccompAllow)
	if r.absent = absent(); setting.Has(control.RuntimeDefaultSet) {
		r.absent = absentByDefault(c.Capabilities(), r.arches)
	}
	for _, it := range control.ExpandCalls(setting.Items) {
		switch it.Key {
		case control.AnyCall:
			for _, call := range linux.Syscalls() {
				r.clauses[call.Name] = []clause{{}}
			}
		case control.RuntimeDefaultSet:
			clauses, inexpressible := runtimeDefault(c.Capabilities(), r.arches)
			for name, w := range clauses {
				r.clauses[name] = simplify(slices.Concat(r.clauses[name], w))
			}
			if inexpressible != "" && len(r.clauses[inexpressible]) == 0 {
				r.problem(control.SeccompAllow, it.Range, "The runtime's default allows %s by arguments that differ between the platform's architectures, "+
					"and one profile cannot say both. Compile a policy for each.", inexpressible)
			}
		default:
			r.clauses[it.Key] = []clause{{}}
		}
	}
	for name := range r.clauses {
		if !r.exists(name) {
			delete(r.clauses, name)
		}
	}
}

func (r *resolution) deny(c *policy.Container) {
	for _, it := range control.ExpandCalls(c.Enforced(control.SeccompDeny).Items) {
		from := source{ref: control.Ref{ID: control.SeccompDeny}, at: it.Range}
		switch it.Key {
		case control.AnyCall:
			for _, call := range linux.Syscalls() {
				r.narrow(call.Name, refusal, from)
			}
		case control.RuntimeDefaultSet:
			clauses, _ := runtimeDefault(c.Capabilities(), r.arches)
			for _, name := range slices.Sorted(maps.Keys(clauses)) {
				r.narrow(name, refusal, from)
			}
		default:
			r.narrow(it.Key, refusal, from)
		}
	}
}

// refusal is a list that nothing meets.
var refusal = [][]clause{nil}

// narrow leaves a call only what also meets one clause of each list.
func (r *resolution) narrow(name string, to [][]clause, from source) {
	if !r.exists(name) {
		return
	}
	for _, list := range to {
		for _, w := range list {
			for _, c := range w {
				from.on[c.index] = true
			}
		}
	}
	r.steps = append(r.steps, step{from, name, to})
	if !slices.ContainsFunc(r.narrowed[name], func(s source) bool { return s.ref == from.ref }) {
		r.narrowed[name] = append(r.narrowed[name], from)
	}
	left, ok := intersectAll(r.clauses[name], to)
	if !ok {
		r.problem(from.ref.ID, from.at, "It takes more than %d rules to say when %s is allowed, for which a kernel's filter has no room. Name fewer values: "+
			"in takes a rule for each, not_in up to 32.", maxClauses, name)
	}
	if len(left) == 0 {
		delete(r.clauses, name)
		return
	}
	r.clauses[name] = left
}

func (r *resolution) rules(setting policy.Setting) {
	for _, it := range setting.Items {
		rule := it.Body.(*control.SyscallRule)
		to, conditions := r.ruleClauses(rule), rule.Conditions()
		for _, call := range control.ExpandCalls(rule.Syscalls) {
			from := source{ref: control.Ref{ID: control.SeccompRule, Label: it.Key}, at: it.Range}
			if arg, ok := r.pointer(call.Key, conditions); ok {
				r.problem(control.SeccompRule, arg.Range, "Argument %d of %s is a pointer%s; a filter sees only the address. "+
					"Refuse the call by seccomp.deny, or name an argument that is a number.", arg.Index, call.Key, r.onlyOn(call.Key, arg.Index))
				r.pointers = append(r.pointers, pointer{from.ref, call.Key, arg.Index})
				r.narrow(call.Key, refusal, from)
				continue
			}
			if arg, arch, ok := r.split(call.Key, conditions); ok {
				r.problem(control.SeccompRule, arg.Range, "Argument %d of %s lies elsewhere on %s, which passes a number of 64 bits in two halves. "+
					"Refuse the call by seccomp.deny, or compile a policy without %s.", arg.Index, call.Key, arch, arch)
				r.narrow(call.Key, refusal, from)
				continue
			}
			r.narrow(call.Key, to, from)
		}
	}
}

// ruleClauses gives the lists of which a call has to meet one clause each: one list for each condition, and one for all alternatives together.
func (r *resolution) ruleClauses(rule *control.SyscallRule) [][]clause {
	to := r.conditionClauses(rule.Args)
	if len(rule.Alternatives) == 0 {
		return to
	}
	var either []clause
	for _, alternative := range rule.Alternatives {
		clauses, ok := intersectAll([]clause{{}}, r.conditionClauses(alternative))
		if !ok || len(either)+len(clauses) > maxClauses {
			r.problem(control.SeccompRule, rule.Range, "It takes more than %d rules to state these alternatives, for which a kernel's filter has no room. "+
				"Name fewer values: in takes a rule for each, not_in up to 32.", maxClauses)
			return refusal
		}
		either = append(either, clauses...)
	}
	return append(to, simplify(either))
}

// conditionClauses gives a list of clauses for each condition.
func (r *resolution) conditionClauses(args []control.ArgCondition) [][]clause {
	var to [][]clause
	for _, arg := range args {
		list := argClauses(arg)
		if len(list) > maxClauses {
			r.problem(control.SeccompRule, arg.Range, "It takes %d rules to say this of an argument, and a kernel's filter has room for %d. "+
				"Name fewer values; of those allowed and those refused, say the fewer: in takes a rule for each value, not_in up to 32.", len(list), maxClauses)
		}
		to = append(to, list)
	}
	return to
}

// split finds a condition on an argument that is not where the policy says on one of the architectures, which is refused
// altogether as one on a pointer is.
func (r *resolution) split(call string, args []control.ArgCondition) (control.ArgCondition, linux.Arch, bool) {
	for _, arg := range args {
		for _, a := range r.arches {
			if _, ok := linux.SyscallNumber(a.Arch, call); ok && linux.Split(a.Arch, call, arg.Index) {
				return arg, a.Arch, true
			}
		}
	}
	return control.ArgCondition{}, "", false
}

// problem records why a control cannot be enforced; the first of several reasons is kept.
func (r *resolution) problem(id control.ID, at hcl.Range, format string, args ...any) {
	if _, ok := r.problems[id]; !ok {
		r.problems[id] = problem{fmt.Sprintf(format, args...), at}
	}
}

// pointer finds a condition on an argument that is a pointer on one of the architectures. By its value no filter can tell what the
// policy means to tell, so that the call is refused altogether.
func (r *resolution) pointer(call string, args []control.ArgCondition) (control.ArgCondition, bool) {
	for _, arg := range args {
		if len(r.pointing(call, arg.Index)) > 0 {
			return arg, true
		}
	}
	return control.ArgCondition{}, false
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
	var clauses []clause
	for _, it := range setting.Items {
		if number, ok := linux.Family(it.Key); ok {
			clauses = append(clauses, clause{condition{0, allBits, uint64(number)}})
		}
	}
	for _, name := range []string{"socket", "socketpair"} {
		r.narrow(name, [][]clause{clauses}, source{ref: control.Ref{ID: control.NetworkFamilies}, at: setting.Range})
	}
}

// multiplexer is a call that makes other calls on old architectures, with their arguments in memory, where no filter sees them.
// libseccomp allows it for every call that it covers and that is allowed, and drops conditions on the first argument
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

// closeMultiplexer refuses a multiplexer where it would open what the policy narrowed. Where conditions narrowed it, or it is denied itself,
// the refusal has to be a rule of its own: without one libseccomp would let it through for the calls that are left. What is denied
// besides makes no difference, so that a tighter policy opens nothing.
func (r *resolution) closeMultiplexer(m multiplexer) {
	if !r.exists(m.name) {
		return
	}
	var from []source
	left := false
	for _, name := range m.calls {
		from = append(from, r.narrowed[name]...)
		left = left || len(r.clauses[name]) > 0
	}
	denied := len(r.narrowed[m.name]) > 0 && !unconditional(r.clauses[m.name])
	if len(from) == 0 && !denied {
		return
	}
	conditional := slices.ContainsFunc(from, func(s source) bool { return s.ref.ID != control.SeccompDeny })
	r.narrowed[m.name] = append(r.narrowed[m.name], from...)
	delete(r.clauses, m.name)
	if left && (conditional || denied) {
		r.closed[m.name] = true
	}
}

// variants are calls that do what others do, and take in memory what those take as arguments: a condition on the others would have no effect on
// what they are asked through these.
var variants = map[string][]string{"clone3": {"clone"}, "openat2": {"creat", "open", "openat"}}

// closeVariant refuses a variant where a rule is on a call that it covers. Programs and libraries try it first, and go on to the other call
// only where the kernel does not have it: so it fails where it is denied, too.
func (r *resolution) closeVariant(name string, calls []string) {
	for _, call := range calls {
		for _, from := range r.narrowed[call] {
			if from.ref.ID == control.SeccompRule && len(r.base[name]) > 0 {
				r.narrowed[name] = append(r.narrowed[name], from)
				delete(r.clauses, name)
			}
		}
	}
	r.hidden[name] = len(r.narrowed[name]) > 0 && len(r.clauses[name]) == 0
}

// absent are the calls that a newer libc or program tries first, and does without where the kernel does not have them: those that
// came with Linux 5.0 or later, which everything that runs on the long-term kernels before it falls back from. Refusing
// them with EPERM would be taken for an answer (clone3, faccessat2, openat2).
var absent = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, call := range linux.Syscalls() {
		major, _, _ := strings.Cut(call.Since, ".")
		names[call.Name] = len(major) > 1 || len(major) == 1 && major >= "5"
	}
	return names
})

// missing lists the calls that are to fail as if the kernel did not have them.
func (r *resolution) missing() []string {
	var names []string
	for _, call := range linux.Syscalls() {
		if r.hidden[call.Name] || r.absent[call.Name] && r.exists(call.Name) && len(r.clauses[call.Name]) == 0 && len(r.narrowed[call.Name]) == 0 {
			names = append(names, call.Name)
		}
	}
	return names
}

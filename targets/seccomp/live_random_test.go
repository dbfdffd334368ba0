package seccomp_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// needed are the calls without which runc does not come to the program that it starts, or the probe to its end.
var needed = strings.Fields("arch_prctl brk clone close close_range epoll_ctl epoll_pwait execve exit exit_group faccessat2 fcntl fstat fstatfs futex " +
	"getdents64 getpid getppid gettid lseek madvise mmap mprotect munmap nanosleep newfstatat openat prctl read readlinkat rt_sigaction rt_sigprocmask rt_sigreturn " +
	"sched_yield sigaltstack stat statfs tgkill wait4 write")

// drawn are the calls that random profiles have rules for, and that random attempts make: with any of drawnValues they fail or stay
// within the child. On i386 socketcall and ipc stand for some of them.
var drawn = strings.Fields("alarm dup dup2 epoll_create1 eventfd2 getpgid getpriority getrusage getsid inotify_init1 io_destroy ioctl ipc memfd_create mincore mlock2 " +
	"personality pkey_alloc sched_get_priority_max semop setns shmat socket socketcall socketpair timer_delete umask unshare")

// drawnValues meet in rules and attempts: small ones, families, flags, and those that differ above the 32 bits that the kernel reads.
var drawnValues = []uint64{
	0, 1, 2, 3, 8, 10, 16, 17, 38, 40, 0x20000, 0x10000000, 0x7e020000, 0xffffffff, 1 << 32, 1<<32 | 1, 1<<32 | 2, 0xffffffff00000000, ones,
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// several gives up to n different members of a list.
func several(r *rand.Rand, list []string, n int) []string {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:r.IntN(n+1)]
}

// randomCalls are attempts on the drawn calls.
func randomCalls(r *rand.Rand) (calls []attempt.Syscall) {
	for range 300 {
		arch, name := pick(r, []linux.Arch{linux.AMD64, linux.AMD64, linux.AMD64, linux.I386, linux.X32}), pick(r, drawn)
		if _, ok := linux.SyscallNumber(arch, name); !ok {
			continue
		}
		call := attempt.Syscall{Arch: string(arch), Name: name}
		for i := range 3 {
			call.Args[i] = pick(r, drawnValues)
			if arch != linux.AMD64 {
				call.Args[i] = uint64(uint32(call.Args[i]))
			}
		}
		if name == "ipc" && call.Args[0] > 3 || name == "socketcall" && arch == linux.I386 {
			call.Args[1] = 1 // not a block of arguments that there is
		}
		calls = append(calls, call)
	}
	return calls
}

// rawProfile has rules with any comparison and action. Of the calls that are needed it says only that they are allowed.
func rawProfile(r *rand.Rand) *specs.LinuxSeccomp {
	errnos := []uint{1, 13, 38, 3001}
	action := func() (specs.LinuxSeccompAction, *uint) {
		switch kind := pick(r, []specs.LinuxSeccompAction{specs.ActErrno, specs.ActErrno, specs.ActAllow, specs.ActKillProcess, specs.ActKillThread, specs.ActTrap}); kind {
		case specs.ActErrno:
			number := pick(r, errnos)
			return kind, &number
		default:
			return kind, nil
		}
	}
	p := &specs.LinuxSeccomp{Architectures: []specs.Arch{specs.ArchX86_64}}
	for _, arch := range []specs.Arch{specs.ArchX86, specs.ArchX32, specs.ArchAARCH64} {
		if r.IntN(2) == 0 {
			p.Architectures = append(p.Architectures, arch)
		}
	}
	if p.DefaultAction, p.DefaultErrnoRet = action(); r.IntN(3) == 0 {
		p.DefaultAction, p.DefaultErrnoRet = specs.ActAllow, nil
	}
	// libseccomp 2.5.4 loses rules where the first one is for a call that x86-64 does not have: acct comes before.
	p.Syscalls = []specs.LinuxSyscall{{Names: needed, Action: specs.ActAllow}, {Names: []string{"acct"}, Action: specs.ActKillProcess}}
	actions := map[string]specs.LinuxSyscall{} // mostly one a call: of several, runtimes refuse most
	for range 2 + r.IntN(10) {
		name := pick(r, drawn)
		rule, ok := actions[name]
		if !ok || r.IntN(8) == 0 {
			rule.Action, rule.ErrnoRet = action()
			actions[name] = rule
		}
		rule.Names = []string{name}
		for index := range uint(3) {
			if r.IntN(2) == 0 {
				continue
			}
			rule.Args = append(rule.Args, specs.LinuxSeccompArg{Index: index, Value: pick(r, drawnValues), Op: pick(r, []specs.LinuxSeccompOperator{
				specs.OpEqualTo, specs.OpEqualTo, specs.OpMaskedEqual, specs.OpNotEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpGreaterThan, specs.OpGreaterEqual,
			})})
			if last := &rule.Args[len(rule.Args)-1]; last.Op == specs.OpMaskedEqual {
				last.ValueTwo = pick(r, drawnValues)
			}
			if r.IntN(8) == 0 { // a condition on the same argument, which makes rules of their own of all
				rule.Args = append(rule.Args, specs.LinuxSeccompArg{Index: index, Value: pick(r, drawnValues), Op: specs.OpEqualTo})
			}
		}
		p.Syscalls = append(p.Syscalls, rule)
	}
	return p
}

// randomPolicy says something of the drawn calls. What it refuses fails with an error of its own, or ENOSYS.
func randomPolicy(r *rand.Rand) policy.Settings {
	allow := append(slices.Clone(needed), several(r, drawn, len(drawn))...)
	switch r.IntN(3) {
	case 0:
		allow = []string{"@runtime-default"}
	case 1:
		allow = []string{"*"}
	}
	s := policy.Settings{control.SeccompErrno: text(9, "EXFULL"), control.SeccompAllow: set(10, allow...)}
	if deny := several(r, drawn, 4); len(deny) > 0 {
		s[control.SeccompDeny] = set(12, deny...)
	}
	var items []control.Item
	for i := range r.IntN(4) {
		var args []control.ArgCondition
		for _, index := range []int{0, 1}[r.IntN(2):] {
			args = append(args, randomCondition(r, index))
		}
		label, call := fmt.Sprintf("r%d", i), []string{pick(r, ruled)}
		if r.IntN(2) == 0 {
			items = append(items, rule(label, call, args...))
			continue
		}
		items = append(items, either(label, call, args, []control.ArgCondition{randomCondition(r, r.IntN(2))}))
	}
	if len(items) > 0 {
		s[control.SeccompRule] = rules(items...)
	}
	if r.IntN(2) == 0 {
		s[control.NetworkFamilies] = set(13, append([]string{"unix"}, several(r, []string{"inet", "inet6", "netlink", "packet", "alg"}, 4)...)...)
	}
	return s
}

// ruled are those of the drawn calls whose first two arguments are numbers.
var ruled = strings.Fields("dup2 getpriority ioctl personality setns socket socketpair unshare")

func randomCondition(r *rand.Rand, index int) control.ArgCondition {
	low := func() uint64 { return uint64(uint32(pick(r, drawnValues))) }
	switch r.IntN(4) {
	case 0:
		mask := low()
		return masked(index, mask, low()&mask)
	case 1:
		return control.ArgCondition{Index: index, NotIn: []uint64{low(), low()}}
	case 2:
		return control.ArgCondition{Index: index, HasAny: low() | 1}
	}
	return in(index, low(), low(), low())
}

// widened takes a restriction out of a policy, or adds to what it grants. It is false where there is nothing to widen in the way that is
// drawn.
func widened(r *rand.Rand, tight policy.Settings) (policy.Settings, bool) {
	wide := maps.Clone(tight)
	without := func(id control.ID, items []control.Item) ([]control.Item, bool) {
		if len(items) == 0 {
			return nil, false
		}
		i := r.IntN(len(items))
		items = slices.Delete(slices.Clone(items), i, i+1)
		if len(items) == 0 {
			delete(wide, id)
		}
		return items, len(items) > 0
	}
	switch s := tight[control.SeccompAllow]; r.IntN(4) {
	case 0:
		if s.Has("*") || s.Has("@runtime-default") {
			return nil, false
		}
		s.Items = slices.Concat(s.Items, set(10, several(r, drawn, 8)...).Items)
		wide[control.SeccompAllow] = s
	case 1:
		s = tight[control.SeccompDeny]
		if len(s.Items) == 0 {
			return nil, false
		}
		if items, left := without(control.SeccompDeny, s.Items); left {
			s.Items = items
			wide[control.SeccompDeny] = s
		}
	case 2:
		s = tight[control.SeccompRule]
		if len(s.Items) == 0 {
			return nil, false
		}
		if items, left := without(control.SeccompRule, s.Items); left {
			wide[control.SeccompRule] = rules(items...)
		}
	case 3:
		s = tight[control.NetworkFamilies]
		if len(s.Items) == 0 {
			return nil, false
		}
		s.Items = slices.Concat(s.Items, set(13, "vsock").Items)
		wide[control.NetworkFamilies] = s
	}
	return wide, true
}

// pairs and raws are how many random profiles are tried: 200.
const pairs, raws = 60, 80

// TestKernelAgreesOnRandomPolicies holds the judge to the kernel under the profiles of random policies, and the kernel to the law of the policy
// language: what a policy allows, a wider one allows.
func TestKernelAgreesOnRandomPolicies(t *testing.T) {
	l := newLive(t, randomCalls(rand.New(rand.NewPCG(3, 0))))
	var allowed, refused, opened atomic.Int64
	t.Run("all", func(t *testing.T) {
		for i := range uint64(pairs) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(1, i))
				tight := randomPolicy(r)
				wide, ok := widened(r, tight)
				for !ok {
					tight = randomPolicy(r)
					wide, ok = widened(r, tight)
				}
				arches := pick(r, [][]string{{"amd64"}, {"386", "amd64"}, {"386", "amd64", "arm64"}})
				before := l.check(t, one(t, resolve(t, tight, arches...)).Body)
				after := l.check(t, one(t, resolve(t, wide, arches...)).Body)
				for k, call := range l.calls {
					passes := func(seen []string) bool { return seen[k] == l.unfiltered[k] }
					switch {
					case l.unfiltered[k] == "errno 38": // as some refusals
					case passes(before) && !passes(after):
						t.Errorf("%s %s %#x is allowed, and when the policy is wider refused: %s", call.Arch, call.Name, call.Args, after[k])
					case passes(before):
						allowed.Add(1)
					case passes(after):
						opened.Add(1)
					default:
						refused.Add(1)
					}
				}
			})
		}
	})
	t.Logf("allowed %d, refused %d, refused until the policy is wider %d", allowed.Load(), refused.Load(), opened.Load())
	if least := int64(pairs * len(l.calls) / 10); allowed.Load() < least || refused.Load() < least || opened.Load() < pairs {
		t.Error("these policies show too little")
	}
}

// startable draws a profile under which a container starts, and gives what became of the attempts under it. Where several actions meet on one
// call, libseccomp refuses more than the model does: then nothing starts that could get past the profile.
func (l live) startable(t *testing.T, r *rand.Rand) (body []byte, seen []string) {
	t.Helper()
	for range 100 {
		body = written(t, rawProfile(r))
		if _, err := filter.Read(body, filter.Node{}); err != nil {
			continue
		}
		seen, err := l.attempts(t, body, l.calls)
		if err == nil {
			return body, seen
		}
		if !strings.Contains(err.Error(), "error adding seccomp rule") {
			t.Fatalf("%v\n%s", err, body)
		}
	}
	t.Fatal("libseccomp refuses all that is drawn")
	return nil, nil
}

// TestKernelAgreesOnRandomProfiles holds the judge to the kernel under profiles that nobody would emit.
func TestKernelAgreesOnRandomProfiles(t *testing.T) {
	l := newLive(t, randomCalls(rand.New(rand.NewPCG(4, 0))))
	var undecided, refused atomic.Int64
	t.Run("all", func(t *testing.T) {
		for i := range uint64(raws) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(2, i))
				body, seen := l.startable(t, r)
				judged := l.judged(t, body)
				for _, d := range l.differences(judged, seen) {
					t.Errorf("%s\n%s", d, body)
				}
				for k := range l.calls {
					switch judged[k] {
					case "":
						undecided.Add(1)
					case l.unfiltered[k]:
					default:
						refused.Add(1)
					}
				}
			})
		}
	})
	attempts := int64(raws * len(l.calls))
	t.Logf("of %d refused %d, undecided %d", attempts, refused.Load(), undecided.Load())
	if refused.Load() < attempts/5 || refused.Load() > attempts*4/5 || undecided.Load() > attempts/20 {
		t.Error("these profiles show too little")
	}
}

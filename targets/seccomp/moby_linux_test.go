package seccomp_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/control/controltest"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// parse reads a profile that must be right.
func parse(t rapid.TB, body []byte) *filter.Filter {
	t.Helper()
	f, err := filter.Read(body, filter.Node{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func drawArgs(t *rapid.T) (args [6]uint64) {
	values := []uint64{0, 1, 2, 8, 37, 38, 39, 40, 41, 45, 46, 0x20000, 0x20008, 0x10000000, 0x3d0f00, 0x7e020000, 0xffffffff, 1 << 32, 1<<32 | 2, ^uint64(0)}
	for i := range 3 {
		args[i] = rapid.SampledFrom(values).Draw(t, "argument")
	}
	return args
}

// mobys is what moby's own code makes of its profile for this machine and a container of these capabilities.
func mobys(t *testing.T, capabilities []string) []byte {
	t.Helper()
	var prefixed []string
	for _, name := range capabilities {
		prefixed = append(prefixed, "CAP_"+name)
	}
	spec := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: prefixed}}}
	profile, err := moby.GetDefaultProfile(spec)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, profile)
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// capabilitySets are 20: none, all, what runtimes give, each one that moby's profile asks for alone, and some at random.
func capabilitySets() [][]string {
	var all, asked []string
	for _, c := range linux.Capabilities() {
		all = append(all, c.Name)
	}
	for _, call := range control.RuntimeDefault().Syscalls {
		for _, f := range []*moby.Filter{call.Includes, call.Excludes} {
			if f != nil {
				asked = append(asked, f.Caps...)
			}
		}
	}
	sets := [][]string{{}, all, linux.RuntimeDefaultCapabilities()}
	slices.Sort(asked)
	for _, name := range slices.Compact(asked) {
		sets = append(sets, []string{strings.TrimPrefix(name, "CAP_")})
	}
	random := rand.New(rand.NewPCG(3, 14))
	for len(sets) < 20 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		sets = append(sets, slices.Clone(all[:1+random.IntN(12)]))
	}
	return sets
}

// mobysArguments are arguments of 32 bits to try a call with: where moby's profile has conditions on it the values of all of them, those
// beside and with one bit more or less, each bit, none and all.
func mobysArguments(name string) [][6]uint64 {
	lists := [][6]uint64{{}, {1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1}}
	values := map[uint]map[uint64]bool{}
	for _, call := range control.RuntimeDefault().Syscalls {
		if !slices.Contains(call.Names, name) {
			continue
		}
		for _, arg := range call.Args {
			if values[arg.Index] == nil {
				values[arg.Index] = map[uint64]bool{}
			}
			for _, v := range []uint64{arg.Value, arg.ValueTwo, 0} {
				values[arg.Index][(v-1)&(1<<32-1)], values[arg.Index][v], values[arg.Index][(v+1)&(1<<32-1)] = true, true, true
				for b := range 32 {
					values[arg.Index][v^1<<b], values[arg.Index][1<<b] = true, true
				}
			}
		}
	}
	if name == "socketcall" || name == "ipc" { // the first argument is the call that is meant
		values[0] = map[uint64]bool{}
		for v := range uint64(32) {
			values[0][v] = true
		}
	}
	for _, index := range slices.Sorted(maps.Keys(values)) {
		for _, v := range slices.Sorted(maps.Keys(values[index])) {
			var args [6]uint64
			args[index] = v
			lists = append(lists, args)
		}
	}
	return lists
}

// pastFilters are calls that a kernel carries out whatever a filter says. Where a profile refuses them they are undecided, for the reason that
// the profile gives.
var pastFilters = map[string]bool{"uprobe": true, "uretprobe": true}

// TestRuntimeDefaultIsMobys holds a policy that says "@runtime-default" and a list of capabilities to moby's profile for these
// capabilities: for every number up to beyond the last call of the architectures the decision is the same, error included. On amd64 moby's own code resolves its
// profile; everywhere the judge's reading of Docker's dialect does, with the stub that runc puts before either.
func TestRuntimeDefaultIsMobys(t *testing.T) {
	docker, err := filter.ParseRuntime("docker")
	if err != nil {
		t.Fatal(err)
	}
	sets, decisions, allowed := capabilitySets(), 0, 0
	if len(sets) != 20 {
		t.Fatalf("%d sets of capabilities, want 20", len(sets))
	}
	for _, machine := range [][]linux.Arch{{linux.AMD64, linux.I386}, {linux.ARM64}} {
		for _, capabilities := range sets {
			var names []string
			for _, arch := range machine {
				names = append(names, string(arch))
			}
			ours := one(t, resolve(t, policy.Settings{
				control.SeccompAllow: set(10, "@runtime-default"), control.CapabilitiesDrop: set(11, "ALL"), control.CapabilitiesAdd: set(12, capabilities...),
			}, names...)).Body
			node := filter.Node{Runtime: docker, Native: machine[0], Capabilities: capabilities}
			type pair struct{ ours, theirs *filter.Filter }
			pairs := []pair{{parseOn(t, ours, node), parseOn(t, encode(t, control.RuntimeDefault()), node)}}
			if string(machine[0]) == runtime.GOARCH {
				pairs = append(pairs, pair{parse(t, ours), parse(t, mobys(t, capabilities))})
			}
			for _, arch := range machine {
				last := 0
				for _, call := range linux.Syscalls() {
					if nr, ok := linux.SyscallNumber(arch, call.Name); ok {
						last = max(last, nr)
					}
				}
				for nr := range last + 64 {
					name, _ := linux.SyscallName(arch, nr)
					for _, args := range mobysArguments(name) {
						c := filter.Call{Native: machine[0], Arch: arch, Number: nr, Args: args}
						for _, p := range pairs {
							a, b := p.ours.Decide(c), p.theirs.Decide(c)
							decisions++
							if a.Action == filter.Allow {
								allowed++
							}
							if a.Action == filter.Undecided && !pastFilters[name] || a.String() != b.String() || a.Reason != b.Reason && pastFilters[name] {
								t.Errorf("%s (%d) on %s %#x, with %v: %v, moby's: %v (%s)", name, nr, arch, args, capabilities, a, b, b.Reason)
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d decisions alike, of which %d allow, for %d sets of capabilities", decisions, allowed, len(sets))
}

// parseOn reads a profile as a node does. It must be right.
func parseOn(t *testing.T, body []byte, node filter.Node) *filter.Filter {
	t.Helper()
	f, err := filter.Read(body, node)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// drawArgCondition draws a condition of any operator, on the values that drawArgs draws.
func drawArgCondition(t *rapid.T) control.ArgCondition {
	index := rapid.IntRange(0, 2).Draw(t, "index")
	values := rapid.SliceOfN(rapid.SampledFrom([]uint64{0, 1, 2, 8, 38, 40, 0x20008, 0x10000000, 0x3d0f00, 0xffffffff}), 1, 3).Draw(t, "values")
	return rapid.SampledFrom([]control.ArgCondition{
		in(index, values...), notIn(index, values...), hasAny(index, 0x10000101), hasAny(index, 0xf), masked(index, 0x7e020000, 0), masked(index, 0xf, values[0]&0xf),
	}).Draw(t, "condition")
}

// drawRule draws a rule on ioctl, with alternatives or without.
func drawRule(t *rapid.T) control.Item {
	conditions := rapid.SliceOfN(rapid.Custom(drawArgCondition), 1, 2)
	it := rule("r", []string{"ioctl"}, conditions.Draw(t, "conditions")...)
	if body := it.Body.(*control.SyscallRule); rapid.Bool().Draw(t, "alternatives") {
		body.Alternatives = rapid.SliceOfN(conditions, 2, 3).Draw(t, "alternatives")
		body.Args = body.Args[:rapid.IntRange(0, 1).Draw(t, "conditions beside them")]
	}
	return it
}

// fullyHeld reports whether a policy's rules are held in full, and not too many for a filter.
func fullyHeld(p *policy.Policy) bool {
	for s := range p.Statements() {
		if s.Control != nil && s.Container != nil && s.Control.ID == control.SeccompRule && (seccomp.Target{}).Support(p, s).Level != target.Full {
			return false
		}
	}
	return true
}

// TestRulesAllowWhatTheySay holds profiles to the meaning of conditions: what is allowed meets them all, and what meets them with nothing in
// the upper half is allowed. Lists refuse what has something there, and nothing else does.
func TestRulesAllowWhatTheySay(t *testing.T) {
	allowed := 0
	rapid.Check(t, func(t *rapid.T) {
		first, second := drawRule(t), rapid.SliceOfN(rapid.Custom(drawArgCondition), 0, 1).Draw(t, "second rule")
		items := []control.Item{first}
		if len(second) > 0 {
			items = append(items, rule("second", []string{"ioctl", "read"}, second...))
		}
		p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "ioctl", "read"), control.SeccompRule: rules(items...)}, "amd64")
		if !fullyHeld(p) {
			return
		}
		f := parse(t, one(t, p).Body)
		for range 30 {
			args := drawArgs(t)
			want := controltest.Allows(first.Body.(*control.SyscallRule), args) && controltest.Allows(&control.SyscallRule{Args: second}, args)
			d := f.Decide(filter.Call{Native: linux.AMD64, Arch: linux.AMD64, Name: "ioctl", Args: args})
			if d.Action == filter.Undecided || (d.Action == filter.Allow) != want {
				t.Fatalf("ioctl %#x is %v (%s), want %v: %+v %+v", args, d, d.Reason, want, first.Body, second)
			}
			if want {
				allowed++
			}
		}
	})
	if allowed == 0 {
		t.Error("nothing was allowed")
	}
}

// TestTighterNeverAllowsMore holds emission to the law of the policy language: what a looser policy refuses, a tighter one refuses.
func TestTighterNeverAllowsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"socket", "socketcall", "connect", "socketpair", "clone", "ptrace", "personality", "mount", "io_uring_setup", "read", "shmget", "ipc", "openat", "openat2", "clone3", "@socket", "@mount"}
		arches := []string{"amd64"}
		if rapid.Bool().Draw(t, "386") {
			arches = append(arches, "386")
		}
		loose := policy.Settings{control.SeccompAllow: set(10, rapid.SampledFrom([]string{"*", "@runtime-default"}).Draw(t, "allow"))}
		tight := policy.Settings{control.SeccompAllow: loose[control.SeccompAllow]}
		if rapid.Bool().Draw(t, "families in both") {
			loose[control.NetworkFamilies] = set(11, "unix", "inet", "alg")
			tight[control.NetworkFamilies] = loose[control.NetworkFamilies]
		}
		shared := rapid.SampledFrom(names[:15]).Draw(t, "call of both")
		if rapid.Bool().Draw(t, "rule in both") {
			loose[control.SeccompRule] = rules(rule("both", []string{shared}, drawArgCondition(t)))
			tight[control.SeccompRule] = loose[control.SeccompRule]
		}
		if rapid.Bool().Draw(t, "deny in both") {
			loose[control.SeccompDeny] = set(12, rapid.SampledFrom(names).Draw(t, "denied in both"))
			tight[control.SeccompDeny] = loose[control.SeccompDeny]
		}
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			more := set(12, rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID).Draw(t, "deny")...)
			more.Items = append(more.Items, loose[control.SeccompDeny].Items...)
			tight[control.SeccompDeny] = more
		case 1:
			call := rapid.SampledFrom([]string{shared, rapid.SampledFrom(names[:15]).Draw(t, "another call")}).Draw(t, "call")
			added := drawRule(t)
			added.Body.(*control.SyscallRule).Syscalls[0].Key = call
			tight[control.SeccompRule] = rules(append(slices.Clone(loose[control.SeccompRule].Items), added)...)
		case 2:
			tight[control.NetworkFamilies] = set(11, "unix")
		case 3:
			tight[control.SeccompAllow] = set(10, "@runtime-default")
		case 4:
			loose[control.SeccompAllow] = set(10, "@runtime-default", rapid.SampledFrom(names).Draw(t, "allowed besides"))
			tight[control.SeccompAllow] = set(10, "@runtime-default")
		}
		before, after := parse(t, one(t, resolve(t, loose, arches...)).Body), parse(t, one(t, resolve(t, tight, arches...)).Body)
		for _, arch := range []linux.Arch{linux.AMD64, linux.I386, linux.X32} {
			for _, call := range linux.Syscalls() {
				if _, ok := linux.SyscallNumber(arch, call.Name); !ok {
					continue
				}
				c := filter.Call{Native: linux.AMD64, Arch: arch, Name: call.Name, Args: drawArgs(t)}
				a, b := before.Decide(c), after.Decide(c)
				undecided := (a.Action == filter.Undecided || b.Action == filter.Undecided) && !pastFilters[call.Name]
				if undecided || a.Action != filter.Allow && b.Action == filter.Allow {
					t.Errorf("%s on %s %#x: %v (%s), and when tighter %v (%s)", call.Name, arch, c.Args, a, a.Reason, b, b.Reason)
				}
			}
		}
	})
}

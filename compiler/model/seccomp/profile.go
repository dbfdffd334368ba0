package seccomp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// The places of a profile that decide without a rule for the call.
const (
	placeDefault       = "/defaultAction"
	placeArchitectures = "/architectures"
)

// Profile is the seccomp profile of one container.
type Profile struct {
	// Container is the policy.Container.ID of the container that it is for.
	Container string
	// Name is the profile's name, without a folder and an ending.
	Name string
	// OCI is the profile as the runtime specification has it. Containers with the same settings share it, so it must not be changed.
	OCI *specs.LinuxSeccomp
	// Mappings name places in OCI by JSON pointers.
	Mappings []target.SourceMapping
	// Diagnostics explain what the profile does about calls that a filter cannot see into, and name rules without effect.
	Diagnostics []target.Diagnostic
}

// Profiles gives the profile of each container that a runtime filters, in the order of Policy.Subjects. There are none where one profile
// cannot be made for the platform's architectures. Nobody may change them.
//
// withErrno says that the format can state what a call returns that no rule names. Where the platform's runtime is crun, that is then ENOSYS, so that
// newer libraries can tell calls that nobody thought of from those that are refused: runc does so by itself.
func Profiles(p *policy.Policy, withErrno bool) []Profile {
	arches, why := architectures(p)
	if why != "" {
		return nil
	}
	node, err := nodeOf(p.Platform)
	hidesUnknown := withErrno && err == nil && node.Runtime.IsCrun()
	return policy.Derived(p, profilesKey{hidesUnknown}, func() []Profile { return newProfiles(p, arches, hidesUnknown) })
}

type profilesKey struct{ hidesUnknown bool }

func newProfiles(p *policy.Policy, arches []linux.Architecture, hidesUnknown bool) []Profile {
	var profiles []Profile
	var effects [][]effect // by profile
	built := map[string]emitter{}
	for c := range p.Subjects() {
		if profile.Unprofiled(c) != "" {
			continue
		}
		key := statementsOf(p, c)
		e, ok := built[key]
		if !ok {
			e = build(p, c, arches, hidesUnknown)
			built[key] = e
		}
		profiles = append(profiles, Profile{
			Container: c.ID(), Name: profile.Name(p, c), OCI: e.oci, Mappings: e.mappingsOf(c), Diagnostics: slices.Clone(e.diagnostics),
		})
		effects = append(effects, e.effects)
	}
	for i, notes := range withoutEffect(effects) {
		profiles[i].Diagnostics = append(profiles[i].Diagnostics, notes...)
	}
	return profiles
}

// resolutionOf is what the policy says of the calls of a container. Containers that are told the same have one.
func resolutionOf(p *policy.Policy, c *policy.Container, arches []linux.Architecture) *resolution {
	return policy.Derived(p, resolutionKey{statementsOf(p, c)}, func() *resolution { return resolve(c, arches) })
}

type resolutionKey struct{ statements string }

func statementsOf(p *policy.Policy, c *policy.Container) string {
	return policy.Derived(p, statementsKey{c}, func() string { return statements(c) })
}

type statementsKey struct{ container *policy.Container }

// statements tells apart containers whose profiles or mappings differ.
func statements(c *policy.Container) string {
	var key strings.Builder
	fmt.Fprint(&key, c.Declared())
	for _, id := range controls {
		s := c.Enforced(id)
		fmt.Fprintf(&key, "%s %q %v", id, s.Text, s.Range)
		for _, it := range s.Items {
			fmt.Fprintf(&key, " %q %v %p", it.Key, it.Range, it.Body)
		}
	}
	dropped, any := c.AddsAnyCapability()
	fmt.Fprint(&key, dropped, any)
	return key.String() + strings.Join(c.Capabilities(), " ")
}

// emitter builds one profile. Containers with the same settings share it, all but the container in the mappings.
type emitter struct {
	*resolution
	container *policy.Container
	// hidesUnknown says that a call which no rule names fails as if the kernel did not have it.
	hidesUnknown bool
	rules        []specs.LinuxSyscall
	oci          *specs.LinuxSeccomp
	mappings     []target.SourceMapping
	diagnostics  []target.Diagnostic
	effects      []effect
}

func build(p *policy.Policy, c *policy.Container, arches []linux.Architecture, hidesUnknown bool) emitter {
	e := emitter{container: c, resolution: resolutionOf(p, c, arches)}
	// A multiplexed call is refused by a rule that must differ from the default action.
	e.hidesUnknown = hidesUnknown && !e.all && len(e.closed) == 0 && e.errno() != enosys
	e.oci = e.profile()
	e.diagnostics = append(e.reasons(), e.unlimitedCapabilities(c)...)
	e.effects = e.effectsOf(c)
	return e
}

// mappingsOf gives the mappings for a container.
func (e *emitter) mappingsOf(c *policy.Container) []target.SourceMapping {
	mappings := slices.Clone(e.mappings)
	for i := range mappings {
		mappings[i].Container = c.ID()
	}
	return mappings
}

func (e *emitter) profile() *specs.LinuxSeccomp {
	profile := &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: e.listed()}
	if e.all {
		return profile
	}
	errno := e.errno()
	if e.hidesUnknown {
		errno = enosys
	}
	profile.DefaultAction, profile.DefaultErrnoRet = specs.ActErrno, &errno
	e.defaults()
	e.unconditional()
	e.conditional()
	if e.hidesUnknown {
		e.refusedByName()
	}
	e.refused(errno)
	profile.Syscalls = e.rules
	return profile
}

// listed are the architectures, and, where nothing is refused, those that their kernels also run. Elsewhere programs of another
// architecture end with SIGSYS: what a profile says by name would let them do more (their calls have other names, and hide
// arguments in memory). A policy whose programs need one names it among the platform's.
func (e *emitter) listed() []specs.Arch {
	var names []specs.Arch
	for _, a := range e.arches {
		names = append(names, specs.Arch(a.Seccomp))
		if !e.all {
			continue
		}
		for _, sub := range a.Sub {
			s, _ := linux.LookupArch(string(sub))
			names = append(names, specs.Arch(s.Seccomp))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// errno is what a refused call returns.
func (e *emitter) errno() uint {
	number, ok := linux.Errno(e.container.Enforced(control.SeccompErrno).Text)
	if !ok {
		return eperm
	}
	return uint(number)
}

const (
	eperm  = 1
	enosys = 38
)

// rule adds a rule, and gives its place.
func (e *emitter) rule(r specs.LinuxSyscall) string {
	e.rules = append(e.rules, r)
	return rulePlace(len(e.rules) - 1)
}

func rulePlace(i int) string { return fmt.Sprintf("/syscalls/%d", i) }

func (e *emitter) unconditional() {
	var names []string
	for name, clauses := range e.clauses {
		if unconditional(clauses) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	e.allowOrigin(e.rule(specs.LinuxSyscall{Names: names, Action: specs.ActAllow}))
}

// conditional adds a rule for each clause of each call that has conditions. Calls with the same clauses share rules.
func (e *emitter) conditional() {
	groups := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(e.clauses)) {
		if clauses := e.clauses[name]; !unconditional(clauses) {
			key := fmt.Sprint(clauses)
			groups[key] = append(groups[key], name)
		}
	}
	sorted := slices.SortedFunc(maps.Values(groups), slices.Compare[[]string])
	for _, names := range sorted {
		for _, w := range e.clauses[names[0]] {
			place := e.rule(specs.LinuxSyscall{Names: names, Action: specs.ActAllow, Args: arguments(w)})
			e.allowOrigin(place)
			for _, name := range names {
				e.sources(place, name, e.narrowed[name])
			}
		}
	}
}

// arguments writes conditions so that they compare the 32 bits that the kernel reads. For equality with a value of a list all 64 bits are
// compared: with anything in the upper half the call is refused, which is the safe side where the kernel reads 32 bits, and what the
// list says where it reads 64.
func arguments(w clause) []specs.LinuxSeccompArg {
	var args []specs.LinuxSeccompArg
	for _, c := range w {
		arg := specs.LinuxSeccompArg{Index: uint(c.index), Value: c.value, Op: specs.OpEqualTo}
		if c.mask != allBits {
			arg = specs.LinuxSeccompArg{Index: uint(c.index), Value: c.mask, ValueTwo: c.value, Op: specs.OpMaskedEqual}
		}
		args = append(args, arg)
	}
	return args
}

// refused adds the refusals that have to be rules: with an error of their own, since a rule that does what the default does is dropped
// by runtimes.
func (e *emitter) refused(errno uint) {
	other := uint(enosys)
	if errno == enosys {
		other = eperm
	}
	if names := e.missing(); len(names) > 0 && errno != enosys {
		place := e.rule(specs.LinuxSyscall{Names: names, Action: specs.ActErrno, ErrnoRet: &other})
		e.allowOrigin(place)
		for _, name := range names {
			e.sources(place, name, e.narrowed[name])
		}
	}
	if len(e.closed) > 0 {
		names := slices.Sorted(maps.Keys(e.closed))
		place := e.rule(specs.LinuxSyscall{Names: names, Action: specs.ActErrno, ErrnoRet: &other})
		for _, name := range names {
			e.sources(place, name, e.narrowed[name])
		}
	}
}

// refusedByName adds a rule for the calls that fail with the policy's error where the default action says that the kernel does not have a call.
func (e *emitter) refusedByName() {
	missing := e.missing()
	var names []string
	for _, call := range linux.Syscalls() {
		if e.exists(call.Name) && len(e.clauses[call.Name]) == 0 && !slices.Contains(missing, call.Name) {
			names = append(names, call.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	errno := e.errno()
	place := e.rule(specs.LinuxSyscall{Names: names, Action: specs.ActErrno, ErrnoRet: &errno})
	e.allowOrigin(place)
	for _, name := range names {
		e.sources(place, name, e.narrowed[name])
	}
}

// defaults says where a refusal by the default action comes from: what narrowed the call, as a whole or by the argument that is refused,
// or else that nothing allows it.
func (e *emitter) defaults() {
	e.allowOrigin(placeDefault)
	e.allowOrigin(placeArchitectures)
	for _, name := range slices.Sorted(maps.Keys(e.narrowed)) {
		e.sources(placeDefault, name, e.narrowed[name])
		for index := range 6 {
			e.sources(placeDefault, subjectArgument(name, index), on(e.narrowed[name], index))
		}
	}
	for _, m := range multiplexers { // whose first argument is the call that is meant
		e.sources(placeDefault, subjectArgument(m.name, 0), e.narrowed[m.name])
	}
}

// subjectArgument names one argument of a call as the subject of a finding.
func subjectArgument(call string, index int) string {
	return fmt.Sprintf("%s argument %d", call, index)
}

// on gives those of the sources that have a condition on an argument.
func on(from []source, index int) []source {
	return slices.DeleteFunc(slices.Clone(from), func(s source) bool { return !s.on[index] })
}

// allowOrigin notes that a place comes from seccomp.allow.
func (e *emitter) allowOrigin(place string) {
	e.sources(place, "", []source{{ref: control.Ref{ID: control.SeccompAllow}, at: e.container.Enforced(control.SeccompAllow).Range}})
}

// sources notes where a place, or one call decided there, comes from.
func (e *emitter) sources(place, call string, from []source) {
	for _, s := range from {
		e.mappings = append(e.mappings, target.SourceMapping{Location: place, Subject: call, Control: s.ref, Range: s.at})
	}
}

package seccomp

import (
	"context"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Kinds are the attempts that a profile decides.
func Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindSyscall} }

// Load reads profiles as the runtime of the environment does, or as all do where they name none. An error names the file, the place in it, and its line.
func Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	node, err := nodeOf(environment.Platform)
	if err != nil {
		return nil, err
	}
	j := judge{runtime: node.Runtime, platform: platform.Architectures.Of(environment.Platform)}
	for _, a := range artifacts {
		l := load(a, node)
		if r := l.on(j.native(j.arches(attempt.Syscall{})[0])); r.err != nil {
			return nil, fmt.Errorf("%s: %w", a.Path, r.err)
		}
		j.profiles = append(j.profiles, l)
	}
	if len(j.profiles) == 0 {
		return nil, fmt.Errorf("there is no seccomp profile to judge by")
	}
	return j, nil
}

// load reads a profile for the kernels that read it differently: where Docker's dialect is read and used, those of each architecture.
func load(a target.Artifact, node filter.Node) loaded {
	f, err := filter.Read(a.Body, node)
	l := loaded{a.Path, map[linux.Arch]reading{"": {f, err}}}
	if !node.Runtime.Conditional() || err == nil && !f.Conditional() {
		return l
	}
	for _, arch := range linux.Architectures() {
		if arch.HasTable && host(arch.Arch) == arch.Arch {
			node.Native = arch.Arch
			f, err := filter.Read(a.Body, node)
			l.readings[arch.Arch] = reading{f, err}
		}
	}
	return l
}

// judge answers by profiles that were loaded together.
type judge struct {
	runtime  filter.Runtime
	platform []string // architectures
	profiles []loaded
}

// loaded is a profile, as kernels of each architecture read it; by "" where they read the same.
type loaded struct {
	artifact string
	readings map[linux.Arch]reading
}

type reading struct {
	filter *filter.Filter
	err    error
}

// on is the profile as a kernel of an architecture reads it.
func (l loaded) on(native linux.Arch) reading {
	if r, ok := l.readings[native]; ok {
		return r
	}
	return l.readings[""]
}

// Advice reports what of the profiles has no effect, on the runtime and the node that they were loaded for.
func (j judge) Advice() []target.Finding {
	var findings []target.Finding
	for _, l := range j.profiles {
		f := l.on(j.native(j.arches(attempt.Syscall{})[0])).filter
		for _, n := range slices.Concat(f.Ignored(), f.Unknown(), f.Dropped()) {
			line, column, _ := f.Position(n.Place)
			findings = append(findings, target.Finding{Artifact: l.artifact, Location: n.Place, Message: fmt.Sprintf("%s (line %d, column %d)", n.Why, line, column), Warning: true})
		}
	}
	return findings
}

// Judge asks every profile, on the attempt's architecture or, where it names none, on each of the platform's that has the call. Where the
// answers differ the attempt is undecided.
func (j judge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	call, ok := a.(attempt.Syscall)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable}, nil
	}
	all := target.Verdict{Outcome: target.Inapplicable}
	for _, arch := range j.arches(call) {
		if call.Name != "" && !has(arch, call.Name) {
			continue
		}
		for _, l := range j.profiles {
			outcome, findings := l.decide(filter.Call{Native: j.native(arch), Arch: arch, Name: call.Name, Number: call.Number, Args: call.Args})
			switch all.Outcome {
			case target.Inapplicable, outcome:
				all.Outcome = outcome
			default:
				all.Outcome = target.Undecided
			}
			all.Findings = append(all.Findings, findings...)
		}
	}
	if all.Outcome == target.Inapplicable {
		all.Findings = []target.Finding{{Message: fmt.Sprintf("no architecture in question has the system call %s", call.Name)}}
	}
	return all, nil
}

// arches are the architectures to ask about.
func (j judge) arches(call attempt.Syscall) []linux.Arch {
	names := j.platform
	switch {
	case call.Arch != "":
		names = []string{call.Arch}
	case len(names) == 0, call.Name == "" && slices.Contains(names, string(linux.AMD64)): // a number means one architecture's call
		names = []string{string(linux.AMD64)}
	case call.Name == "":
		names = names[:1]
	}
	var arches []linux.Arch
	for _, name := range names {
		a, _ := linux.LookupArch(name)
		arches = append(arches, a.Arch)
	}
	return arches
}

// native is the architecture of a node that runs calls of this one. Where no runtime is named it is one of the platform, and empty where that
// does not follow.
func (j judge) native(arch linux.Arch) linux.Arch {
	if j.runtime.Name != "" {
		return host(arch)
	}
	if slices.Contains(j.platform, string(arch)) {
		return arch
	}
	for _, name := range j.platform {
		if a, ok := linux.LookupArch(name); ok && slices.Contains(a.Sub, arch) {
			return a.Arch
		}
	}
	return ""
}

// host is the architecture of kernels that run calls of this one beside their own, or this one.
func host(arch linux.Arch) linux.Arch {
	for _, a := range linux.Architectures() {
		if a.HasTable && slices.Contains(a.Sub, arch) {
			return a.Arch
		}
	}
	return arch
}

// has reports whether an architecture has a call, or may have: of one without a table here nothing is known.
func has(arch linux.Arch, name string) bool {
	a, ok := linux.LookupArch(string(arch))
	if !ok || !a.HasTable {
		return true
	}
	_, ok = linux.SyscallNumber(arch, name)
	return ok
}

// outcomes are what becomes of a call by each action. What a tracer or a supervisor decides is not in the profile.
var outcomes = map[filter.Action]target.Outcome{
	filter.Allow: target.Allow, filter.Log: target.Allow,
	filter.Errno: target.Deny, filter.Trap: target.Deny, filter.KillThread: target.Deny, filter.KillProcess: target.Deny,
	filter.Trace: target.Undecided, filter.Notify: target.Undecided,
}

// decide gives one finding, or one for each argument that no rule for the call accepts.
func (l loaded) decide(call filter.Call) (target.Outcome, []target.Finding) {
	r := l.on(call.Native)
	if r.err != nil {
		return target.Undecided, []target.Finding{{Artifact: l.artifact, Subject: name(call), Message: fmt.Sprintf("%s: the profile cannot be read there: %v", call.Arch, r.err)}}
	}
	d := r.filter.Decide(call)
	finding := target.Finding{Artifact: l.artifact, Location: d.Place, Subject: name(call), Message: message(call.Arch, d)}
	if d.Place != "" {
		line, column, _ := r.filter.Position(d.Place)
		finding.Message += fmt.Sprintf(" (line %d, column %d)", line, column)
	}
	if len(d.Failed) == 0 {
		return outcomes[d.Action], []target.Finding{finding}
	}
	var findings []target.Finding
	for _, index := range d.Failed {
		finding.Subject = subjectArgument(name(call), index)
		findings = append(findings, finding)
	}
	return outcomes[d.Action], findings
}

// name is what a finding calls its subject: the call's name, where its number has one.
func name(call filter.Call) string {
	if call.Name != "" {
		return call.Name
	}
	name, _ := linux.SyscallName(call.Arch, call.Number)
	return name
}

func message(arch linux.Arch, d filter.Decision) string {
	if d.Action == filter.Undecided {
		return fmt.Sprintf("%s: %s", arch, d.Reason)
	}
	return fmt.Sprintf("%s on %s: %s", d, arch, d.Reason)
}

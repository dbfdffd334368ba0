package seccomp

import (
	"context"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp/filter"
)

// Kinds are the attempts that a profile decides.
func (Target) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindSyscall} }

// Load reads profiles. An error names the file and the place in it.
func (Target) Load(conditions target.Conditions, artifacts []target.Artifact) (target.Judge, error) {
	j := judge{platform: conditions.Architectures}
	for _, a := range artifacts {
		f, err := filter.Parse(a.Body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Path, err)
		}
		j.profiles = append(j.profiles, loaded{a.Path, f})
	}
	if len(j.profiles) == 0 {
		return nil, fmt.Errorf("there is no seccomp profile to judge by")
	}
	return j, nil
}

// judge answers by profiles that were loaded together.
type judge struct {
	platform []string // architectures
	profiles []loaded
}

type loaded struct {
	artifact string
	filter   *filter.Filter
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

// native is the architecture of a node of the platform that runs calls of this one; empty where that does not follow.
func (j judge) native(arch linux.Arch) linux.Arch {
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
	d := l.filter.Decide(call)
	finding := target.Finding{Artifact: l.artifact, Place: d.Place, Subject: name(call), Message: message(call.Arch, d)}
	if d.Place != "" {
		line, column, _ := l.filter.Position(d.Place)
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

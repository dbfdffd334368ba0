package seccomp

import (
	"fmt"
	"slices"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// mobyArches are the names that moby gives architectures where they are not Go's.
var mobyArches = map[linux.Arch]string{linux.I386: "x86"}

// runtimeDefault gives how moby's default profile allows each call, to a container of these capabilities (the bounding set) on these
// architectures. Where the profile allows a call by arguments on some of the architectures only (clone has its flags
// elsewhere on s390x), the call is left out and named in the second result.
func runtimeDefault(capabilities []string, arches []linux.Architecture) (clauses map[string][]clause, inexpressible string) {
	clauses = map[string][]clause{}
	for _, call := range control.RuntimeDefault().Syscalls {
		if call.Action != specs.ActAllow || !appliesTo(call, capabilities) {
			continue
		}
		on := 0
		for _, a := range arches {
			if onArch(call, a.Arch) {
				on++
			}
		}
		if on == 0 {
			continue
		}
		if on < len(arches) && len(call.Args) > 0 {
			inexpressible = call.Names[0]
			continue
		}
		allowed := mobyClauses(call.Args)
		for _, name := range call.Names {
			clauses[name] = slices.Concat(clauses[name], allowed)
		}
	}
	for name := range clauses {
		clauses[name] = simplify(clauses[name])
	}
	if len(clauses[inexpressible]) > 0 && unconditional(clauses[inexpressible]) {
		inexpressible = ""
	}
	return clauses, inexpressible
}

// absentByDefault are the calls that moby's profile has fail as if the kernel did not have them.
func absentByDefault(capabilities []string, arches []linux.Architecture) map[string]bool {
	names := map[string]bool{}
	for _, call := range control.RuntimeDefault().Syscalls {
		on := func(a linux.Architecture) bool { return onArch(call, a.Arch) }
		if call.Action == specs.ActErrno && call.ErrnoRet != nil && *call.ErrnoRet == enosys && appliesTo(call, capabilities) && slices.ContainsFunc(arches, on) {
			for _, name := range call.Names {
				names[name] = true
			}
		}
	}
	return names
}

// appliesTo reports whether the capabilities are those that a rule wants: all that it includes, none that it excludes. A rule's least kernel
// version, 4.8 in every case, is taken for granted: Kubernetes has not run on older ones for years.
func appliesTo(call *seccomp.Syscall, capabilities []string) bool {
	has := func(name string) bool { return slices.Contains(capabilities, name[len("CAP_"):]) }
	if f := call.Includes; f != nil && slices.ContainsFunc(f.Caps, func(c string) bool { return !has(c) }) {
		return false
	}
	return call.Excludes == nil || !slices.ContainsFunc(call.Excludes.Caps, has)
}

func onArch(call *seccomp.Syscall, arch linux.Arch) bool {
	name, ok := mobyArches[arch]
	if !ok {
		name = string(arch)
	}
	if f := call.Includes; f != nil && len(f.Arches) > 0 && !slices.Contains(f.Arches, name) {
		return false
	}
	return call.Excludes == nil || !slices.Contains(call.Excludes.Arches, name)
}

// mobyClauses gives the clauses of a rule's conditions. "Less than n" becomes a list of the values below: a profile of ours compares
// for equality alone.
func mobyClauses(args []specs.LinuxSeccompArg) []clause {
	clauses := []clause{{}}
	for _, arg := range args {
		var list []clause
		switch arg.Op {
		case specs.OpEqualTo:
			list = []clause{{condition{int(arg.Index), allBits, arg.Value}}}
		case specs.OpMaskedEqual:
			list = []clause{{condition{int(arg.Index), arg.Value & lowBits, arg.ValueTwo}}}
		case specs.OpLessThan:
			for v := range arg.Value {
				list = append(list, clause{condition{int(arg.Index), allBits, v}})
			}
		default:
			panic(fmt.Sprintf("seccomp: moby's profile has a comparison that is not understood: %s", arg.Op))
		}
		var ok bool
		if clauses, ok = intersect(clauses, list); !ok {
			panic("seccomp: moby's profile has a rule that takes too many of ours")
		}
	}
	return clauses
}

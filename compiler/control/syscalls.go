package control

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

//go:generate go run ./gen

//go:embed runtime-default.json
var runtimeDefaultJSON []byte

// RuntimeDefault gives the profile that "@runtime-default" stands for: moby's
// default in Docker's dialect, at the version of moby/profiles in go.mod.
var RuntimeDefault = sync.OnceValue(func() *seccomp.Seccomp {
	profile := new(seccomp.Seccomp)
	if err := json.Unmarshal(runtimeDefaultJSON, profile); err != nil {
		panic("policy: the embedded default profile is broken: " + err.Error())
	}
	return profile
})

// Names of sets of calls that the table of package linux does not resolve: what
// the first contains depends on a container's capabilities.
const (
	RuntimeDefaultSet = linux.SetRuntimeDefault
	AnyCall           = linux.SetAll
)

// alwaysAllowed are the calls that the runtime's default allows whatever the
// container's capabilities, on the architectures that policies usually name.
var alwaysAllowed = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, call := range RuntimeDefault().Syscalls {
		if call.Action != specs.ActAllow || len(call.Args) > 0 || call.Includes != nil && (len(call.Includes.Caps) > 0 || len(call.Includes.Arches) > 0) {
			continue
		}
		for _, name := range call.Names {
			names[name] = true
		}
	}
	return names
})

// ExpandCalls replaces named sets by their members. "@runtime-default" and "*"
// stay as they are.
func ExpandCalls(items []Item) []Item {
	var out []Item
	for _, it := range items {
		members, ok := linux.Set(it.Key)
		if !ok {
			out = append(out, it)
			continue
		}
		for _, name := range members {
			out = append(out, Item{Key: name, Range: it.Range})
		}
	}
	return Value{Items: out}.Sorted().Items
}

// callCovers reports whether a call, or the set "@runtime-default", is within
// one element of a list.
func callCovers(outer, inner Item) bool {
	return outer.Key == inner.Key || outer.Key == AnyCall ||
		outer.Key == RuntimeDefaultSet && alwaysAllowed()[inner.Key]
}

func callNames() []string {
	names := linux.Sets()
	for _, call := range linux.Syscalls() {
		names = append(names, call.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// level is a kind of object in a profile, by the keys that it may have.
type level struct {
	keys       []string // of the OCI runtime specification, and comments, which mean nothing to a runtime
	docker     []string // of Docker's dialect, which containers-common reads too, but for minKernel
	containers []string // of containers-common alone
}

var (
	profileLevel = level{
		keys:       []string{"architectures", "comment", "defaultAction", "defaultErrnoRet", "flags", "listenerMetadata", "listenerPath", "syscalls"},
		docker:     []string{"archMap"},
		containers: []string{"defaultErrno"},
	}
	syscallLevel = level{
		keys:       []string{"action", "args", "comment", "errnoRet", "names"},
		docker:     []string{"excludes", "includes", "name"},
		containers: []string{"errno"},
	}
	argumentLevel = level{keys: []string{"index", "op", "value", "valueTwo"}}
	filterLevel   = level{docker: []string{"arches", "caps", "minKernel"}}
	archMapLevel  = level{docker: []string{"architecture", "subArchitectures"}}
)

// passedOver are the keys of Docker's dialect and of containers-common, with what becomes of a profile under a runtime that does not read
// them: it passes over them in silence.
var passedOver = map[string]string{
	"archMap":      "the node's own architecture alone is covered, and calls of any other end the thread",
	"defaultErrno": "the error is the one of defaultErrnoRet, or EPERM",
	"errno":        "the error is the one of errnoRet, or EPERM",
	"excludes":     "the rule holds for every container",
	"includes":     "the rule holds for every container",
	"minKernel":    "the rule holds whatever the kernel",
	"name":         "the rule names no system call, and does nothing",
}

// checkKeys checks that a value is an object, and that its keys are known. It makes a note of those that the runtime passes over; where no runtime
// is named they are an error, because runtimes differ.
func (f *Filter) checkKeys(n *node, l level) error {
	if n.kind != '{' {
		return wrong(n.place, "must be an object, is %s", n.kindName())
	}
	for i, key := range n.keys {
		effect, special := passedOver[key]
		switch {
		case f.node.reads(l, key):
		case special && f.node.Runtime.Name == "":
			return wrong(n.items[i].place, "%q is of Docker's dialect of seccomp profiles, which OCI runtimes pass over in silence; "+
				"name the runtime that reads the profile (--runtime), or resolve it for one architecture and set of capabilities", key)
		case special && (slices.Contains(l.docker, key) || slices.Contains(l.containers, key)):
			f.ignored = append(f.ignored, Note{n.items[i].place, fmt.Sprintf("%s passes over %q: %s", f.node.Runtime.Name, key, effect)})
		default:
			known := slices.DeleteFunc(slices.Concat(l.keys, l.docker, l.containers), func(k string) bool { return !f.node.reads(l, k) })
			slices.Sort(known)
			return wrong(n.items[i].place, "the key %q is not one of %s", key, strings.Join(known, ", "))
		}
	}
	return nil
}

// read returns a member, unless the runtime passes over it.
func (f *Filter) read(n *node, l level, key string) *node {
	if !f.node.reads(l, key) {
		return nil
	}
	return n.member(key)
}

// dockerArch is what the runtime's loader calls the node's architecture, in includes and excludes.
func (n Node) dockerArch() string {
	switch {
	case n.Native == linux.I386:
		return "x86"
	case n.Native == linux.LOONG64 && n.Runtime.dialect == docker:
		return "loongarch64"
	}
	return string(n.Native)
}

// mapped says whether the loader looks an architecture up in archMap. Neither knows all: for the others it leaves the list empty, and
// the node's own architecture alone is covered.
func (n Node) mapped() bool {
	if n.Runtime.dialect == containers {
		return slices.Contains([]linux.Arch{linux.AMD64, linux.ARM64, linux.S390X}, n.Native)
	}
	return n.Native != linux.LOONG64
}

// readArchMap takes the architectures that go with the node's own.
func (f *Filter) readArchMap(root *node) error {
	if f.read(root, profileLevel, "archMap") == nil {
		return nil
	}
	f.conditional = true
	entries, err := list(root, "archMap")
	if err != nil {
		return err
	}
	if a := root.member("architectures"); a != nil && len(a.items) > 0 && len(entries) > 0 {
		return wrong("/archMap", "architectures stands beside it; %s takes one of the two and refuses both: remove one", f.node.Runtime.Name)
	}
	for _, n := range entries {
		if err := f.checkKeys(n, archMapLevel); err != nil {
			return err
		}
		name, err := text(n, "architecture")
		if err != nil {
			return err
		}
		own, err := f.arch(name, n.place+"/architecture")
		if err != nil {
			return err
		}
		subs, err := texts(n, "subArchitectures", false)
		if err != nil {
			return err
		}
		taken := f.archPlace == "" && own == f.node.Native && f.node.mapped()
		if taken {
			f.arches[own], f.archPlace = true, n.place
		}
		for i, name := range subs {
			sub, err := f.arch(name, fmt.Sprintf("%s/subArchitectures/%d", n.place, i))
			if err != nil {
				return err
			}
			if taken {
				f.arches[sub] = true
			}
		}
	}
	if f.archPlace == "" {
		f.archPlace = "/archMap"
		f.ignored = append(f.ignored, Note{"/archMap", fmt.Sprintf("%s takes nothing from it on %s: the node's own architecture alone is covered", f.node.Runtime.Name, f.node.Native)})
	}
	return nil
}

// holds says whether a rule is for the node and the container: all that it includes, nothing that it excludes.
func (f *Filter) holds(n *node) (bool, error) {
	held := true
	for _, key := range []string{"excludes", "includes"} {
		part := f.read(n, syscallLevel, key)
		if part == nil {
			continue
		}
		f.conditional = true
		if err := f.checkKeys(part, filterLevel); err != nil {
			return false, err
		}
		facts, err := f.facts(part)
		if err != nil {
			return false, err
		}
		if key == "includes" && slices.Contains(facts, false) {
			held = false
		}
		// Of capabilities one that is held is enough to be excluded, and so is the architecture and the kernel.
		if key == "excludes" && slices.Contains(facts, true) {
			held = false
		}
	}
	return held, nil
}

// facts says of each capability, of the architectures together, and of the kernel whether they are the container's and the node's.
func (f *Filter) facts(part *node) ([]bool, error) {
	var facts []bool
	caps, err := texts(part, "caps", false)
	if err != nil {
		return nil, err
	}
	for i, name := range caps {
		bare, prefixed := strings.CutPrefix(name, "CAP_")
		if _, ok := linux.LookupCapability(bare); !ok || !prefixed {
			f.ignored = append(f.ignored, Note{fmt.Sprintf("%s/caps/%d", part.place, i), fmt.Sprintf("no container has the capability %q: they are written as in CAP_SYS_ADMIN", name)})
		}
		facts = append(facts, prefixed && slices.Contains(f.node.Capabilities, bare))
	}
	arches, err := texts(part, "arches", false)
	if err != nil {
		return nil, err
	}
	if len(arches) > 0 {
		facts = append(facts, slices.Contains(arches, f.node.dockerArch()))
	}
	if m := f.read(part, filterLevel, "minKernel"); m != nil {
		least, err := text(part, "minKernel")
		if err != nil {
			return nil, err
		}
		if !kernelText(least) {
			return nil, wrong(m.place, "%q is not a kernel version such as \"4.8\"", least)
		}
		facts = append(facts, f.node.Kernel == "" || linux.CompareKernels(f.node.Kernel, least) >= 0)
	}
	return facts, nil
}

// kernelText says whether Docker reads a text as a kernel version: two numbers of eight bits, not both zero, or nothing, which is any.
func kernelText(s string) bool {
	if s == "" {
		return true
	}
	major, minor, _ := strings.Cut(s, ".")
	a, err := strconv.ParseUint(major, 10, 8)
	b, err2 := strconv.ParseUint(minor, 10, 8)
	return err == nil && err2 == nil && a+b > 0
}

// names gives the system calls of a rule, and where each stands.
func (f *Filter) names(n *node) (names, places []string, err error) {
	if single := f.read(n, syscallLevel, "name"); single != nil && single.value != "" {
		if m := n.member("names"); m != nil && len(m.items) > 0 {
			return nil, nil, wrong(single.place, "names stands beside it; %s takes one of the two and refuses both: remove one", f.node.Runtime.Name)
		}
		name, err := text(n, "name")
		return []string{name}, []string{single.place}, err
	}
	ignored := n.member("name") != nil
	if names, err = texts(n, "names", !ignored); err != nil {
		return nil, nil, err
	}
	for i := range names {
		places = append(places, fmt.Sprintf("%s/names/%d", n.place, i))
	}
	return names, places, nil
}

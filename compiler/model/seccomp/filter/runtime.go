package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Runtime is what reads a profile on a node and makes libseccomp's rules of it. The zero Runtime is none in particular: then a profile has to
// be plain OCI, which all of them read alike.
type Runtime struct {
	Name string // as ParseRuntime knows it
	// dialect says which keys beyond OCI's are read.
	dialect dialect
	// runc says that runc sets the filter, with its stub before it; otherwise it is crun.
	runc bool
	// version is the release in three numbers, where one is given.
	version   [3]int
	versioned bool
	// capabilities are those of a container that asks for nothing, without CAP_.
	capabilities []string
}

// dialect is a form of seccomp profiles.
type dialect int

const (
	plain      dialect = iota // OCI's: whatever else is there is passed over
	docker                    // moby's loader
	containers                // the one of containers-common
)

// runtimes are as their sources have them: moby (daemon, profiles/seccomp), containerd (contrib/seccomp: the file goes into a LinuxSeccomp as it
// is, for Localhost profiles, nerdctl and ctr alike), CRI-O and Podman (containers-common, pkg/seccomp).
var runtimes = []Runtime{
	{Name: "containerd", runc: true, capabilities: linux.RuntimeDefaultCapabilities()},
	{Name: "cri-o", dialect: containers, capabilities: []string{
		"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID"}},
	{Name: "crun", capabilities: linux.RuntimeDefaultCapabilities()},
	{Name: "docker", dialect: docker, runc: true, capabilities: linux.RuntimeDefaultCapabilities()},
	{Name: "podman", dialect: containers, capabilities: []string{
		"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}},
	{Name: "runc", runc: true, capabilities: linux.RuntimeDefaultCapabilities()},
}

// crunSince is the release of CRI-O that made crun its default; earlier ones come with runc.
const crunSince = "1.31"

// ParseRuntime finds a runtime by its name, after which a version may stand: "containerd 2.0". The name is one of containerd, cri-o (or crio),
// crun, docker, podman and runc. An empty text is the zero Runtime.
func ParseRuntime(text string) (Runtime, error) {
	if text == "" {
		return Runtime{}, nil
	}
	name, version, _ := strings.Cut(text, " ")
	if name == "crio" {
		name = "cri-o"
	}
	var names []string
	for _, r := range runtimes {
		names = append(names, r.Name)
		if r.Name != name {
			continue
		}
		if version != "" {
			two := strings.TrimPrefix(version, "v")
			if !strings.Contains(two, ".") {
				two += ".0"
			}
			if _, ok := linux.KernelVersion(two); !ok {
				return Runtime{}, fmt.Errorf("%q is not a version of %s; one is written as in %q", version, name, name+" 2.0")
			}
			r.version, r.versioned = release(two), true
			r.runc = r.runc || name == "cri-o" && linux.CompareKernels(two, crunSince) < 0
		}
		return r, nil
	}
	return Runtime{}, fmt.Errorf("no runtime is called %q; there are %s", name, strings.Join(names, ", "))
}

// release reads up to three numbers of a version; what is not there is 0.
func release(text string) (numbers [3]int) {
	for i, part := range strings.SplitN(text, ".", 3) {
		if end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			part = part[:end]
		}
		numbers[i], _ = strconv.Atoi(part)
	}
	return numbers
}

// IsCrun says whether the runtime is named and has crun set the filter.
func (r Runtime) IsCrun() bool { return r.Name != "" && !r.runc }

// Conditional says whether the runtime reads conditions on the node and the container in a profile.
func (r Runtime) Conditional() bool { return r.dialect != plain }

// Node is where a profile takes effect. The zero Node is any: no runtime in particular, and the newest of everything.
type Node struct {
	Runtime Runtime
	Native  linux.Arch // of the kernel; Docker's dialect depends on it. Empty: amd64 where a Runtime is given, otherwise Call tells
	// Capabilities are the container's bounding set, without CAP_. Nil: what the runtime gives a container that asks for nothing.
	Capabilities []string
	Kernel       string // "6.1"; empty: the newest
	Libseccomp   string // release, "2.5.4"; empty: one that knows every call known here
}

// check refuses what is not known, and fills in what the runtime decides.
func (n Node) check() (Node, error) {
	for _, name := range n.Capabilities {
		if _, ok := linux.LookupCapability(name); !ok {
			return n, fmt.Errorf("no capability is called %q; they are written as in SYS_ADMIN", name)
		}
	}
	if n.Capabilities == nil {
		n.Capabilities = n.Runtime.capabilities
	}
	if _, ok := linux.KernelVersion(n.Kernel); n.Kernel != "" && !ok {
		return n, fmt.Errorf("%q is not a kernel version such as \"6.1\"", n.Kernel)
	}
	if known := linux.Libseccomp(); n.Libseccomp != "" && !slices.Contains(known, n.Libseccomp) {
		return n, fmt.Errorf("the system calls that libseccomp %q knows are not known here; those of %s are", n.Libseccomp, strings.Join(known, ", "))
	}
	if n.Native == "" && n.Runtime.Name != "" {
		n.Native = linux.AMD64
	}
	return n, nil
}

// reads says whether the node's runtime reads a key at some place in a profile.
func (n Node) reads(l level, key string) bool {
	return slices.Contains(l.keys, key) || n.Runtime.dialect != plain && slices.Contains(l.docker, key) && !(n.Runtime.dialect == containers && key == "minKernel") ||
		n.Runtime.dialect == containers && slices.Contains(l.containers, key)
}

// knows says whether the node's libseccomp knows a system call's name.
func (n Node) knows(name string) bool {
	if n.Libseccomp != "" {
		return linux.LibseccompKnows(n.Libseccomp, name)
	}
	_, ok := linux.LookupSyscall(name)
	return ok
}

package linux

import (
	"slices"
	"strconv"
	"strings"
)

// libseccomp lists its releases with the last kernel whose calls their tables hold. Distributions add to old releases:
// Debian 12's 2.5.4 has the calls that 2.5.5 has. That is not counted, so what is said of a release holds for all of its builds.
var libseccomp = []struct {
	release string
	kernel  string   // from the release notes, "Update the syscall table for Linux ..."; a release candidate has all of its kernel's calls
	without []string // calls of these kernels that the table does not have
}{
	{"2.5.4", "5.17", nil},
	{"2.5.5", "6.7", []string{"riscv_hwprobe"}},
	{"2.5.6", "6.13", nil},
	{"2.6.0", "6.13", nil},
	{"2.6.1", "7.1", nil},
}

// Libseccomp returns the releases of libseccomp of which LibseccompKnows can tell, the oldest first.
func Libseccomp() []string {
	var releases []string
	for _, l := range libseccomp {
		releases = append(releases, l.release)
	}
	return releases
}

// LibseccompKnows says whether a release of libseccomp knows a system call's name; where it does not, runtimes pass over the name. It is
// false of a release that Libseccomp does not list. A name of unknown age is taken for an old one.
func LibseccompKnows(release, name string) bool {
	call, ok := LookupSyscall(name)
	if !ok {
		return false
	}
	for _, l := range libseccomp {
		if l.release == release {
			return CompareKernels(call.Since, l.kernel) <= 0 && !slices.Contains(l.without, name)
		}
	}
	return false
}

// CompareKernels orders kernel versions such as "5.17" and "6.1.0-49-amd64" by their first two numbers; "" is before all. It is negative when a is
// older than b.
func CompareKernels(a, b string) int {
	x, _ := KernelVersion(a)
	y, _ := KernelVersion(b)
	return slices.Compare(x[:], y[:])
}

// KernelVersion reads the first two numbers of a kernel version or release.
func KernelVersion(text string) (version [2]int, ok bool) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return version, false
	}
	minor := parts[1]
	if end := strings.IndexFunc(minor, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		minor = minor[:end]
	}
	for i, part := range []string{parts[0], minor} {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return [2]int{}, false
		}
		version[i] = int(n)
	}
	return version, true
}

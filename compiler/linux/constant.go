package linux

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// personalities are of sys/personality.h, which golang.org/x/sys does not have.
var personalities = map[string]uint64{
	"PER_LINUX": 0x0000, "PER_BSD": 0x0006, "PER_LINUX32": 0x0008, "PER_LINUX_32BIT": 0x0800000, "PER_LINUX32_3GB": 0x8000008,
	"UNAME26": 0x0020000, "ADDR_NO_RANDOMIZE": 0x0040000, "FDPIC_FUNCPTRS": 0x0080000, "MMAP_PAGE_ZERO": 0x0100000,
	"ADDR_COMPAT_LAYOUT": 0x0200000, "READ_IMPLIES_EXEC": 0x0400000, "ADDR_LIMIT_32BIT": 0x0800000,
	"SHORT_INODE": 0x1000000, "WHOLE_SECONDS": 0x2000000, "STICKY_TIMEOUTS": 0x4000000, "ADDR_LIMIT_3GB": 0x8000000,
}

// Constant is the value of a named constant that is passed as a system call's argument: CLONE_*, AF_*, SOCK_*, PTRACE_*, PR_*,
// personalities and so on. Only those are known that are the same on every architecture here, since a policy is written once for
// all of them: SOCK_STREAM is, O_DIRECTORY is not.
func Constant(name string) (uint64, bool) {
	if value, ok := personalities[name]; ok {
		return value, true
	}
	value, ok := constants()[name]
	return value, ok
}

// Constants returns the name of every constant that Constant knows, sorted.
func Constants() []string {
	names := make([]string, 0, len(constants())+len(personalities))
	for name := range constants() {
		names = append(names, name)
	}
	for name := range personalities {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Errno is an error number by name ("EPERM"), as every architecture here numbers it.
func Errno(name string) (int, bool) {
	value, ok := errnos()[name]
	return int(value), ok
}

// Family is the number of an address family by the name that address_families(7), AppArmor and the policy language use: "unix"
// for AF_UNIX, "inet6" for AF_INET6, and the aliases "local", "file" (unix) and "route" (netlink).
func Family(name string) (int, bool) {
	if name == "unspec" || name != strings.ToLower(name) {
		return 0, false
	}
	constant := "AF_" + strings.ToUpper(name)
	if name == "decnet" { // the one that the kernel writes in mixed case
		constant = "AF_DECnet"
	}
	value, ok := constants()[constant]
	return int(value), ok
}

// ParseArgument reads an argument of a system call: a number in any of C's
// notations, or names of constants joined by "|".
func ParseArgument(s string) (uint64, error) {
	if n, err := strconv.ParseUint(s, 0, 64); err == nil {
		return n, nil
	}
	var v uint64
	for _, name := range strings.Split(s, "|") {
		c, ok := Constant(strings.TrimSpace(name))
		if !ok {
			return 0, fmt.Errorf("no constant is called %q", strings.TrimSpace(name))
		}
		v |= c
	}
	return v, nil
}

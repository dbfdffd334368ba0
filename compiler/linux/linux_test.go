package linux

import (
	"slices"
	"strings"
	"testing"
)

func TestCapabilities(t *testing.T) {
	list := Capabilities()
	if len(list) != 41 {
		t.Errorf("%d capabilities, want the 41 that Linux has had since 5.9", len(list))
	}
	for i, c := range capabilities {
		if c.Number != i {
			t.Errorf("%s has number %d at place %d", c.Name, c.Number, i)
		}
		if c.Since == "" {
			t.Errorf("%s has no kernel version", c.Name)
		}
	}
	if !slices.IsSortedFunc(list, func(a, b Capability) int { return compare(a.Name, b.Name) }) {
		t.Error("not sorted by name")
	}
	if c, ok := LookupCapability("CHECKPOINT_RESTORE"); !ok || c.Number != 40 {
		t.Errorf("CHECKPOINT_RESTORE is %v, %v", c, ok)
	}
	for _, name := range []string{"", "CAP_CHOWN", "chown", "ALL"} {
		if _, ok := LookupCapability(name); ok {
			t.Errorf("%q is taken for a capability", name)
		}
	}
	defaults := RuntimeDefaultCapabilities()
	if len(defaults) != 14 || !slices.IsSorted(defaults) {
		t.Errorf("runtime default %v: want 14, sorted", defaults)
	}
	for _, name := range defaults {
		if _, ok := LookupCapability(name); !ok {
			t.Errorf("%s of the runtime default is no capability", name)
		}
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestListsAreTheCallers(t *testing.T) {
	RuntimeDefaultCapabilities()[0] = "changed"
	Capabilities()[0].Name = "changed"
	Syscalls()[0].Name = "changed"
	amd64, _ := LookupArch("amd64")
	amd64.Sub[0] = "changed"
	for _, a := range Architectures() {
		if len(a.Sub) > 0 {
			a.Sub[0] = "changed"
		}
	}
	again, _ := LookupArch("amd64")
	if RuntimeDefaultCapabilities()[0] == "changed" || Capabilities()[0].Name == "changed" || Syscalls()[0].Name == "changed" ||
		slices.Contains(again.Sub, "changed") {
		t.Error("a caller's change reaches the tables")
	}
}

func TestArchitectures(t *testing.T) {
	for _, name := range []string{"amd64", "SCMP_ARCH_X86_64", "x86_64"} {
		if a, ok := LookupArch(name); !ok || a.Arch != AMD64 {
			t.Errorf("LookupArch(%q) = %v, %v", name, a.Arch, ok)
		}
	}
	for _, name := range []string{"", "amd", "AMD64", "x86-64"} {
		if a, ok := LookupArch(name); ok {
			t.Errorf("LookupArch(%q) = %v", name, a.Arch)
		}
	}
	seen := map[string]bool{}
	for _, a := range Architectures() {
		for _, name := range []string{string(a.Arch), a.Seccomp} {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
		if _, ok := SyscallNumber(a.Arch, "read"); ok != a.HasTable {
			t.Errorf("%s: has a table: %v, knows read: %v", a.Arch, a.HasTable, ok)
		}
		for _, sub := range a.Sub {
			if _, ok := LookupArch(string(sub)); !ok {
				t.Errorf("%s runs %s, which is no architecture", a.Arch, sub)
			}
		}
	}
}

// The expected numbers are those of arch/*/entry/syscalls/*.tbl and of asm-generic/unistd.h.
func TestSyscallNumbers(t *testing.T) {
	tests := []struct {
		arch Arch
		name string
		want int
	}{
		{AMD64, "read", 0}, {AMD64, "socket", 41}, {AMD64, "uretprobe", 335}, {AMD64, "mseal", 462},
		{X32, "read", 0}, {X32, "execve", 520}, {X32, "mseal", 462},
		{I386, "socketcall", 102}, {I386, "socket", 359}, {I386, "ipc", 117},
		{ARM64, "read", 63}, {ARM64, "clone3", 435},
		{ARM, "socket", 281}, {ARM, "set_tls", 0xf0005}, {ARM, "arm_fadvise64_64", 270}, {ARM, "sync_file_range2", 341},
		{S390X, "socket", 359}, {S390X, "s390_sthyi", 380},
		{PPC64LE, "socketcall", 102}, {PPC64LE, "swapcontext", 249},
		{RISCV64, "riscv_hwprobe", 258}, {LOONG64, "read", 63},
	}
	for _, test := range tests {
		if nr, ok := SyscallNumber(test.arch, test.name); !ok || nr != test.want {
			t.Errorf("%s on %s is %d, %v: want %d", test.name, test.arch, nr, ok, test.want)
		}
	}
	absent := []struct {
		arch Arch
		name string
	}{
		{AMD64, "socketcall"}, {AMD64, "nonesuch"}, {AMD64, ""}, {ARM64, "open"}, {X32, "map_shadow_stack"}, {X32, "uretprobe"},
		{S390X, "sync_file_range2"}, {"mips", "read"}, {"", "read"},
	}
	for _, test := range absent {
		if nr, ok := SyscallNumber(test.arch, test.name); ok {
			t.Errorf("%s on %q is %d: want none", test.name, test.arch, nr)
		}
	}
}

func TestSyscallNamesInvertNumbers(t *testing.T) {
	for arch, numbers := range syscalls().numbers {
		if len(numbers) < 300 {
			t.Errorf("%s has only %d calls", arch, len(numbers))
		}
		for name, nr := range numbers {
			back, _ := SyscallName(arch, nr)
			if again, _ := SyscallNumber(arch, back); again != nr {
				t.Errorf("%s: %s is %d, which is %s, which is %d", arch, name, nr, back, again)
			}
			if back != name && arch != ARM {
				t.Errorf("%s: number %d is both %s and %s", arch, nr, name, back)
			}
		}
	}
	if name, ok := SyscallName(AMD64, -1); ok {
		t.Errorf("-1 is %s", name)
	}
}

func TestSyscallVersions(t *testing.T) {
	for name, want := range map[string]string{
		"read": "1.0", "bpf": "3.18", "clone3": "5.3", "cachestat": "6.5", "mseal": "6.10", "futex_time64": "5.1", "ulimit": "",
	} {
		if c, ok := LookupSyscall(name); !ok || c.Since != want {
			t.Errorf("%s is of %q, %v: want %q", name, c.Since, ok, want)
		}
	}
	if !slices.IsSortedFunc(Syscalls(), func(a, b Syscall) int { return compare(a.Name, b.Name) }) {
		t.Error("not sorted by name")
	}
}

func TestConstants(t *testing.T) {
	for name, want := range map[string]uint64{
		"CLONE_NEWUSER": 0x10000000, "AF_ALG": 38, "AF_VSOCK": 40, "SOCK_STREAM": 1, "SOCK_NONBLOCK": 0x800, "PTRACE_ATTACH": 16,
		"PER_LINUX32": 8, "PR_SET_NO_NEW_PRIVS": 38, "TIOCSTI": 0x5412, "BPF_PROG_LOAD": 5,
	} {
		if got, ok := Constant(name); ok && got != want {
			t.Errorf("%s is %#x, want %#x", name, got, want)
		} else if !ok && name != "TIOCSTI" { // PowerPC has another terminal layer
			t.Errorf("%s is not known", name)
		}
	}
	for _, name := range []string{"", "O_DIRECTORY", "EPERM", "AF_MAX"} {
		if got, ok := Constant(name); ok {
			t.Errorf("%s is %#x: want none", name, got)
		}
	}
	if names := Constants(); !slices.IsSorted(names) || len(names) < 1000 {
		t.Errorf("%d names, sorted %v", len(names), slices.IsSorted(names))
	}
}

func TestErrnos(t *testing.T) {
	for name, want := range map[string]int{"EPERM": 1, "ENOSYS": 38, "EACCES": 13, "EAFNOSUPPORT": 97, "EHWPOISON": 133} {
		if got, ok := Errno(name); !ok || got != want {
			t.Errorf("%s is %d, %v: want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "perm", "EOK", "ECHO", "EPOLLIN"} {
		if got, ok := Errno(name); ok {
			t.Errorf("%q is %d: want none", name, got)
		}
	}
}

func TestFamilies(t *testing.T) {
	for name, want := range map[string]int{
		"unix": 1, "local": 1, "inet": 2, "inet6": 10, "netlink": 16, "packet": 17, "alg": 38, "vsock": 40, "decnet": 12,
	} {
		if got, ok := Family(name); !ok || got != want {
			t.Errorf("%s is %d, %v: want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "UNIX", "AF_UNIX", "unspec", "max"} {
		if got, ok := Family(name); ok {
			t.Errorf("%q is %d: want none", name, got)
		}
	}
	numbers := map[int]string{}
	for _, name := range families() {
		nr, ok := Family(name)
		if !ok || numbers[nr] != "" {
			t.Errorf("%s is %d, %v; so is %q", name, nr, ok, numbers[nr])
		}
		numbers[nr] = name
	}
}

func TestSets(t *testing.T) {
	names := Sets()
	if !slices.IsSorted(names) {
		t.Error("not sorted")
	}
	for _, name := range names {
		if !IsSet(name) || SetMeaning(name) == "" {
			t.Errorf("%s: is a set %v, means %q", name, IsSet(name), SetMeaning(name))
		}
		calls, ok := Set(name)
		if opaque := name == SetAll || name == SetRuntimeDefault; ok == opaque {
			t.Errorf("%s has calls: %v", name, ok)
		}
		if len(slices.Compact(slices.Clone(calls))) != len(calls) {
			t.Errorf("%s names a call twice: %v", name, calls)
		}
		for _, call := range calls {
			if _, known := LookupSyscall(call); !known {
				t.Errorf("%s names %s, which is no system call", name, call)
			}
		}
	}
	if _, ok := Set("@nonesuch"); ok || IsSet("@nonesuch") || IsSet("") || IsSet("mount") {
		t.Error("what is no set is taken for one")
	}
}

func BenchmarkSyscallNumber(b *testing.B) {
	for b.Loop() {
		SyscallNumber(AMD64, "socket")
	}
}

func BenchmarkReadTables(b *testing.B) {
	for b.Loop() {
		readSyscalls()
	}
}

func TestParseArgument(t *testing.T) {
	for _, c := range []struct {
		in   string
		want uint64
		ok   bool
	}{
		{"0", 0, true}, {"16", 16, true}, {"0x10", 16, true}, {"020", 16, true}, {"18446744073709551615", 1<<64 - 1, true},
		{"CLONE_NEWUSER", 0x10000000, true}, {"CLONE_NEWUSER|CLONE_NEWNS", 0x10020000, true}, {" CLONE_NEWUSER | CLONE_NEWNS ", 0x10020000, true},
		{"", 0, false}, {"|", 0, false}, {"CLONE_NEWUSER|", 0, false}, {"clone_newuser", 0, false}, {"18446744073709551616", 0, false}, {"-1", 0, false}, {"1 2", 0, false},
	} {
		got, err := ParseArgument(c.in)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q is %d, %v; want %d", c.in, got, err, c.want)
		}
	}
}

// familyAliases are second names of families, and AF_UNSPEC, which no socket has.
var familyAliases = []string{"file", "local", "route", "unspec"}

// families returns the names of the address families without aliases, sorted.
func families() []string {
	var names []string
	for constant := range constants() {
		name, ok := strings.CutPrefix(constant, "AF_")
		if name = strings.ToLower(name); ok && !slices.Contains(familyAliases, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

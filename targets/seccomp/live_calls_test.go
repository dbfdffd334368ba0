package seccomp_test

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// ones is what calls are given where nothing better is known: as a descriptor, an address, a length, flags or a command it is invalid, so
// that the kernel carries nothing out.
const ones = ^uint64(0)

// unattempted are the calls of x86-64 and i386 that an attempt cannot make, and why.
var unattempted = map[string]string{
	"pause":        "waits for a signal",
	"sigsuspend":   "waits for a signal",
	"rt_sigreturn": "reads the registers from the stack",
	"sigreturn":    "reads the registers from the stack",
	"sync":         "waits for the disks of the machine",
	"uprobe":       "Linux 6.14 and later carry it out whatever a filter says",
	"uretprobe":    "Linux 6.14 and later carry it out whatever a filter says",
}

// unattempted32 are those that the probe cannot make by int 0x80 alone.
var unattempted32 = map[string]string{"vfork": "the grandchild writes over what the child has on the stack"}

// harmless are the arguments of the calls that do something with ones for every argument, or of which the kernel says that it has no such
// call.
var harmless = map[string][]uint64{
	"futex":        {ones, 1},
	"futex_time64": {ones, 1},
	"kill":         {999999},
	"modify_ldt":   {0, ones, ones},
	"msgget":       {1},
	"semget":       {1},
	"shmget":       {1},
}

// byArguments are attempts on calls that filters tell apart by arguments. Each is one that fails or stays within the child: socket types
// and flags that there are not, CLONE_SIGHAND without CLONE_VM, descriptors that are not open.
var byArguments = []struct {
	name string
	args [][]uint64
}{
	{"socket", families(99)},
	{"socketpair", families(99)},
	{"socket", [][]uint64{{1, 1}, {1, 2}, {1, 0x80801}, {2, 1}, {2, 2}, {10, 1}, {10, 2}, {16, 3}, {16, 3, 9}, {16, 2, 16}, {16, 3, 1 << 32}, {16<<32 | 16, 3}, {17, 3}, {2, 3, 1}, {1 << 32, 1}, {1<<32 | 1, 1}, {0xffffffff00000001, 1}}},
	{"clone", flags(0x800)},
	{"unshare", flags(1)},
	{"unshare", [][]uint64{{0}}},
	{"setns", [][]uint64{{ones, 0}, {ones, 0x20000}, {ones, 0x10000000}, {ones, 0x40000000}}},
	{"personality", [][]uint64{{0}, {8}, {0x20000}, {0x20008}, {0xffffffff}, {0x400000}, {0x40000}, {7}, {1 << 32}, {1<<32 | 8}}},
	{"ioctl", [][]uint64{{ones, 0x5401}, {ones, 0x5412}, {ones, 0x541c}, {ones, 1<<32 | 0x5412}, {0, 0x5413}}},
	{"fcntl", [][]uint64{{ones, 1}, {ones, 4}, {ones, 8}, {ones, 1033}}},
	{"prctl", [][]uint64{{22, 99}, {35, 99}, {38, 99}, {0x59616d61, 999999}}},
	{"ptrace", [][]uint64{{16, 999999}, {0x4206, 999999}, {5, 999999}}},
	{"bpf", [][]uint64{{0, ones}, {5, ones}, {ones, 0}}},
	{"keyctl", [][]uint64{{0, 12345}, {11, 12345}, {15, 12345}}},
	{"mprotect", [][]uint64{{1, 4096, 1}, {1, 4096, 4}, {1, 4096, 7}}},
	{"mmap", [][]uint64{{0, 4096, 7}, {0, 4096, 3}}},
	{"seccomp", [][]uint64{{0, 1}, {1, 1 << 31}, {2, 0, ones}}},
	{"madvise", [][]uint64{{1, 4096, 4}, {1, 4096, 100}}},
	{"mount", [][]uint64{{0}, {0, 0, 0, 32}, {0, 0, 0, 4096}}},
	{"umount2", [][]uint64{{0}, {0, 2}, {0, 99}}},
	{"mknodat", [][]uint64{{ones, 0, 0x2000}, {ones, 0, 0x6000}}},
	{"openat", [][]uint64{{ones, 0, 0}, {ones, 0, 0x42}}},
	{"getpriority", [][]uint64{{0}, {1}, {99}}},
	{"perf_event_open", [][]uint64{{0, 0, ones, ones}}},
	{"io_uring_setup", [][]uint64{{1, 0}}},
	{"userfaultfd", [][]uint64{{0x2}, {9999}}},
}

// families are sockets of families, also with more than the kernel reads, and a type that there is not.
func families(kind uint64) (list [][]uint64) {
	for _, family := range []uint64{0, 1, 2, 3, 10, 15, 16, 17, 21, 29, 31, 33, 38, 39, 40, 41, 44, 45, 46, 99, 0xffffffff, 1 << 32, 1<<32 | 1, 38<<32 | 2, 1<<63 | 10} {
		list = append(list, []uint64{family, kind})
	}
	return list
}

// flags are those of namespaces, each with one that makes the call invalid, also with more than the kernel reads.
func flags(invalid uint64) (list [][]uint64) {
	for _, flag := range []uint64{0, 0x80, 0x10000, 0x11, 0x4000, 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x7e020000, 1 << 32, 1<<32 | 0x10000000, 0xffffffff00000000} {
		list = append(list, []uint64{invalid | flag})
	}
	return list
}

// liveCalls are the attempts that are made under every emitted profile: every call of x86-64 and of i386, those of byArguments on both,
// some of x32, and numbers that nobody has.
func liveCalls() []attempt.Syscall {
	var calls []attempt.Syscall
	add := func(arch linux.Arch, name string, args ...uint64) {
		if _, ok := linux.SyscallNumber(arch, name); !ok || unattempted[name] != "" || arch == linux.I386 && unattempted32[name] != "" {
			return
		}
		call := attempt.Syscall{Arch: string(arch), Name: name}
		for i, arg := range args {
			if arch != linux.AMD64 {
				arg = uint64(uint32(arg))
			}
			call.Args[i] = arg
		}
		if !slices.Contains(calls, call) {
			calls = append(calls, call)
		}
	}
	for _, arch := range []linux.Arch{linux.AMD64, linux.I386} {
		for _, call := range linux.Syscalls() {
			args, ok := harmless[call.Name]
			if !ok {
				args = []uint64{ones, ones, ones, ones, ones, ones}
			}
			add(arch, call.Name, args...)
		}
		for _, row := range byArguments {
			for _, args := range row.args {
				add(arch, row.name, args...)
			}
		}
	}
	for _, number := range []uint64{1, 2, 3, 5, 17, 18, 99} {
		add(linux.I386, "socketcall", number, ones)
	}
	for _, number := range []uint64{1, 2, 21, 23} {
		add(linux.I386, "ipc", number, ones, ones, ones, ones, ones)
	}
	for _, name := range []string{"getpid", "getppid", "mount", "socket", "ptrace", "clone", "execve", "keyctl", "bpf", "personality"} {
		add(linux.X32, name, ones, ones, ones, ones, ones, ones)
	}
	for _, number := range []int{500, 600, 4000} {
		calls = append(calls, attempt.Syscall{Arch: string(linux.AMD64), Number: number})
	}
	return calls
}

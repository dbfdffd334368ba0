package linux

import (
	"slices"
	"strings"
)

// The two names of sets whose calls are not fixed.
const (
	SetRuntimeDefault = "@runtime-default" // what container runtimes allow: depends on capabilities and architecture
	SetAll            = "*"                // every call, known or not
)

// namedSet is a set of system calls that a policy names instead of them.
type namedSet struct {
	name, meaning string
	calls         string // separated by spaces
}

// namedSets are by name. A set holds every call that does a thing, also those of one architecture only and those that a
// runtime's default refuses anyway: a set is meant for refusing what it names.
var namedSets = []namedSet{
	{"@aio", "asynchronous input and output of the old kind, not io_uring",
		"io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit"},
	{"@bpf", "programs and maps inside the kernel",
		"bpf"},
	{"@clock", "setting the node's clock",
		"adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 settimeofday stime"},
	{"@cpu_emulation", "16-bit code and segments on x86",
		"modify_ldt vm86 vm86old"},
	{"@debug", "looking into other processes and the kernel: @ptrace, profiling and the kernel's log",
		"kcmp lookup_dcookie perf_event_open pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace syslog"},
	{"@fanotify", "watching a whole file system, and deciding about others' accesses",
		"fanotify_init fanotify_mark"},
	{"@handle", "opening files by handle, past the directories above them",
		"name_to_handle_at open_by_handle_at"},
	{"@io_uring", "operations queued in shared memory, which seccomp does not see",
		"io_uring_enter io_uring_register io_uring_setup"},
	{"@ipc", "System V and POSIX message queues, semaphores and shared memory",
		"ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink " +
			"msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget"},
	{"@kexec", "starting another kernel",
		"kexec_file_load kexec_load"},
	{"@keyring", "the kernel's keyrings, which no namespace divides",
		"add_key keyctl request_key"},
	{"@landlock", "a process restricting itself",
		"landlock_add_rule landlock_create_ruleset landlock_restrict_self"},
	{"@module", "kernel modules",
		"create_module delete_module finit_module get_kernel_syms init_module query_module"},
	{"@mount", "changing what is mounted, by the old and the new interface",
		"fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree open_tree_attr pivot_root umount umount2"},
	{"@namespace", "making and entering namespaces by calls that do nothing else (clone and clone3 can, too)",
		"setns unshare"},
	{"@numa", "placing memory on nodes",
		"get_mempolicy mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node"},
	{"@obsolete", "calls that were removed, never written or replaced long ago",
		"_sysctl afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime get_kernel_syms getpmsg gtty idle " +
			"lock lookup_dcookie mpx multiplexer nfsservctl prof profil putpmsg query_module security sgetmask ssetmask stty sysfs tuxcall ulimit uselib ustat vserver"},
	{"@perf", "performance counters and tracing",
		"perf_event_open"},
	{"@pkey", "memory protection keys",
		"pkey_alloc pkey_free pkey_mprotect"},
	{"@ptrace", "reading and changing other processes",
		"kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"},
	{"@quota", "file system quotas",
		"quotactl quotactl_fd"},
	{"@raw_io", "ports, hardware registers and firmware",
		"ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write rtas s390_pci_mmio_read s390_pci_mmio_write"},
	{"@reboot", "restarting the node, or another kernel on it",
		"kexec_file_load kexec_load reboot"},
	{"@setuid", "becoming another user or group",
		"setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 " +
			"setresuid setresuid32 setreuid setreuid32 setuid setuid32"},
	{"@socket", "sockets of every family, and what is done with them",
		"accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send " +
			"sendmmsg sendmsg sendto setsockopt shutdown socket socketcall socketpair"},
	{"@swap", "swap space of the node",
		"swapoff swapon"},
	{"@userfaultfd", "handling page faults of the kernel's accesses, which widens races in it",
		"userfaultfd"},
}

// Set returns the system calls of a named set such as "@mount", sorted. It is false for a name that is not one, and for the names
// whose calls are not fixed: SetRuntimeDefault and SetAll.
func Set(name string) ([]string, bool) {
	for _, s := range namedSets {
		if s.name == name {
			calls := strings.Fields(s.calls)
			slices.Sort(calls)
			return calls, true
		}
	}
	return nil, false
}

// IsSet says whether a policy may write this name where it means a set of system calls.
func IsSet(name string) bool {
	return name == SetRuntimeDefault || name == SetAll || slices.ContainsFunc(namedSets, func(s namedSet) bool { return s.name == name })
}

// Sets returns the name of every set, those included whose calls are not fixed, sorted.
func Sets() []string {
	names := []string{SetRuntimeDefault, SetAll}
	for _, s := range namedSets {
		names = append(names, s.name)
	}
	slices.Sort(names)
	return names
}

// SetMeaning says in a phrase what a set's calls do. It is empty for a name that is not a set.
func SetMeaning(name string) string {
	switch name {
	case SetRuntimeDefault:
		return "what moby's default profile allows a container of these capabilities on these architectures"
	case SetAll:
		return "every system call"
	}
	for _, s := range namedSets {
		if s.name == name {
			return s.meaning
		}
	}
	return ""
}

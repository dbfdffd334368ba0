package linux

// OwnFiles lists, as patterns of paths, what every process may write whatever a policy grants: devices without which hardly any program
// runs and which belong to no one, where the kubelet reads why a container ended, the names of a process's own threads, the
// links to its output (a security module is asked for what they lead to as well), and what its core dump holds, which Java's virtual machine sets when it starts (proc(5)). "/" is what the kernel calls huge pages that a
// process maps without a file, as PostgreSQL tries to; nothing that is written there is a file (aa_path_name of a mount of the
// kernel's own, security/apparmor/path.c).
func OwnFiles() []string {
	return []string{"/", "/dev/console", "/dev/full", "/dev/null", "/dev/ptmx", "/dev/pts/**", "/dev/random", "/dev/stderr", "/dev/stdout",
		"/dev/termination-log", "/dev/tty", "/dev/urandom", "/dev/zero", "/proc/*/comm", "/proc/*/coredump_filter", "/proc/*/task/*/comm"}
}

package apparmor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
)

// try is one attempt: what is done in the booted machine, and what the judge is asked about it.
type try struct {
	do []string // testdata/kernel knows the verbs
	// all are what the kernel asks for: each must be allowed.
	all []attempt.Attempt
	// or are capabilities of which one is enough.
	or []attempt.Attempt
	// depends says that the kernel, or some versions of it, do not ask the profile: the answer is logged, not compared.
	depends bool
}

func (t try) String() string { return strings.Join(t.do, " ") }

// world is the root file system that each attempt finds: f is a file, o one of another user, x a program, l a link, b a
// bind mount of the machine's own.
func world() []string {
	lines := []string{"d /proc", "d /sys", "b /dev /dev", "b /host/proc /proc", "b /host/sys /sys"}
	for _, folder := range []string{"/app", "/bin", "/data", "/data/sub", "/etc", "/etc/app", "/home/me/.ssh", "/mnt/a", "/mnt/b", "/mnt/new", "/opt",
		"/run/containerd", "/run/k3s/containerd", "/run/secrets/kubernetes.io", "/tmp", "/tmp/folder", "/usr/bin", "/usr/lib/postgresql", "/usr/local/bin",
		"/var/cache/api1/state", "/var/cache/app", "/var/lib/kubelet/pod-resources", "/var/lib/postgresql", "/host/run", "/cgroup"} {
		lines = append(lines, "d "+folder)
	}
	lines = append(lines, "l /var/run ../run", "l /tmp/to-core /proc/sys/kernel/core_pattern", "l /tmp/to-etc /etc", "l /app/alias server",
		"l /tmp/to-self /proc/self", "b /data/proc /proc", "b /etc/node /fresh/run")
	for _, file := range []string{"/data/file", "/etc/passwd", "/etc/shadow", "/etc/app/config", "/home/me/.ssh/key", "/run/docker.sock",
		"/run/containerd/containerd.sock", "/run/containerd/containerd.sock.ttrpc", "/run/k3s/containerd/containerd.sock", "/host/run/crio.sock",
		"/run/secrets/kubernetes.io/token", "/run/secrets/other", "/tmp/file", "/var/cache/app/file", "/var/lib/kubelet/pod-resources/kubelet.sock",
		"/var/lib/postgresql/file", "/cgroup/release_agent"} {
		lines = append(lines, "f "+file)
	}
	for _, program := range []string{"/app/server", "/app/migrate", "/usr/bin/env", "/usr/bin/tool", "/usr/local/bin/mesh-proxy",
		"/usr/lib/postgresql/postgres", "/tmp/planted", "/bin/sh", "/data/program"} {
		lines = append(lines, "x "+program+" exit")
	}
	lines = append(lines, "x /opt/wait wait", "o /tmp/others")
	lines = append(lines, "d /dev/shm", "f /dev/shm/sem.shared")
	// Last, so that the machine's own are seen by their own names too, and not below what is bound to another.
	return append(lines, "b /proc /proc", "b /sys /sys")
}

// others are the profiles of processes that attempts are about, besides the trial's own. Those that are profiles allow
// everything, so that the answer is the trial's.
var others = []string{"unconfined", "runc", "/usr/sbin/runc", "snap.docker.dockerd", "stranger"}

func othersProfile() string {
	var b strings.Builder
	b.WriteString("abi <abi/3.0>,\n")
	for _, name := range others[1:] {
		fmt.Fprintf(&b, "profile %q flags=(attach_disconnected,mediate_deleted) { file, capability, network, mount, umount, pivot_root, ptrace, signal, }\n", "NAME:"+name)
	}
	return strings.ReplaceAll(b.String(), "NAME:", "")
}

// table makes the attempts. It grows line by line and has no branch that could leave one out.
type table struct{ tries []try }

func (t *table) add(all []attempt.Attempt, do ...string) {
	t.tries = append(t.tries, try{do: do, all: all})
}

// file is an access of files that belong to the one who asks.
func file(path, access string) attempt.Attempt {
	return attempt.File{Path: path, Access: access, Owner: true}
}

func capability(names ...string) []attempt.Attempt {
	var out []attempt.Attempt
	for _, name := range names {
		out = append(out, attempt.Capability{Name: name})
	}
	return out
}

func kernelTable(tb testing.TB) []try {
	tb.Helper()
	var t table
	t.reads()
	t.writes()
	t.names()
	t.programs()
	t.sockets()
	t.mounts()
	t.processes()
	t.capabilities()
	t.gaps()
	t.programsAtStart(tb)
	seen := map[string]bool{}
	return slices.DeleteFunc(t.tries, func(t try) bool {
		again := seen[t.String()]
		seen[t.String()] = true
		return again
	})
}

// resolved gives the path that the kernel sees for one that leads through links of the world or of /proc.
func resolved(path string) string {
	for _, link := range [][2]string{{"/tmp/to-core", "/proc/sys/kernel/core_pattern"}, {"/tmp/to-etc", "/etc"}, {"/tmp/to-self", "/proc/1"},
		{"/app/alias", "/app/server"}, {"/var/run", "/run"}, {"/proc/self", "/proc/1"}, {"/proc/thread-self", "/proc/1/task/7"},
		{"/host/proc/self", "/host/proc/1"}} {
		if path == link[0] || strings.HasPrefix(path, link[0]+"/") {
			return link[1] + path[len(link[0]):]
		}
	}
	return path
}

func (t *table) reads() {
	for _, path := range []string{"/etc/passwd", "/etc/shadow", "/etc/", "/etc/app/", "/", "/run/docker.sock", "/var/run/docker.sock", "/etc/node/docker.sock",
		"/run/containerd/containerd.sock", "/host/run/crio.sock", "/var/lib/kubelet/pod-resources/kubelet.sock",
		"/run/secrets/kubernetes.io/token", "/var/run/secrets/kubernetes.io/token", "/run/secrets/kubernetes.io/", "/run/secrets/other", "/run/secrets/",
		"/home/me/.ssh/key", "/home/me/.ssh/", "/tmp/to-etc/shadow", "/proc/self/environ", "/proc/1/environ", "/tmp/to-self/environ", "/host/proc/1/environ", "/host/proc/self/environ",
		"/data/proc/1/environ", "/proc/self/status", "/proc/sys/kernel/core_pattern", "/host/proc/sys/kernel/core_pattern", "/proc/keys", "/proc/timer_list",
		"/proc/interrupts", "/proc/kpagecount", "/proc/acpi/", "/proc/self/mem", "/sys/firmware/acpi/tables/DSDT", "/sys/firmware/", "/sys/fs/bpf/",
		"/sys/kernel/security/lsm", "/host/sys/kernel/security/lsm", "/sys/kernel/debug/", "/sys/kernel/tracing/trace", "/sys/power/state", "/proc/self/task/"} {
		t.add([]attempt.Attempt{file(resolved(path), "r")}, "r", path)
	}
	for _, path := range []string{"/proc/kcore", "/host/proc/kcore"} {
		t.add(append(capability("SYS_RAWIO"), file(path, "r")), "r", path)
	}
	t.tries = append(t.tries,
		try{do: []string{"r", "/tmp/others"}, all: []attempt.Attempt{attempt.File{Path: "/tmp/others", Access: "r"}}, or: capability("DAC_OVERRIDE", "DAC_READ_SEARCH")},
		try{do: []string{"w", "/tmp/others"}, all: []attempt.Attempt{attempt.File{Path: "/tmp/others", Access: "w"}}, or: capability("DAC_OVERRIDE")},
		try{do: []string{"chmod", "/tmp/others"}, all: []attempt.Attempt{attempt.File{Path: "/tmp/others", Access: "w"}}, or: capability("FOWNER")},
		try{do: []string{"r", "/proc/kmsg"}, all: []attempt.Attempt{file("/proc/kmsg", "r")}, or: capability("SYSLOG", "SYS_ADMIN")})
	for _, path := range []string{"/app/server", "/etc/passwd", "/tmp/planted", "/run/secrets/kubernetes.io/token", "/run/docker.sock"} {
		t.add([]attempt.Attempt{file(path, "r"), file(path, "m")}, "map", path)
		t.add([]attempt.Attempt{file(path, "r"), file(path, "k")}, "lock", path)
	}
	for _, path := range []string{"/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/sys/power/state", "/proc/sysrq-trigger"} {
		t.add([]attempt.Attempt{file(path, "w")}, "w", path)
	}
}

func (t *table) writes() {
	t.add(append(capability("SYS_ADMIN"), file("/proc/mtrr", "w")), "w", "/proc/mtrr")
	t.add([]attempt.Attempt{attempt.Mqueue{Access: "create", Name: "/queue"}, attempt.Mqueue{Access: "read", Name: "/queue"}}, "queue", "/queue")
	for _, path := range []string{"/etc/passwd", "/tmp/to-etc/shadow", "/tmp/file", "/var/cache/app/file", "/var/lib/postgresql/file", "/app/server", "/data/file",
		"/run/docker.sock", "/var/run/docker.sock", "/etc/node/docker.sock", "/run/containerd/containerd.sock", "/run/containerd/containerd.sock.ttrpc",
		"/run/k3s/containerd/containerd.sock", "/host/run/crio.sock", "/var/lib/kubelet/pod-resources/kubelet.sock",
		"/run/secrets/kubernetes.io/token", "/var/run/secrets/kubernetes.io/token", "/run/secrets/other", "/cgroup/release_agent",
		"/dev/null", "/dev/zero", "/dev/full", "/dev/kmsg", "/proc/self/comm", "/proc/thread-self/comm", "/proc/self/mem",
		"/host/proc/sys/kernel/core_pattern", "/data/proc/sys/kernel/core_pattern", "/tmp/to-core", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/shmmax",
		"/host/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/host/sys/power/state", "/host/sys/module/printk/parameters/time",
		"/sys/module/printk/parameters/time", "/sys/kernel/mm/transparent_hugepage/enabled", "/host/sys/kernel/mm/transparent_hugepage/enabled",
		"/sys/kernel/security/apparmor/.access", "/proc/self/oom_score_adj", "/proc/self/attr/current"} {
		t.add([]attempt.Attempt{file(resolved(path), "w")}, "w", path)
	}
	for _, path := range []string{"/etc/passwd", "/tmp/file", "/var/cache/app/file", "/run/docker.sock", "/tmp/to-core", "/dev/null"} {
		t.add([]attempt.Attempt{file(resolved(path), "a")}, "a", path)
	}
	for _, path := range []string{"/tmp/file", "/etc/passwd"} {
		t.add([]attempt.Attempt{file(path, "rw")}, "rw", path)
		t.add([]attempt.Attempt{file(path, "w")}, "truncate", path)
	}
	for _, path := range []string{"/tmp/made", "/etc/made", "/run/secrets/made", "/run/secrets/kubernetes.io/made", "/var/cache/app/made", "/tmp/docker.sock", "/home/made", "/tmp/release_agent", "/made"} {
		t.add([]attempt.Attempt{file(path, "w")}, "create", path)
		t.add([]attempt.Attempt{file(path, "w")}, "symlink", "/etc/passwd", path)
		t.add([]attempt.Attempt{file(path, "w")}, "fifo", path)
		t.add([]attempt.Attempt{file(path+"/", "w")}, "mkdir", path)
		t.add(append(capability("MKNOD"), file(path, "w")), "device", path)
	}
	for _, path := range []string{"/tmp/file", "/etc/passwd", "/run/docker.sock", "/run/secrets/kubernetes.io/token"} {
		t.add([]attempt.Attempt{file(path, "w")}, "unlink", path)
		t.add([]attempt.Attempt{file(path, "w")}, "chmod", path)
		t.add(append(capability("CHOWN"), file(path, "w")), "chown", path)
	}
	for _, path := range []string{"/tmp/folder", "/data/sub"} {
		t.add([]attempt.Attempt{file(path+"/", "w")}, "rmdir", path)
	}
	for _, path := range []string{"/run", "/run/secrets", "/run/secrets/kubernetes.io", "/home/me", "/var", "/tmp/folder", "/etc"} {
		t.add([]attempt.Attempt{file(path+"/", "w")}, "chmod", path)
	}
}

// gaps are what docs/targets/apparmor.md says that kernels leave open.
func (t *table) gaps() {
	t.tries = append(t.tries,
		try{do: []string{"connect", "/run/docker.sock"}, all: []attempt.Attempt{file("/run/docker.sock", "w")}, depends: true},
		try{do: []string{"attach", "/mnt/a", "/mnt/b"}, all: append(capability("SYS_ADMIN"), attempt.Mount{Source: "/mnt/a/", Target: "/mnt/b/", Options: []string{"bind"}}), depends: true})
}

// names are attempts to give a file another one.
func (t *table) names() {
	for _, pair := range [][2]string{{"/tmp/file", "/tmp/renamed"}, {"/etc/passwd", "/etc/renamed"}, {"/tmp/file", "/tmp/docker.sock"},
		{"/run/docker.sock", "/run/renamed"}, {"/run/secrets/kubernetes.io/token", "/run/secrets/renamed"}, {"/tmp/others", "/tmp/renamed"}, {"/etc/shadow", "/etc/passwd"}} {
		owner := pair[0] != "/tmp/others"
		t.add([]attempt.Attempt{attempt.File{Path: pair[0], Access: "rw", Owner: owner}, attempt.File{Path: pair[1], Access: "w", Owner: owner}}, "rename", pair[0], pair[1])
	}
	for _, pair := range [][2]string{{"/run/secrets/kubernetes.io", "/run/secrets/renamed"}, {"/run/secrets", "/run/renamed"}, {"/home/me/.ssh", "/home/me/renamed"},
		{"/home/me", "/home/renamed"}, {"/tmp/folder", "/tmp/renamed"}, {"/var", "/renamed"}} {
		t.add([]attempt.Attempt{file(pair[0]+"/", "rw"), file(pair[1]+"/", "w")}, "rename", pair[0], pair[1])
	}
	for _, pair := range [][2]string{{"/tmp/file", "/tmp/linked"}, {"/etc/shadow", "/tmp/linked"}, {"/etc/passwd", "/etc/linked"}, {"/run/docker.sock", "/run/linked"},
		{"/run/secrets/kubernetes.io/token", "/tmp/linked"}, {"/tmp/planted", "/app/linked"}} {
		t.add([]attempt.Attempt{attempt.File{Path: pair[1], Access: "l", Owner: true, Target: pair[0]}}, "link", pair[0], pair[1])
	}
}

func (t *table) programs() {
	for _, path := range []string{"/app/server", "/app/alias", "/app/migrate", "/usr/bin/env", "/usr/bin/tool", "/usr/local/bin/mesh-proxy",
		"/usr/lib/postgresql/postgres", "/tmp/planted", "/bin/sh", "/data/program"} {
		t.add([]attempt.Attempt{file(resolved(path), "x"), file(resolved(path), "m")}, "exec", path)
	}
}

func (t *table) sockets() {
	for _, s := range []struct{ family, kind, protocol, capability string }{
		{"unix", "stream", "0", ""}, {"unix", "dgram", "0", ""}, {"unix", "seqpacket", "0", ""},
		{"inet", "stream", "0", ""}, {"inet", "dgram", "0", ""}, {"inet6", "stream", "0", ""}, {"inet6", "dgram", "0", ""},
		{"netlink", "raw", "0", ""}, {"netlink", "dgram", "0", ""}, {"alg", "seqpacket", "0", ""}, {"vsock", "stream", "0", ""},
		{"inet", "raw", "1", "NET_RAW"}, {"inet6", "raw", "58", "NET_RAW"}, {"packet", "raw", "768", "NET_RAW"}, {"packet", "dgram", "768", "NET_RAW"},
	} {
		all := []attempt.Attempt{attempt.Socket{Family: s.family, Type: s.kind}}
		if s.capability != "" {
			all = append(all, capability(s.capability)...)
		}
		t.add(all, "socket", s.family, s.kind, s.protocol)
	}
	t.add(append(capability("NET_BIND_SERVICE"), attempt.Socket{Family: "inet", Type: "stream"}), "port")
	t.add(append(capability("NET_ADMIN"), attempt.Socket{Family: "inet", Type: "dgram"}), "capability", "NET_ADMIN")
}

func (t *table) mounts() {
	ask := func(m attempt.Mount, do ...string) { t.add(append(capability("SYS_ADMIN"), m), do...) }
	for _, m := range []struct{ target, fstype, source, options string }{
		{"/mnt/a", "tmpfs", "tmpfs", "rw"}, {"/mnt/a", "tmpfs", "none", "rw,nosuid"}, {"/mnt/a", "tmpfs", "none", "ro,nosuid"}, {"/mnt/b", "tmpfs", "none", "rw,nosuid"},
		{"/mnt/a", "proc", "proc", "rw"}, {"/mnt/a", "sysfs", "sysfs", "rw"}, {"/mnt/a", "cgroup2", "none", "ro"}, {"/proc/1", "tmpfs", "tmpfs", "rw"},
	} {
		ask(attempt.Mount{FSType: m.fstype, Source: m.source, Target: m.target, Options: strings.Split(m.options, ",")}, "mount", m.target, m.source, m.fstype, m.options)
	}
	for _, m := range []struct{ target, source, options string }{
		{"/mnt/a", "/data/", "bind"}, {"/mnt/b", "/data/", "rbind"}, {"/mnt/a", "/proc/", "bind"}, {"/mnt/a", "/etc/", "bind,ro"},
	} {
		ask(attempt.Mount{Source: m.source, Target: m.target, Options: strings.Split(m.options, ",")}, "mount", m.target, m.source, "", m.options)
	}
	for _, target := range []string{"/mnt/a", "/mnt/b"} {
		for _, options := range []string{"ro", "rw", "ro,nosuid", "noexec", "bind,ro"} {
			ask(attempt.Mount{Operation: "remount", Target: target, Options: strings.Split(options, ",")}, "remount", target, options)
		}
		for _, options := range []string{"private", "shared", "rprivate"} {
			ask(attempt.Mount{Target: target, Options: []string{options}}, "propagate", target, options)
		}
		ask(attempt.Mount{Operation: "umount", Target: target}, "umount", target)
	}
	ask(attempt.Mount{Source: "/mnt/a/", Target: "/mnt/b/", Options: []string{"move"}}, "move", "/mnt/a", "/mnt/b")
	ask(attempt.Mount{Source: "/mnt/a/", Target: "/data/sub/", Options: []string{"move"}}, "move", "/mnt/a", "/data/sub")
	ask(attempt.Mount{Operation: "pivot_root", Target: "/mnt/new/", Source: "/mnt/new/old/"}, "pivot", "/mnt/new", "/mnt/new/old")
	ask(attempt.Mount{Operation: "pivot_root", Target: "/mnt/new/", Source: "/mnt/new/other/"}, "pivot", "/mnt/new", "/mnt/new/other")
}

func (t *table) processes() {
	for _, name := range append([]string{"same"}, others...) {
		peer := name
		if name == "same" {
			peer = ""
		}
		ptrace := func(access string) attempt.Attempt { return attempt.Ptrace{Access: access, Peer: peer} }
		t.add([]attempt.Attempt{ptrace("trace")}, "trace", name)
		t.add([]attempt.Attempt{ptrace("tracedby")}, "traced", name)
		t.add([]attempt.Attempt{ptrace("readby")}, "looked", name)
		t.add([]attempt.Attempt{ptrace("read")}, "look", name)
		t.add([]attempt.Attempt{ptrace("read"), file("/proc/7/environ", "r")}, "environ", name)
		t.add([]attempt.Attempt{ptrace("trace"), file("/proc/7/mem", "r")}, "memory", name)
		for _, signal := range []string{"kill", "term", "cont", "exists"} {
			t.add([]attempt.Attempt{attempt.Signal{Access: "send", Signal: signal, Peer: peer}}, "signal", name, signal)
			t.add([]attempt.Attempt{attempt.Signal{Access: "receive", Signal: signal, Peer: peer}}, "signalled", name, signal)
		}
	}
}

func (t *table) capabilities() {
	for _, name := range []string{"SETUID", "SETGID", "SETPCAP", "SYS_ADMIN", "SYS_CHROOT", "SYS_NICE", "SYS_PACCT", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
		"SYS_TTY_CONFIG", "SYS_MODULE", "SETFCAP", "WAKE_ALARM"} {
		t.add(capability(name), "capability", name)
	}
	// What was split from SYS_ADMIN, that still does.
	for _, name := range []string{"SYSLOG", "BPF", "PERFMON", "CHECKPOINT_RESTORE"} {
		t.tries = append(t.tries, try{do: []string{"capability", name}, or: capability(name, "SYS_ADMIN")})
	}
}

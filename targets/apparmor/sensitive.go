package apparmor

import "strings"

// socket is the socket of a service that runs as root on the node and does what it is asked: whoever can connect to
// it owns the node.
type socket struct {
	service  string
	anywhere string   // the end of its path, by which it is known wherever it is mounted
	paths    []string // on the node; below /run where they lie there
}

// sockets are those of container runtimes, of the kubelet and of systemd, where they are by default.
var sockets = []socket{
	{"Docker", "docker.sock", []string{"/run/docker.sock"}},
	{"containerd", "containerd.sock", []string{"/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock",
		"/run/k0s/containerd.sock", "/run/k3s/containerd/containerd.sock"}},
	{"containerd (ttrpc)", "containerd.sock.ttrpc", []string{"/run/containerd/containerd.sock.ttrpc",
		"/run/k3s/containerd/containerd.sock.ttrpc"}},
	{"CRI-O", "crio.sock", []string{"/run/crio/crio.sock"}},
	{"Podman", "podman.sock", []string{"/run/podman/podman.sock"}},
	{"cri-dockerd", "cri-dockerd.sock", []string{"/run/cri-dockerd.sock"}},
	{"dockershim", "dockershim.sock", []string{"/run/dockershim.sock"}},
	{"BuildKit", "buildkitd.sock", []string{"/run/buildkit/buildkitd.sock"}},
	{"node resource interface", "nri.sock", []string{"/run/nri/nri.sock"}},
	{"kubelet", "kubelet.sock", []string{"/var/lib/kubelet/device-plugins/kubelet.sock",
		"/var/lib/kubelet/pod-resources/kubelet.sock"}},
	{"LXD", "lxd/unix.socket", []string{"/var/lib/lxd/unix.socket", "/var/snap/lxd/common/lxd/unix.socket"}},
	{"the system bus", "dbus/system_bus_socket", []string{"/run/dbus/system_bus_socket"}},
	{"systemd", "systemd/private", []string{"/run/systemd/private"}},
}

// kernelFile is a file of /proc or /sys that acts on, or tells of, the whole node.
type kernelFile struct {
	pattern string // below the mount point of /proc or /sys
	perms   string // what is refused
	why     string
}

// procFiles are refused below /proc: what runtimes mask or mount read-only, refused here as well because a mask is a
// mount that a process with the right capability can move away.
var procFiles = []kernelFile{
	{"*", "wlk", "the node's, as all in /proc that is not of a process"},
	{"[^0-9/]*/**", "wlk", "settings of the kernel: core_pattern, modprobe, binfmt_misc; devices of the node"},
	{"sysrq-trigger", "rwlkmx", "restarts and crashes the node"},
	{"{kcore,kmem,mem,vmcore,kmsg}", "rwlkmx", "memory and messages of the kernel"},
	{"{keys,key-users,timer_list,timer_stats,sched_debug,latency_stats,interrupts}", "rwlkmx", "what other processes of the node do"},
	{"{kpagecount,kpageflags,kpagecgroup}", "rwlkmx", "pages of the node's memory"},
	{"{acpi,asound,scsi}/**", "rwlkmx", "devices of the node"},
	{"[0-9]*/{,task/[0-9]*/}mem", "wlk", "memory of processes, past its protection"},
}

// sysFiles are refused below /sys.
var sysFiles = []kernelFile{
	{"**", "wlkx", "devices and settings of the node: uevent_helper, release_agent"},
	{"firmware/**", "rwlkmx", "tables of the firmware"},
	{"devices/virtual/powercap/**", "rwlkmx", "power meters, which leak secrets (CVE-2020-8694)"},
	{"kernel/{debug,tracing,security}/**", "rwlkmx", "insides of the kernel"},
	{"fs/bpf/**", "rwlkmx", "programs and maps of the kernel"},
}

// aliasFiles are refused wherever the node's /proc and /sys have been mounted: "/host/proc" is another path than
// "/proc" to AppArmor, and the same file to the kernel. They are picked so that a program's own folder that happens to
// be called proc or sys keeps working.
var aliasFiles = map[string][]kernelFile{
	"/proc": {
		{"proc/sys/**", "wlk", "settings of the kernel, under another mount"},
		{"proc/{sysrq-trigger,kcore,kmem,vmcore,kmsg}", "rwlkmx", "the node itself, under another mount"},
		{"proc/[0-9]*/{,task/[0-9]*/}{mem,root/**,environ}", "rwlkmx", "processes of the node, under another mount"},
		{"sys/kernel/core_pattern", "wlk", "what the kernel runs as root when a process crashes, under any mount"},
	},
	"/sys": {
		{"sys/kernel/{uevent_helper,debug/**,tracing/**,security/**}", "rwlkmx", "insides of the kernel, under another mount"},
		{"sys/fs/bpf/**", "rwlkmx", "programs and maps of the kernel, under another mount"},
		{"sys/{power,class,bus,devices,module}/**", "wlk", "devices of the node, under another mount"},
		{"{release_agent,devices.allow,devices.deny}", "wlk", "what the kernel runs as root, and which devices it gives, under any mount of a cgroup"},
	},
}

// runtimes are the names, as profiles, under which container runtimes run where they are confined. Most run
// unconfined; Ubuntu since 24.04 gives some of them profiles that confine nothing, rootlesskit among them. They stop containers, and look
// at them. Others are stated (runtimeLabels).
const runtimes = "{unconfined,{,/usr/{,local/}{,s}bin/}{runc,crun*,containerd,containerd-shim*,dockerd,crio,conmon,podman,rootlesskit}}"

// grantOf says what host.paths gives of a path of the node: "write", "read", or "" for nothing. A path is granted by
// itself or by a folder above it; /var/run is /run.
func grantOf(granted map[string]string, path string) string {
	best := ""
	for folder, access := range granted {
		if !within(path, canonical(folder)) {
			continue
		}
		best = wider(best, access)
	}
	return best
}

// wider gives the one of two grants that allows more.
func wider(a, b string) string {
	if a == "write" || b == "" {
		return a
	}
	return b
}

func within(path, folder string) bool {
	return path == folder || folder == "/" || strings.HasPrefix(path, folder+"/")
}

// canonical gives the /run form of a path in /var/run, which is a link on every distribution of the last decade.
func canonical(path string) string {
	if rest, ok := strings.CutPrefix(path, "/var/run"); ok && (rest == "" || rest[0] == '/') {
		return "/run" + rest
	}
	return path
}

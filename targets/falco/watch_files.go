package falco

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// openTypes open files; fd.name holds the path, of failed ones too.
var openTypes = []string{"creat", "open", "open_by_handle_at", "openat", "openat2"}

// changeTypes change names and attributes; fs.path.name and fs.path.target hold
// the paths, of successful ones only.
var changeTypes = []string{"chmod", "chown", "fchmodat", "fchownat", "lchown", "link", "linkat", "mkdir", "mkdirat",
	"mknod", "mknodat", "rename", "renameat", "renameat2", "rmdir", "symlink", "symlinkat", "unlink", "unlinkat"}

const pathGap = "a path is as the process spelled it: one that leads through a link or another mount goes unseen"

// watchReadOnlyRoot watches what the read-only file system refused.
func watchReadOnlyRoot(*policy.Policy, *policy.Container, *control.Control) watch {
	types := slices.Concat(openTypes, changeTypes)
	slices.Sort(types)
	return watch{clauses: []clause{{types, "evt.res = EROFS"}}}
}

// watchWrites watches files being opened for writing, and names being changed,
// outside of filesystem.write.
func watchWrites(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	paths := c.Get(ctrl.ID).Keys()
	return watch{
		clauses: []clause{
			{openTypes, "evt.is_open_write = true and " + outside("fd.name", slices.Concat(linux.OwnFiles(), paths))},
			{changeTypes, "(" + outside("fs.path.name", paths) + " or " + outside("fs.path.target", paths) + ")"},
		},
		gap: pathGap,
	}
}

func outside(field string, patterns []string) string {
	return "(" + field + " exists and not " + within(field, patterns) + ")"
}

// watchExecution watches programs outside of filesystem.execute: those that ran,
// and those that something refused.
func watchExecution(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	paths := c.Get(ctrl.ID).Keys()
	return watch{clauses: []clause{{execTypes, "((not evt.failed = true and " + outside("proc.exepath", paths) + ")" +
		" or (evt.res in (EACCES, EPERM) and " + outside("evt.arg.filename", paths) + "))"}},
		gap: "a script is its interpreter, and what an interpreter reads is no program to the kernel",
	}
}

// watchDeniedPaths watches every use of what filesystem.deny names.
func watchDeniedPaths(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	paths := c.Get(ctrl.ID).Keys()
	return watch{
		clauses: []clause{
			{openTypes, denied("fd.name", paths)},
			{changeTypes, anyOf([]string{denied("fs.path.name", paths), denied("fs.path.target", paths)})},
		},
		gap: pathGap,
	}
}

// maskedPaths are what runtimes mask below /proc and /sys, and what they mount
// read-only.
var (
	maskedPaths   = []string{"/proc/acpi/**", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi/**", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware/**"}
	readOnlyPaths = []string{"/proc/bus/**", "/proc/fs/**", "/proc/irq/**", "/proc/sys/**", "/proc/sysrq-trigger"}
	// kernelPaths act on the node under whatever name /proc and /sys have: the
	// kernel runs what stands in them as root, or takes it for a program's format.
	kernelPaths = []string{"/sys/kernel/core_pattern", "/sys/kernel/modprobe", "/sys/fs/binfmt_misc/register", "/sys/kernel/uevent_helper"}
)

// watchProc watches what a masked /proc closes.
func watchProc(*policy.Policy, *policy.Container, *control.Control) watch {
	return watch{
		clauses: []clause{{openTypes, anyOf([]string{denied("fd.name", maskedPaths),
			"(evt.is_open_write = true and " + denied("fd.name", slices.Concat(readOnlyPaths, kernelPaths)) + ")"})}},
		gap: pathGap,
	}
}

// nodeSockets are sockets of services that run as root on the node: whoever can
// talk to one owns the node. The end of the path is what stays where it is mounted
// elsewhere.
var nodeSockets = map[string]string{
	"/docker.sock":            "/run/docker.sock",
	"/containerd.sock":        "/run/containerd/containerd.sock",
	"/containerd.sock.ttrpc":  "/run/containerd/containerd.sock.ttrpc",
	"/crio.sock":              "/run/crio/crio.sock",
	"/podman.sock":            "/run/podman/podman.sock",
	"/cri-dockerd.sock":       "/run/cri-dockerd.sock",
	"/buildkitd.sock":         "/run/buildkit/buildkitd.sock",
	"/nri.sock":               "/run/nri/nri.sock",
	"/kubelet.sock":           "/var/lib/kubelet/pod-resources/kubelet.sock",
	"/dbus/system_bus_socket": "/run/dbus/system_bus_socket",
	"/systemd/private":        "/run/systemd/private",
	"/lxd/unix.socket":        "/var/lib/lxd/unix.socket",
	"/run/containerd/s/":      "/run/containerd",
	"@/containerd-shim/":      "/run/containerd",
}

// watchHostPaths watches connections to the sockets of the node that host.paths
// does not give.
func watchHostPaths(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	var conditions []string
	for _, socket := range sortedNames(nodeSockets) {
		if granted(c, ctrl, nodeSockets[socket]) {
			continue
		}
		operator := " endswith "
		if strings.HasSuffix(socket, "/") {
			operator = " contains "
		}
		conditions = append(conditions, "fd.name"+operator+quote(socket))
	}
	if len(conditions) == 0 {
		return watch{}
	}
	return watch{
		clauses: []clause{{[]string{"connect"}, anyOf(conditions)}},
		gap:     "of the node's files only the sockets of its services are known by name in a container",
	}
}

// granted reports whether host.paths gives a path of the node; /var/run is /run.
func granted(c *policy.Container, ctrl *control.Control, path string) bool {
	return slices.ContainsFunc(c.Get(ctrl.ID).Items, func(it control.Item) bool {
		if rest, ok := strings.CutPrefix(it.Key, "/var/run"); ok && (rest == "" || rest[0] == '/') {
			it.Key = "/run" + rest
		}
		return ctrl.Element.Contains(it, control.Item{Key: path, Arg: it.Arg})
	})
}

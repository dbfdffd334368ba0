package terraform

import (
	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// check says how the module finds what violates one control: an expression
// over one container or pod, and over what is allowed to it.
type check struct {
	id control.ID
	// bad is a Terraform expression that is true for a violation. It may use
	//
	//	c        a container (local.containers in static/containers.tf), or, where the
	//	         control is not of containers, a pod (local.held_pods)
	//	allowed  the value of the policy for it, as values.go encodes it; never null
	//
	// It has no && and no ||: until Terraform 1.11 `unknown && false` is unknown,
	// and a conditional decides by what is known in every version.
	bad string
}

// Pieces that several expressions need: that a text is one of the words
// allowed, of which one may end in a star, that a number is in a range, and that
// nothing keeps a container from running as root.
const (
	isWord    = `anytrue([for a in allowed : endswith(a, "*") ? startswith(x, trimsuffix(a, "*")) : x == a])`
	inRange   = `anytrue([for r in allowed : x >= r[0] ? x <= r[1] : false])`
	mayBeRoot = `anytrue([for x in [c.non_root == null ? c.pod.non_root : c.non_root, c.pod.non_root == null ? c.non_root : c.pod.non_root] : x != "true"])`
)

// checks are the controls that can be seen in a plan, in the catalogue's order.
//
// They say of a pod what the target rego says of it, so that a manifest and a
// plan are held to the same.
var checks = []check{
	{control.Undeclared, `allowed ? false : c.workload == "*"`},

	{control.Privileged, `allowed ? false : (c.privileged == null ? false : c.privileged != "false")`},
	{control.Escalation, `allowed ? false : c.escalation != "false"`},
	{control.RunAsNonRoot, `allowed ? (c.pod.own_users ? false : ` + mayBeRoot + `) : false`},
	{control.RootInUserNS, `allowed ? false : (c.pod.own_users ? (` + mayBeRoot + ` ? true : anytrue([for x in [c.user, c.pod.user] : x == null ? false : x == 0])) : false)`},
	{control.Users, `anytrue([for x in [c.user, c.pod.user] : x == null ? false : ((c.pod.own_users ? x == 0 : false) ? false : !` + inRange + `)])`}, // root there is root_in_user_namespace's
	{control.Groups, `anytrue([for x in [c.group, c.pod.group] : x == null ? false : !` + inRange + `])`},
	{control.FSGroup, `anytrue([for x in [c.fs_group] : x == null ? false : !` + inRange + `])`},
	{control.SupplementalGroups, `anytrue([for x in c.supplemental_groups : !` + inRange + `])`},
	{control.SELinuxTypes, stated("selinux_type")},
	{control.SELinuxUsers, stated("selinux_user")},
	{control.SELinuxRoles, stated("selinux_role")},
	{control.AppArmorProfile, `anytrue([for k in c.apparmors : k == null ? false : !anytrue([for a in allowed : a == k])]) ? true : (` +
		`anytrue([for k in c.apparmors : k != null]) ? false : (c.windows ? false : !anytrue([for a in allowed : a == "unset"])))`},
	{control.SeccompProfile, `anytrue([for k in [c.seccomp, c.pod.seccomp == null ? c.seccomp : c.pod.seccomp] : ` +
		`(k == null ? c.windows : false) ? false : !anytrue([for a in allowed : a == (k == null ? "unset" : k)])])`},
	{control.CompiledProfiles, `anytrue([for own in [allowed.seccomp] : own == null ? false : !anytrue([for x in [c.seccomp_file] : x == null ? false : (x == own ? true : endswith(x, "/${own}"))])]) ? true : ` +
		`anytrue([for own in [allowed.apparmor] : own == null ? false : (c.apparmor_file == null ? true : c.apparmor_file != own)])`},
	{control.Sysctls, `anytrue([for x in c.sysctls : !` + isWord + `])`},
	{control.SysctlValues, `anytrue([for x in c.sysctl_values : x == null ? true : length(regexall("^-?[0-9]+(([ \\t]+-?|[,-])[0-9]+)*$", x)) == 0])`},
	{control.ProcMount, `c.proc_mount == null ? false : (c.proc_mount == "Default" ? false : (allowed == "user-namespace" ? c.pod.host_users != "false" : true))`},
	{control.HostProcess, `allowed ? false : anytrue([for x in [c.host_process, c.pod.host_process] : x == null ? false : x != "false"])`},
	{control.SharedProcesses, flag("share_processes")},
	{control.Tokens, `anytrue([anytrue([for a in allowed : a == ""]) ? false : c.automount != "false", anytrue([for v in c.volumes : anytrue([for t in v.tokens : anytrue([for x in [t == null ? "" : t] : !` + isWord + `])])])])`},
	{control.Annotations, `anytrue([for list in c.annotations[*] : anytrue([for k, v in list : length(regexall(allowed, k)) > 0])])`},
	{control.Environment, `anytrue([for x in c.env : x == null ? false : (x == "?" ? true : ` + isWord + `)]) ? true : ` + hiddenNames},

	// Runtimes read names in any case, and CRI-O takes CAP_ in front. containerd puts it there once more, so that a name
	// which has it may add a capability, but is not sure to drop it.
	{control.CapabilitiesDrop, `anytrue([for a in allowed : !anytrue([for x in c.drop : x == "ALL" ? true : x == a])]) ? true : (` +
		`anytrue([for x in [for k in c.add : try(trimprefix(upper(k), "CAP_"), "")] : x == "ALL" ? anytrue([for a in allowed : a == "ALL" ? false : !anytrue([for d in c.drop : d == a])]) : anytrue([for a in allowed : a == x])]))`},
	{control.CapabilitiesAdd, `anytrue([for x in c.add : !anytrue([for a in allowed : a == x])])`},

	{control.HostNetwork, flag("host_network")},
	{control.HostPID, flag("host_pid")},
	{control.HostIPC, flag("host_ipc")},
	{control.HostUsers, `allowed ? false : c.host_users != "false"`}, // unset is the node's user namespace
	{control.HostPorts, `anytrue([for p in c.ports : anytrue([for x in [(p.number == null ? true : p.number == 0) ? (c.pod.host_network == null ? null : (c.pod.host_network == "false" ? null : p.inner)) : p.number] : x == null ? false : ` +
		`!anytrue([for a in allowed : (p.protocol == null ? "tcp" : p.protocol) == a[0] ? (x >= a[1] ? x <= a[2] : false) : false])])])`},
	{control.HostPaths, `anytrue([for v in c.volumes : anytrue([for t in v.types : t.name == "hostPath" ? t.set : false]) ? ` + outsidePaths + ` : false])`},
	{control.HostProbes, `anytrue([for x in c.hosts : x == null ? false : (x == "" ? false : !` + isWord + `)])`},

	{control.Memory, limit("memory")},
	{control.CPU, limit("cpu")},
	{control.EphemeralStorage, limit("ephemeral-storage")},
	{control.Hugepages, `anytrue([for list in c.pages : anytrue([for l in list : startswith(l.name, "hugepages-") ? !anytrue([for page in [` + quantity(`trimprefix(l.name, "hugepages-")`) + `] : ` +
		`anytrue([for a in allowed : (a[0] == null ? true : (l.name == "hugepages-*" ? true : a[0] == page)) ? (a[1] == null ? true : (l.amount == null ? false : l.amount <= a[1])) : false])]) : false])])`},
	{control.Probes, `(c.lasting ? (c.init ? (c.restart == "Always" ? ` + runsOn("c.pod.restart") + ` : false) : ` + runsOn("c.restart == null ? c.pod.restart : c.restart") + `) : false) ? ` +
		`anytrue([for a in allowed : anytrue([for p in c.probes : p.name == a ? !p.set : false])]) : false`},

	{control.ReadOnlyRoot, `allowed ? c.read_only_root != "true" : false`},
	{control.FilesystemWrite, `anytrue([anytrue([for m in c.mounts : m.read_only == "true" ? false : (` + readOnlyVolume + ` ? false : anytrue([for x in [m.path] : ` + notWritable + `]))]), anytrue([for x in c.devices : ` + notWritable + `])])`},
	{control.Volumes, `anytrue([for v in c.volumes : anytrue([for t in v.types : t.set ? !anytrue([for a in allowed : a == t.name]) : false]) ? true : (` +
		`anytrue([for t in v.types : t.set]) ? false : !anytrue([for a in allowed : a == "emptyDir"]))])`}, // a volume without a type is an emptyDir
	{control.SubPaths, `allowed ? false : anytrue([for m in c.mounts : anytrue([for x in m.parts : x == null ? false : x != ""])])`},
	{control.KernelMounts, `allowed ? false : anytrue([for list in [[for m in c.mounts : m.path], c.devices] : anytrue([for x in list : x == null ? true : length(regexall("^$|^[^/]|//|/[.][.]?(/|$)|^/(proc|sys)?(/|$)", x)) > 0])])`},

	{control.Registries, `c.image == null ? true : !anytrue([for pattern, expression in allowed : length(regexall(expression, c.image.name)) > 0])`},
	{control.ImagesDenied, `c.image == null ? true : length(regexall(allowed, c.image.name)) > 0`},
	{control.TagsDenied, `c.image == null ? true : (c.image.tag == null ? false : length(regexall(allowed, c.image.tag)) > 0)`},
	{control.Digest, `allowed ? (c.image == null ? true : c.image.digest == null) : false`},

	{control.SandboxRuntime, `c.runtime_class == null ? true : !anytrue([for x in [c.runtime_class] : ` + isWord + `])`},
}

// flag finds a namespace of the node that is asked for.
func flag(field string) string {
	return `allowed ? false : (c.` + field + ` == null ? false : c.` + field + ` != "false")`
}

// stated finds a text that pod or container state and that is not allowed.
func stated(field string) string {
	return `anytrue([for x in [c.` + field + `, c.pod.` + field + `] : x == null ? false : (x == "" ? false : !` + isWord + `)])`
}

// limit finds a limit that is missing, cannot be read, or is above the most. 0
// is no limit to Kubernetes.
func limit(name string) string {
	return `c.lasting ? !anytrue([for l in c.limits : l.name == "` + name + `" ? (l.amount == null ? false : (l.amount > 0 ? l.amount <= allowed : false)) : false]) : false`
}

// quantity reads an amount, as static/pods.tf does.
func quantity(text string) string {
	return `try([for m in [regex(local.quantity, ` + text + `)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null)`
}

// outsidePaths finds a path of the node that is not below one that is allowed
// in the way that the containers mount it. A path that is not clean is below none,
// and a name that cannot be read may be that of any volume.
var outsidePaths = `(v.path == null ? true : length(regexall("//|/[.][.]?(/|$)", v.path)) > 0 ? true : !anytrue([for path, way in allowed : ` +
	`(path == "/" ? startswith(v.path, "/") : (trimsuffix(v.path, "/") == path ? true : (startswith(v.path, "${path}/") ? !` + behindLink + ` : false))) ? ` +
	`(way == "write" ? true : !anytrue([for list in c.containers : anytrue([for k in list : anytrue([for m in k.mounts : (m.name == "?" ? true : (v.name == "?" ? true : m.name == v.name)) ? m.read_only != "true" : false])])])) : false]))`

// runsOn tells by a restart policy that a container is meant to run until it is stopped.
func runsOn(restart string) string {
	return `!anytrue([for x in ["Never", "OnFailure"] : (` + restart + `) == x])`
}

// hiddenNames finds a list of variables, with the prefix p, of which one may have a
// name that is refused: the names are in another object.
const hiddenNames = `anytrue([for p in c.env_from : anytrue([for a in allowed : startswith(trimsuffix(a, "*"), p == null ? "" : p) ? true : (` +
	`endswith(a, "*") ? startswith(p == null ? "" : p, trimsuffix(a, "*")) : false)])])`

// readOnlyVolume finds that the volume of a mount is one that the kubelet mounts to
// be read; notWritable finds a path not all of which may be written, or that is not
// clean.
const (
	readOnlyVolume = `anytrue([for v in c.pod.volumes : v.name == m.name ? (anytrue([for t in v.types : t.set]) ? ` +
		`!anytrue([for t in v.types : t.set ? !anytrue([for k in ["configMap", "downwardAPI", "image", "projected", "secret"] : k == t.name]) : false]) : false) : false])`
	notWritable = `x == null ? true : (length(regexall("//|/[.][.]?(/|$)", x)) > 0 ? true : !anytrue([for a in allowed : length(regexall(a, x)) > 0]))`
)

// behindLink finds that a path of the node is behind a link that the path which is
// allowed is not (policy.HostLinks).
var behindLink = `anytrue([for l in ` + words(control.HostLinks) + ` : length(regexall(l, v.path)) > 0 ? length(regexall(l, path)) == 0 : false])`

// find gives the check of a control.
func find(id control.ID) (check, bool) {
	for _, c := range checks {
		if c.id == id {
			return c, true
		}
	}
	return check{}, false
}

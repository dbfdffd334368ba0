package podrule

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Level says whose specification has a field.
type Level uint8

// The levels.
const (
	Pod       Level = iota
	Container       // of every kind of containers
	Both            // of a container, which takes what its pod states where it states nothing itself
	Kubelet         // of the configuration of a kubelet
)

// Type is what a field holds.
type Type uint8

// The types. What holds something else cannot be read, and no rule lets it pass.
const (
	noType Type = iota // not stated, which no field may be
	Text               // also true and false: a Terraform configuration may write either as a text
	Number             // a whole number
	Amount             // a quantity of Kubernetes
	Object             // an object that is read by hand, or with [] a list of them
	Bool               // true or false, and not as a text
)

// Field is one field of a pod, of its containers, or of a kubelet that some rule reads.
type Field struct {
	// Path is where it is below the specification, or in a kubelet's configuration, as Kubernetes writes it: [] follows a list, | is between alternatives.
	Path string
	// Alternatives are the names of variables for what is between | in Path, in their order.
	Alternatives []string
	// Provider is the path in resources of the Terraform provider for Kubernetes, where it is not Path in snake case. The
	// provider writes an object as a list of one.
	Provider string
	Level    Level
	Type     Type
	// Default is, as JSON, what Kubernetes assumes where nothing is stated; "" where the rules ask themselves.
	Default string
	// Local is the attribute of a pod or container in the Terraform module that holds it; "" where it is read by hand.
	Local string
	// Since is the minor version of Kubernetes 1 that has the field; 0 is any that is supported.
	Since int
	// Required says that an object which has the field has to state it: without it, the object is not unset, and the field is "".
	// Pod Security refuses such a profile, and a kubelet takes it in place of the pod's.
	Required bool
	// Shared is the minor version of Kubernetes 1 since which, by default, a pod may state the field for all its containers
	// together (PodLevelResources); one that states none itself has the pod's. 0 is never.
	Shared int
	// Immutable says that no update of a pod can change it: the API server lets images be changed, and by a resize memory and
	// CPU (k8s.io/kubernetes, core validation, ValidatePodUpdate and ValidatePodResize). A field of which nobody has looked that
	// up is judged on every update.
	Immutable bool
}

// Minor versions of Kubernetes 1 since which fields mean something (Since) that are read by hand too.
var (
	SinceUserNamespaces = mustFind(Pod, "hostUsers").Since
	SinceSeccompField   = mustFind(Both, "securityContext.seccompProfile.type").Since
	SinceAppArmorField  = mustFind(Both, "securityContext.appArmorProfile.type").Since
	SinceOS             = mustFind(Pod, "os.name").Since
	// SinceRecursiveReadOnly is the version in which recursiveReadOnly of a mount is on by default (KEP-3857: beta in 1.31, alpha
	// and off in 1.30).
	SinceRecursiveReadOnly = 31
)

// SincePodLimits is the version in which the limits of a pod for memory and CPU are on by default (PodLevelResources of
// KEP-2837: beta in 1.34, alpha and off in 1.32).
const SincePodLimits = 34

// Paths with alternatives.
const (
	ProbeHosts = "livenessProbe|readinessProbe|startupProbe.httpGet|tcpSocket.host"
	HookHosts  = "lifecycle.postStart|preStop.httpGet|tcpSocket.host"
	SubPaths   = "volumeMounts[].subPath|subPathExpr"
)

// fields is the table. A new field is a line here; the rules that read it name its path.
var fields = []*Field{
	{Path: "os.name", Level: Pod, Type: Text, Local: "os", Since: 25, Immutable: true},
	{Path: "runtimeClassName", Level: Pod, Type: Text, Default: `""`, Local: "runtime_class", Immutable: true},
	{Path: "hostNetwork", Level: Pod, Type: Text, Default: "false", Local: "host_network", Immutable: true},
	{Path: "hostPID", Level: Pod, Type: Text, Default: "false", Local: "host_pid", Immutable: true},
	{Path: "hostIPC", Level: Pod, Type: Text, Default: "false", Local: "host_ipc", Immutable: true},
	{Path: "hostUsers", Level: Pod, Type: Text, Default: "true", Local: "host_users", Since: 25, Immutable: true},
	{Path: "shareProcessNamespace", Level: Pod, Type: Text, Default: "false", Local: "share_processes", Immutable: true},
	{Path: "automountServiceAccountToken", Level: Pod, Type: Text, Default: "true", Local: "automount", Immutable: true},
	{Path: "restartPolicy", Level: Both, Type: Text, Default: `"Always"`, Local: "restart", Immutable: true},
	{Path: "hostAliases[].ip", Level: Pod, Type: Text, Default: "null", Local: "host_aliases", Immutable: true},
	{Path: "securityContext.runAsNonRoot", Level: Both, Type: Text, Default: "null", Local: "non_root", Immutable: true},
	{Path: "securityContext.runAsUser", Level: Both, Type: Number, Default: "null", Local: "user", Immutable: true},
	{Path: "securityContext.runAsGroup", Level: Both, Type: Number, Default: "null", Local: "group", Immutable: true},
	{Path: "securityContext.fsGroup", Level: Pod, Type: Number, Default: "null", Local: "fs_group", Immutable: true},
	{Path: "securityContext.supplementalGroups[]", Level: Pod, Type: Number, Default: "null", Local: "supplemental_groups", Immutable: true},
	{Path: "securityContext.supplementalGroupsPolicy", Level: Pod, Type: Text, Default: `"Merge"`, Local: "groups_policy", Immutable: true},
	{Path: "securityContext.sysctls[].name", Provider: "security_context.sysctl[].name", Level: Pod, Type: Text, Default: "null", Local: "sysctls", Immutable: true},
	{Path: "securityContext.sysctls[].value", Provider: "security_context.sysctl[].value", Level: Pod, Type: Text, Default: "null", Local: "sysctl_values", Immutable: true},
	{Path: "securityContext.seccompProfile.type", Level: Both, Type: Text, Default: "null", Required: true, Local: "seccomp", Since: 19, Immutable: true},
	{Path: "securityContext.seccompProfile.localhostProfile", Level: Both, Type: Text, Local: "seccomp_file", Since: 19, Immutable: true},
	{Path: "securityContext.appArmorProfile.type", Level: Both, Type: Text, Default: "null", Required: true, Local: "apparmor", Since: 30, Immutable: true},
	{Path: "securityContext.appArmorProfile.localhostProfile", Level: Both, Type: Text, Local: "apparmor_file", Since: 30, Immutable: true},
	{Path: "securityContext.seLinuxOptions.type", Level: Both, Type: Text, Default: `""`, Local: "selinux_type", Immutable: true},
	{Path: "securityContext.seLinuxOptions.user", Level: Both, Type: Text, Default: `""`, Local: "selinux_user", Immutable: true},
	{Path: "securityContext.seLinuxOptions.role", Level: Both, Type: Text, Default: `""`, Local: "selinux_role", Immutable: true},
	{Path: "securityContext.windowsOptions.hostProcess", Level: Both, Type: Text, Default: "false", Local: "host_process", Immutable: true},
	{Path: "resources.limits", Level: Pod, Type: Object},
	{Path: "resources.requests", Level: Pod, Type: Object},
	{Path: "volumes[]", Level: Pod, Type: Object, Immutable: true},
	{Path: "volumes[].image.reference", Level: Pod, Type: Text, Default: `""`, Immutable: true},
	{Path: "initContainers[]", Level: Pod, Type: Object},
	{Path: "containers[]", Level: Pod, Type: Object},
	{Path: "ephemeralContainers[]", Level: Pod, Type: Object},

	{Path: "name", Level: Container, Type: Text, Default: `""`, Immutable: true},
	{Path: "image", Level: Container, Type: Text, Default: `""`, Local: "image"},
	{Path: "securityContext.privileged", Level: Container, Type: Text, Default: "false", Local: "privileged", Immutable: true},
	{Path: "securityContext.allowPrivilegeEscalation", Level: Container, Type: Text, Default: "true", Local: "escalation", Immutable: true},
	{Path: "securityContext.readOnlyRootFilesystem", Level: Container, Type: Text, Default: "false", Local: "read_only_root", Immutable: true},
	{Path: "securityContext.procMount", Level: Container, Type: Text, Default: `"Default"`, Local: "proc_mount", Immutable: true},
	{Path: "securityContext.capabilities.add[]", Level: Container, Type: Text, Default: "null", Local: "add", Immutable: true},
	{Path: "securityContext.capabilities.drop[]", Level: Container, Type: Text, Default: "null", Immutable: true},
	{Path: "ports[]", Level: Container, Type: Object, Immutable: true},
	{Path: "env[].name", Level: Container, Type: Text, Default: `""`, Local: "env", Immutable: true},
	{Path: "envFrom[]", Level: Container, Type: Object, Immutable: true},
	{Path: "volumeMounts[]", Level: Container, Type: Object, Immutable: true},
	{Path: SubPaths, Alternatives: []string{"field"}, Provider: "volume_mount[].sub_path|sub_path_expr", Level: Container, Type: Text, Default: `""`, Local: "sub_paths", Immutable: true},
	{Path: "volumeDevices[].devicePath", Provider: "volume_device[].device_path", Level: Container, Type: Text, Default: `""`, Local: "devices", Immutable: true},
	{Path: ProbeHosts, Alternatives: []string{"name", "action"}, Level: Container, Type: Text, Default: `""`, Local: "probe_hosts", Immutable: true},
	{Path: HookHosts, Alternatives: []string{"name", "action"}, Level: Container, Type: Text, Default: `""`, Local: "hook_hosts", Immutable: true},
	{Path: "resources.limits", Level: Container, Type: Object},
	{Path: "resources.requests", Level: Container, Type: Object},
	{Path: "resources.limits.memory", Level: Container, Type: Amount, Shared: SincePodLimits},
	{Path: "resources.limits.cpu", Level: Container, Type: Amount, Shared: SincePodLimits},
	{Path: "resources.limits.ephemeral-storage", Level: Container, Type: Amount, Immutable: true},
}

// Fields lists the table of fields.
func Fields() []*Field { return slices.Clone(fields) }

// tableOf gives the table that has the fields of a level.
func tableOf(level Level) []*Field {
	if level == Kubelet {
		return kubeletFields
	}
	return fields
}

// find gives the field of a path that a pod (Pod), a container (Container) or a kubelet (Kubelet) has.
func find(level Level, path string) (*Field, bool) {
	table := tableOf(level)
	i := slices.IndexFunc(table, func(f *Field) bool { return f.Path == path && (f.Level == level || f.Level == Both) })
	if i < 0 {
		return nil, false
	}
	return table[i], true
}

func mustFind(level Level, path string) *Field {
	f, ok := find(level, path)
	if !ok {
		panic(fmt.Sprintf("podrule: the table of fields has no %q", path))
	}
	return f
}

// step is one name of a path, or alternatives; list says that elements follow.
type step struct {
	names []string
	list  bool
}

func stepsOf(path string) []step {
	var out []step
	for part := range strings.SplitSeq(path, ".") {
		name, list := strings.CutSuffix(part, "[]")
		out = append(out, step{strings.Split(name, "|"), list})
	}
	return out
}

// around gives the steps up to a list and those within its elements; before is nil where the path has no list.
func around(steps []step) (before, within []step) {
	i := slices.IndexFunc(steps, func(s step) bool { return s.list })
	if i < 0 {
		return nil, steps
	}
	return steps[:i+1], steps[i+1:]
}

// expand lists the ways that alternatives make.
func expand(steps []step) [][]string {
	ways := [][]string{nil}
	for _, s := range steps {
		var next [][]string
		for _, way := range ways {
			for _, name := range s.names {
				next = append(next, append(slices.Clone(way), name))
			}
		}
		ways = next
	}
	return ways
}

// provider gives the steps of the path in a Terraform resource.
func (f *Field) provider() []step {
	if f.Provider != "" {
		return stepsOf(f.Provider)
	}
	steps := stepsOf(f.Path)
	for i := range steps {
		for k, name := range steps[i].names {
			steps[i].names[k] = snake(name)
		}
	}
	return steps
}

// snake writes a name as the provider does: hostPID is host_pid.
func snake(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = !unicode.IsUpper(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// unset is the Go value of what is assumed where nothing is stated.
func (f *Field) unset() any {
	var v any
	if f.Default != "" {
		if err := json.Unmarshal([]byte(f.Default), &v); err != nil {
			panic(fmt.Sprintf("podrule: the default of %s is no JSON: %v", f.Path, err))
		}
	}
	return v
}

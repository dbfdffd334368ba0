package terraform

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// check says how the module finds what violates one control: an expression
// over one container or pod, and over what is allowed to it.
type check struct {
	id control.ID
	// bad is a Terraform expression that is true for a violation. It may use
	//
	//	c        a container (local.containers in static/containers.tf), or, where the
	//	         control is not of containers, a pod (local.held_pods)
	//	allowed  the value of the policy for it, as the control or encodings write it; never
	//	         null. A control with one strict value only (table.flag) has none
	//
	// It has no && and no ||: until Terraform 1.11 `unknown && false` is unknown,
	// and a conditional decides by what is known in every version.
	bad string
}

// isWord says that a text, x, is one of some words or begins with one of some prefixes.
func isWord(words string) string {
	return `anytrue(concat([for a in ` + words + `.names : x == a], [for a in ` + words + `.prefixes : startswith(x, a)]))`
}

// handwritten are the checks of controls without rules as data. They say of a pod what the target rego says of it, so that
// a manifest and a plan are held to the same.
var handwritten = map[control.ID]string{
	control.Undeclared: `c.workload == "*"`,
	control.AppArmorProfile: `anytrue([for k in c.apparmors : k == null ? false : !anytrue([for a in allowed : a == k])]) ? true : (` +
		`!anytrue([!c.apparmor_empty, anytrue([for a in allowed : a == null])]) ? true : (` +
		`anytrue([for k in c.apparmors : k != null]) ? false : (c.windows ? false : !anytrue([for a in allowed : a == null]))))`,
	control.CompiledProfiles: `anytrue([for own in [allowed.seccomp] : own == null ? false : !anytrue([for x in [c.seccomp_file] : x == null ? false : trimprefix(x, "operator/") == trimprefix(own, "operator/")])]) ? true : ` +
		`anytrue([for own in [allowed.apparmor] : own == null ? false : (c.apparmor_file == null ? true : c.apparmor_file != own)])`,
	control.SysctlValues: `anytrue([for x in c.sysctl_values : x == null ? true : length(regexall("^-?[0-9]+(([ \\t]+-?|[,-])[0-9]+)*$", x)) == 0])`,
	control.ProcMount:    `c.proc_mount == null ? false : (c.proc_mount == "Default" ? false : (allowed == "user-namespace" ? c.pod.host_users != "false" : true))`,
	control.Tokens: `anytrue([allowed.api ? false : c.automount != "false", anytrue([for v in c.volumes : anytrue([anytrue(v.unknown), anytrue([for x in v.certificates : x == null ? true : !` + isWord("allowed.known") + `]), ` +
		`anytrue([for t in v.tokens : anytrue([for x in [t == null ? "" : t] : x == "" ? !allowed.api : !` + isWord("allowed.known") + `])])])])])`,
	control.Annotations: `anytrue([for list in c.annotations[*] : anytrue([for k, v in list : anytrue([for a in allowed : length(regexall(a, k)) > 0])])])`,
	control.Environment: `anytrue([for x in c.env : x == null ? false : (x == "?" ? true : ` + isWord("allowed") + `)]) ? true : ` + hiddenNames,
	// Runtimes read names in any case, and CRI-O takes CAP_ in front. containerd puts it there once more, so that a name
	// which has it may add a capability, but is not sure to drop it.
	control.CapabilitiesDrop: `anytrue([for a in allowed : !anytrue([for x in c.drop : x == "ALL" ? true : x == a])]) ? true : (` +
		`anytrue([for x in [for k in c.add : try(trimprefix(upper(k), "CAP_"), "")] : x == "ALL" ? anytrue([for a in allowed : a == "ALL" ? false : !anytrue([for d in c.drop : d == a])]) : anytrue([for a in allowed : a == x])]))`,
	control.HostPorts: `anytrue([for p in c.ports : anytrue([for x in [(p.number == null ? true : p.number == 0) ? (c.pod.host_network == null ? null : (c.pod.host_network == "false" ? null : p.inner)) : p.number] : x == null ? false : ` +
		`!anytrue([for a in allowed : (p.protocol == null ? "tcp" : p.protocol) == a[0] ? (x >= a[1] ? x <= a[2] : false) : false])])])`,
	control.HostPaths: `anytrue([for v in c.volumes : anytrue([for t in v.types : t.name == "hostPath" ? t.set : false]) ? ` + outsidePaths + ` : false])`,
	control.HostDevices: `anytrue(concat([for x in c.claims : !` + isWord("allowed") + `], [for list in concat([c.limits, c.requests], concat([], [for all in c.containers : concat([], [for k in all : [k.limits, k.requests]]...)]...)) : ` +
		`anytrue([for l in list : length(split("/", l.name)) > 1 ? anytrue([for x in [l.name] : !` + isWord("allowed") + `]) : false])]))`,
	control.Hugepages: `anytrue([for list in c.pages : anytrue([for l in list : startswith(l.name, "hugepages-") ? !anytrue([for page in [` + quantity(`trimprefix(l.name, "hugepages-")`) + `] : ` +
		`anytrue([for a in allowed : (a[0] == null ? true : (l.name == "hugepages-*" ? true : a[0] == page)) ? (a[1] == null ? true : (l.amount == null ? false : l.amount <= a[1])) : false])]) : false])])`,
	control.Probes: `(c.lasting ? (c.init ? (c.restart == "Always" ? ` + runsOn("c.pod.restart") + ` : false) : ` + runsOn("c.restart == null ? c.pod.restart : c.restart") + `) : false) ? ` +
		`anytrue([for a in allowed : anytrue([for p in c.probes : p.name == a ? !p.set : false])]) : false`,
	control.BlockIO: `!anytrue([for own in [` + annotation(control.BlockIOContainer+"${c.name}") + `] : ` +
		`anytrue([for x in [own == null ? ` + annotation(control.BlockIOPod) + ` : own] : anytrue([for a in allowed : a == x])])])`,
	control.FilesystemWrite: `anytrue([anytrue([for m in c.mounts : (m.read_only == "true" ? !anytrue([for v in c.pod.volumes : v.name == m.name ? ` + ofNode + ` : false]) : false) ? false : (` + readOnlyVolume + ` ? false : anytrue([for x in [m.path] : ` + notWritable + `]))]), anytrue([for x in c.devices : ` + notWritable + `])])`,
	control.Volumes: `anytrue([for v in c.volumes : anytrue([for t in v.types : t.set ? !anytrue([for a in allowed : a == t.name]) : false]) ? true : (` +
		`anytrue([for t in v.types : t.set]) ? false : !anytrue([for a in allowed : a == "emptyDir"]))])`,
	control.KernelMounts: `anytrue([for list in [[for m in c.mounts : m.path], c.devices] : anytrue([for x in list : x == null ? true : length(regexall("^$|^[^/]|//|/[.][.]?(/|$)|^/(proc|sys)?(/|$)", x)) > 0])])`,
}

// encodings write what a control is set to where the expressions above do not read it as the control encodes it.
var encodings = map[control.ID]func(*control.Control, control.Value) (string, error){
	control.ProcMount:        func(_ *control.Control, v control.Value) (string, error) { return quote(v.Text), nil },
	control.CapabilitiesDrop: func(_ *control.Control, v control.Value) (string, error) { return words(v.Keys()), nil },
	control.Tokens: func(c *control.Control, v control.Value) (string, error) {
		known := c.Encoded(v)
		return fmt.Sprintf("{ api = %t, known = %s }", known.Unset, known.HCL()), nil
	},
	control.HostPorts: func(_ *control.Control, v control.Value) (string, error) { return each(v.Items, port) },
	control.HostPaths: func(_ *control.Control, v control.Value) (string, error) {
		return pairs(v.Items, func(it control.Item) (string, error) { return quote(it.Arg), nil })
	},
	control.Hugepages: func(_ *control.Control, v control.Value) (string, error) { return each(v.Items, hugepages) },
}

// lists are what a control is asked of, where that is not all containers.
var lists = map[control.ID]string{control.Hugepages: "local.hugepages"}

// encode writes what a control is set to as the expressions of checks read it.
func encode(c *control.Control, v control.Value) (string, error) {
	switch write := encodings[c.ID]; {
	case !c.Restricts(v) || c.NeedsProfile: // of whose profiles profilesOf tells
		return nothing, nil
	case write != nil:
		return write(c, v)
	}
	return c.Encoded(v).HCL(), nil
}

// checks are the controls that can be seen in a plan, in the catalogue's order.
var checks = sync.OnceValue(func() (all []check) {
	for _, c := range control.Controls() {
		if bad, ok := handwritten[c.ID]; ok {
			all = append(all, check{c.ID, bad})
		} else if len(c.Rules) > 0 && c.Scope != control.OfPolicy {
			all = append(all, check{c.ID, ruled(c)})
		}
	}
	return all
})

// ruled finds what violates one of the rules of a control. What they say of the images of volumes is asked of those as it
// is of containers (local.images).
func ruled(c *control.Control) string {
	kind := c.Encoded(control.Value{}).Kind
	var all []string
	for _, r := range c.Rules {
		if bad := r.Terraform(kind); !slices.Contains(all, bad) {
			all = append(all, bad)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return "anytrue([" + strings.Join(all, ", ") + "])"
}

// ofImages reports whether rules of a control are about images.
func ofImages(c *control.Control) bool {
	return slices.ContainsFunc(c.Rules, func(r podrule.Rule) bool { return r.Shape == podrule.Image })
}

// annotation reads an annotation of a container's pod; null where it has none. The key may name an attribute of the container.
func annotation(key string) string {
	return `concat([for list in c.pod.annotations[*] : lookup(list, "` + key + `", null)], [null])[0]`
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
	`(way == "write" ? true : !anytrue([for list in c.containers : anytrue([for k in list : anytrue([for m in k.mounts : (m.name == "?" ? true : (v.name == "?" ? true : m.name == v.name)) ? anytrue([m.read_only != "true", ` + submountsWritable + `]) : false])])])) : false]))`

// runsOn tells by a restart policy that a container is meant to run until it is stopped.
func runsOn(restart string) string {
	return `!anytrue([for x in ["Never", "OnFailure"] : (` + restart + `) == x])`
}

// hiddenNames finds a list of variables, with the prefix p, of which one may have a
// name that is refused: the names are in another object.
const hiddenNames = `anytrue([for p in [for p in c.env_from : p == null ? "" : p] : anytrue(concat([for a in allowed.names : startswith(a, p)], ` +
	`[for a in allowed.prefixes : startswith(a, p)], [for a in allowed.prefixes : startswith(p, a)]))])`

// submountsWritable finds that what is mounted below a folder of the node stays writable in a mount that is read-only:
// it is made so recursively only without mountPropagation. Files have nothing below them. ofNode asks first whether the volume
// is of the node.
const (
	submountsWritable = `(local.recursive_reads ? !anytrue([for k in ["BlockDevice", "CharDevice", "File", "FileOrCreate", "Socket"] : k == (v.kind == null ? "" : v.kind)]) : false) ? ` +
		`anytrue([m.recursive != "Enabled", (m.propagation == null ? false : m.propagation != "None")]) : false`
	ofNode = `(anytrue([for t in v.types : t.name == "hostPath" ? t.set : false]) ? (` + submountsWritable + `) : false)`
)

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

// checksOn are those of the controls that the platform's Kubernetes knows.
func checksOn(p *policy.Policy) []check {
	return slices.DeleteFunc(slices.Clone(checks()), func(c check) bool {
		ctrl, _ := control.Lookup(c.id)
		return !ctrl.Known(p.Platform.SinceKubernetes)
	})
}

// find gives the check of a control.
func find(id control.ID) (check, bool) {
	for _, c := range checks() {
		if c.id == id {
			return c, true
		}
	}
	return check{}, false
}

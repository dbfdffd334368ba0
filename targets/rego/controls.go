package rego

import (
	"fmt"
	"maps"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// rule is one way of breaking a control, in the parts of a Rego rule.
type rule struct {
	over    string   // what of shape.rego is gone through: containers, linux_pods, ...
	where   []string // the lines that find what is wrong
	at      string   // where keys begin, if not at what is gone through
	keys    string   // the way to what is wrong or missing
	problem string   // what is wrong, as an expression; this_control is the ID of the control
	fixed   bool     // an update of a pod cannot break it, though it can its control
}

// reads reports whether the rule asks what the control is set to, by the variable
// that holds it; else that something is restricted says all.
func (r rule) reads(variable string) bool {
	return variable != "" && strings.Contains(strings.Join(append([]string{r.problem}, r.where...), "\n"), variable)
}

// control is how a control is checked.
type check struct {
	// value writes what the control is set to, where that restricts something; nil as the control encodes it.
	value func(*control.Control, control.Value) string
	// own writes instead what it means for one container; "" where it asks for nothing.
	own func(*policy.Policy, *policy.Container) string
	// variable is the name by which the rules read it; "" where that something is restricted says all.
	variable  string
	rules     []rule
	functions string // what the rules call besides
	file      string // the bundle's file that they need, if one
	fixed     bool   // an update of a pod cannot break it
}

func (r check) valueOf(p *policy.Policy, ctrl *control.Control, c *policy.Container) string {
	v := c.Get(ctrl.ID).Value
	switch {
	case r.own != nil:
		return r.own(p, c)
	case r.value != nil:
		return r.value(ctrl, v)
	}
	return ctrl.Encoded(v).Rego()
}

// yes is the value of a control that has one strict end only.
func yes(*control.Control, control.Value) string { return "true" }

func keySet(_ *control.Control, v control.Value) string { return set(v.Keys()) }

// controls holds every control that shows in a pod or a node.
var controls = func() map[control.ID]check {
	all := map[control.ID]check{}
	for _, c := range control.Controls() {
		if len(c.Rules) > 0 {
			all[c.ID] = ruled(c)
		}
	}
	maps.Copy(all, handwritten)
	for id, c := range all {
		ctrl, _ := control.Lookup(id)
		c.fixed = ctrl.Immutable
		all[id] = c
	}
	return all
}()

// handwritten are the checks of controls without rules as data. Those of the whole policy have theirs elsewhere:
// undeclared.go, updates.go and kubelets.go write them.
var handwritten = map[control.ID]check{
	control.Undeclared:        {},
	control.AppArmorProfile:   apparmor(),
	control.CompiledProfiles:  compiledProfiles(platform.Facts{}),
	control.SysctlValues:      sysctlValuesCheck,
	control.ProcMount:         procMountCheck,
	control.Tokens:            tokensCheck,
	control.Annotations:       annotationsCheck,
	control.Environment:       environmentCheck,
	control.CapabilitiesDrop:  capabilitiesDropCheck,
	control.HostPorts:         hostPortsCheck,
	control.HostPaths:         hostPathsCheck,
	control.HostDevices:       devicesCheck,
	control.Hugepages:         hugepagesCheck,
	control.Probes:            probesCheck,
	control.BlockIO:           blockIOCheck,
	control.FilesystemWrite:   filesystemWriteCheck,
	control.Volumes:           volumesCheck,
	control.KernelMounts:      kernelMountsCheck,
	control.RuntimeVersion:    {},
	control.KernelVersion:     {},
	control.KubernetesVersion: {},
	control.NodeRuntimes:      {},
}

// onPlatform gives the check of a control where the platform decides what it reads.
func onPlatform(id control.ID, c check, p platform.Facts) check {
	switch {
	case id == control.SeccompProfile && !p.SinceKubernetes(seccompField):
		return seccompAnnotations
	case id == control.CompiledProfiles:
		return compiledProfiles(p)
	}
	return c
}

// The versions of a node, with the field that reports each and its name in messages.
var nodeVersions = []struct {
	id          control.ID
	field, what string
}{
	{control.KernelVersion, "kernelVersion", "kernel"},
	{control.KubernetesVersion, "kubeletVersion", "kubelet"},
}

// ruled is how a control is checked whose rules are data.
func ruled(c *control.Control) check {
	kind := c.Encoded(control.Value{}).Kind
	var out check
	if kind != podrule.None {
		out.variable = "allowed"
	}
	for _, r := range c.Rules {
		if r.Shape == podrule.Image {
			out.file = imageFile
		}
		out.rules = append(out.rules, rulesOf(r, kind)...)
	}
	return out
}

func rulesOf(r podrule.Rule, kind podrule.Kind) (out []rule) {
	for _, p := range r.Rego(kind) {
		out = append(out, rule{over: p.Over, where: p.Where, at: p.At, keys: p.Keys, problem: p.Problem, fixed: r.Immutable()})
	}
	return out
}

func named(what string) string {
	return fmt.Sprintf("sprintf(\"%s %%s is not allowed\", [json.marshal(value)])", what)
}

const profileProblem = `sprintf("the %s profile %%s is not allowed", [json.marshal(value)])`

// apparmor also reads the annotation that came before the field (Kubernetes 1.30), which still holds for a container that
// states none. One that is meant for no container of the pod is judged as well, as Pod Security does.
func apparmor() check {
	c := check{variable: "allowed", rules: rulesOf(podrule.Rule{
		Over: podrule.Containers, Field: "securityContext.appArmorProfile.type", Shape: podrule.Member, Excuse: podrule.UnsetOnWindows,
		Message: "appArmorProfile.type must not be %v", Missing: "no AppArmor profile is set; use %s",
	}, podrule.Set)}
	c.rules[0].where = append(c.rules[0].where, "not apparmor_annotated(c, value)")
	const prefix = `"container.apparmor.security.beta.kubernetes.io/"`
	c.rules = append(c.rules, rule{
		over: "containers", at: "in_pod(c)", keys: `["metadata", "annotations", key]`, problem: fmt.Sprintf(profileProblem, "AppArmor"),
		where: []string{
			"c.pod.annotations != {}",
			`key := concat("", [` + prefix + `, c.name])`,
			"value := c.pod.annotations[key]",
			"not apparmor_type(value) in allowed",
		},
	}, rule{
		over: "pods", keys: `["metadata", "annotations", key]`, problem: fmt.Sprintf(profileProblem, "AppArmor"),
		where: []string{
			"pod.annotations != {}",
			"some key, value in pod.annotations",
			"startswith(key, " + prefix + ")",
			"not apparmor_type(value) in allowed",
			"not has_container(pod, trim_prefix(key, " + prefix + "))",
		},
	})
	c.functions = `apparmor_annotated(c, null) if c.pod.annotations[concat("", [` + prefix + `, c.name])]

has_container(pod, name) if {
	some stated in stated_in(pod)
	object.get(stated, "name", "") == name
}

# What the annotation says, in the words of the field; anything else is
# nothing that could be allowed.
apparmor_type(value) := null if {
	value == ""
} else := "RuntimeDefault" if {
	value == "runtime/default"
} else := "Localhost" if {
	startswith(value, "localhost/")
} else := "Unconfined" if {
	value == "unconfined"
} else := ["unknown", value]
`
	return c
}

// seccompAnnotations reads what chose the profile before there was a field for it: the annotation of a container, else
// that of its pod.
var seccompAnnotations = check{variable: "allowed", rules: []rule{{
	over: "linux_containers", at: "in_pod(c)", keys: `["metadata", "annotations", key]`, problem: fmt.Sprintf(profileProblem, "seccomp"),
	where: []string{
		"key := seccomp_key(c)",
		"value := c.pod.annotations[key]",
		"not seccomp_allowed(value, allowed)",
	},
}, {
	over: "linux_pods", keys: `["metadata", "annotations", seccomp_pod]`, problem: fmt.Sprintf(profileProblem, "seccomp"),
	where: []string{
		"value := pod.annotations[seccomp_pod]",
		"not seccomp_allowed(value, allowed)",
	},
}, {
	over: "linux_containers", at: "in_pod(c)", keys: `["metadata", "annotations", seccomp_pod]`, problem: `"an annotation must state the seccomp profile"`,
	where: []string{
		"not seccomp_unset(allowed)",
		`stated := {key | some key in [seccomp_key(c), seccomp_pod]; c.pod.annotations[key]}`,
		"count(stated) == 0",
	},
}}, functions: `seccomp_pod := "seccomp.security.alpha.kubernetes.io/pod"

seccomp_key(c) := concat("", ["container.seccomp.security.alpha.kubernetes.io/", c.name])

# Within functions, what is allowed may be of any type: texts, null, or both.
seccomp_allowed(value, allowed) if seccomp_type(value) in allowed

seccomp_unset(allowed) if null in allowed

# What an annotation says, in the words of the field; anything else is
# nothing that could be allowed.
seccomp_type(value) := "RuntimeDefault" if {
	value in {"runtime/default", "docker/default"}
} else := "Localhost" if {
	startswith(value, "localhost/")
} else := "Unconfined" if {
	value == "unconfined"
} else := ["unknown", value]
`}

var sysctlValuesCheck = check{value: yes, rules: []rule{{
	over: "pods", keys: `["spec", "securityContext", "sysctls", i, "value"]`, problem: `sprintf("the kernel setting %s must be set to numbers, not to %s", [json.marshal(object.get(sysctl, "name", "")), json.marshal(value)])`,
	where: []string{
		"some i, sysctl in pod.spec.securityContext.sysctls",
		`value := object.get(sysctl, "value", "")`,
		"not regex.match(" + numbersOnly + ", sprintf(\"%v\", [value]))",
	},
}}}

var procMountCheck = check{value: procMount, variable: "exempt", rules: []rule{{
	over: "containers", keys: `["securityContext", "procMount"]`, problem: `"/proc must be mounted as by default"`,
	where: []string{`c.spec.securityContext.procMount != "Default"`, "not c.pod.spec.hostUsers in exempt"},
}}}

var capabilitiesDropCheck = check{value: keySet, variable: "required", rules: []rule{{
	over: "linux_containers", keys: `["securityContext", "capabilities", "drop"]`, problem: `sprintf("these capabilities must be dropped: %s", [concat(", ", missing)])`,
	where: []string{
		"dropped := dropped_names(c)",
		`not "ALL" in dropped`,
		"missing := [capability | some capability in required; not capability in dropped]",
		"count(missing) > 0",
	},
}, {
	over: "linux_containers", keys: `["securityContext", "capabilities", "add"]`, problem: `sprintf("the capability %s must stay dropped", [json.marshal(capability)])`,
	where: []string{
		"some capability in c.spec.securityContext.capabilities.add",
		`added_name(capability) in (required - {"ALL"})`,
	},
}, {
	over: "linux_containers", keys: `["securityContext", "capabilities", "add"]`, problem: `sprintf("%s brings these capabilities back: %s", [json.marshal(capability), concat(", ", back)])`,
	where: []string{
		"some capability in c.spec.securityContext.capabilities.add",
		`added_name(capability) == "ALL"`,
		`back := (required - {"ALL"}) - dropped_names(c)`,
		"count(back) > 0",
	},
}}}

// numbersOnly is a regular expression of numbers between blanks, and of the lists of ranges that some settings take.
const numbersOnly = "`^-?[0-9]+(([ \\t]+-?|[,-])[0-9]+)*$`"

// procMountInUserNamespace lets /proc be unmasked in a pod with a user namespace of its own.
const procMountInUserNamespace = "user-namespace"

// procMount writes the values of hostUsers with which any mount of /proc will do.
func procMount(_ *control.Control, v control.Value) string {
	if v.Text == procMountInUserNamespace {
		return "{false}"
	}
	return "set()"
}

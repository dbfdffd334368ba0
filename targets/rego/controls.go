package rego

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// rule is one way of breaking a control, in the parts of a Rego rule.
type rule struct {
	over    string   // what of shape.rego is gone through: containers, linux_pods, ...
	where   []string // the lines that find what is wrong
	at      string   // where keys begin, if not at what is gone through
	keys    string   // the way to what is wrong or missing
	problem string   // what is wrong, as an expression
	fixed   bool     // an update of a pod cannot break it, though it can its control
}

// reads reports whether the rule asks what the control is set to, by the variable
// that holds it; else that something is restricted says all.
func (r rule) reads(variable string) bool {
	return variable != "" && strings.Contains(strings.Join(append([]string{r.problem}, r.where...), "\n"), variable)
}

// control is how a control is checked.
type check struct {
	// value writes what the control is set to, where that restricts something.
	value func(control.Value) string
	// own writes instead what it means for one container; "" where it asks for nothing.
	own func(*policy.Policy, *policy.Container) string
	// variable is the name by which the rules read it; "" where that something is restricted says all.
	variable  string
	rules     []rule
	functions string // what the rules call besides
	file      string // the bundle's file that they need, if one
	fixed     bool   // an update of a pod cannot break it
}

func (r check) valueOf(p *policy.Policy, c *policy.Container, v control.Value) string {
	if r.own != nil {
		return r.own(p, c)
	}
	return r.value(v)
}

// yes is the value of a control that has one strict end only.
func yes(control.Value) string { return "true" }

func keySet(v control.Value) string { return set(v.Keys()) }

// controls holds every control that shows in a pod or a node.
var controls = func() map[control.ID]check {
	all := map[control.ID]check{}
	for _, some := range []map[control.ID]check{flags, identities, profiles, privileges, tokens, trusted, hosts, amounts, volumes, mounts, images, elsewhere} {
		maps.Copy(all, some)
	}
	for id, c := range all {
		ctrl, _ := control.Lookup(id)
		c.fixed = ctrl.Immutable
		all[id] = c
	}
	return all
}()

// elsewhere are the controls of the whole policy, whose rules index.go and nodes.go write.
var elsewhere = map[control.ID]check{
	control.Undeclared: {}, control.RuntimeVersion: {}, control.KernelVersion: {}, control.KubernetesVersion: {},
}

// flag checks one field that has one good value.
func flag(over, field, keys, good, problem string) check {
	return check{value: yes, rules: []rule{{
		over: over, where: []string{variableOf(over) + ".spec." + field + " != " + good}, keys: keys, problem: problem,
	}}}
}

var flags = map[control.ID]check{
	control.Privileged:      flag("containers", "securityContext.privileged", `["securityContext", "privileged"]`, "false", `"it is privileged"`),
	control.Escalation:      flag("linux_containers", "securityContext.allowPrivilegeEscalation", `["securityContext", "allowPrivilegeEscalation"]`, "false", `"allowPrivilegeEscalation must be stated as false"`),
	control.ReadOnlyRoot:    flag("linux_containers", "securityContext.readOnlyRootFilesystem", `["securityContext", "readOnlyRootFilesystem"]`, "true", `"readOnlyRootFilesystem must be stated as true"`),
	control.HostNetwork:     flag("pods", "hostNetwork", `["spec", "hostNetwork"]`, "false", `"it uses the network of the node"`),
	control.HostPID:         flag("pods", "hostPID", `["spec", "hostPID"]`, "false", `"it sees the processes of the node"`),
	control.HostIPC:         flag("pods", "hostIPC", `["spec", "hostIPC"]`, "false", `"it shares the memory of the node's processes"`),
	control.SharedProcesses: flag("pods", "shareProcessNamespace", `["spec", "shareProcessNamespace"]`, "false", `"its containers see each other's processes"`),
	control.HostUsers:       flag("linux_pods", "hostUsers", `["spec", "hostUsers"]`, "false", `"hostUsers must be stated as false, for a user namespace of its own"`),
	control.RunAsNonRoot: where(inherited("containers", "runAsNonRoot", check{value: yes}, `"runAsNonRoot must be stated as true"`, "value != true"),
		"not c.pod.own_users", "not pod.own_users"),
	control.RootInUserNS: rootInUserNamespace(),
	control.HostProcess: inherited("containers", "windowsOptions.hostProcess", check{value: yes},
		`"it runs as a process of the Windows node"`, "value != false"),
}

// inherited checks a field of the security context that a container takes from its pod unless it states one itself. What
// a pod states and no container takes must be right too, as the Pod Security Standards demand: the next container takes it.
// The tests are lines that find a wrong value.
func inherited(over, field string, c check, problem string, tests ...string) check {
	parent, name := splitField(field)
	keys := list(append([]string{`"securityContext"`}, quotedKeys(field)...))
	pods := "pods"
	if over == "linux_containers" {
		pods = "linux_pods"
	}
	own := fmt.Sprintf("value := object.get(c.spec.securityContext%s, %q, c.pod.spec.securityContext.%s)", parent, name, field)
	pod := fmt.Sprintf("value := object.get(pod.stated.spec, %s, null)", keys)
	c.rules = append(c.rules,
		rule{
			over: over, at: "stating(c, " + keys + ")", keys: keys, problem: problem,
			where: append([]string{own}, tests...),
		},
		rule{
			over: pods, keys: list(append([]string{`"spec"`, `"securityContext"`}, quotedKeys(field)...)), problem: problem,
			where: slices.Concat([]string{pod, "value != null"}, tests, []string{"not inherited(pod, " + keys + ")"}),
		})
	return c
}

// where narrows the rules of the field that was inherited last.
func where(c check, ofContainer, ofPod string) check {
	n := len(c.rules)
	c.rules[n-2].where = append(c.rules[n-2].where, ofContainer)
	c.rules[n-1].where = append(c.rules[n-1].where, ofPod)
	return c
}

// rootInUserNamespace demands of pods with a user namespace of their own what
// run_as_non_root and users, but for root, demand of the others.
func rootInUserNamespace() check {
	c := where(inherited("containers", "runAsNonRoot", check{value: yes}, `"runAsNonRoot must be stated as true, in a user namespace too"`, "value != true"),
		"c.pod.own_users", "pod.own_users")
	return where(inherited("containers", "runAsUser", c, `"the user number 0 is not allowed, in a user namespace neither"`, "value == 0"),
		"c.pod.own_users", "pod.own_users")
}

// numbers writes user and group numbers as pairs of first and last.
func numbers(v control.Value) string {
	var pairs []string
	for _, key := range v.Keys() {
		from, to, err := control.ParseIdentities(key)
		if err != nil {
			panic("rego: a resolved policy holds only valid ids: " + err.Error())
		}
		pairs = append(pairs, list([]string{integer(from), integer(to)}))
	}
	return list(pairs)
}

func named(what string) string {
	return fmt.Sprintf("sprintf(\"%s %%v is not allowed\", [value])", what)
}

// inRanges is the function of a control's own that finds a number in pairs.
func inRanges(name string) string {
	return fmt.Sprintf(`%[1]s_allowed(value, allowed) if {
	is_number(value)
	some [first, last] in allowed
	first <= value
	value <= last
}
`, name)
}

func identity(name, field, what string) check {
	return inherited("containers", field, check{value: numbers, variable: "allowed", functions: inRanges(name)},
		named(what), "value != null", "not "+name+"_allowed(value, allowed)")
}

var identities = map[control.ID]check{
	control.Users: where(identity("user", "runAsUser", "the user number"), // root there is root_in_user_namespace's
		"[value, c.pod.own_users] != [0, true]", "[value, pod.own_users] != [0, true]"),
	control.Groups: identity("group", "runAsGroup", "the group number"),
	control.FSGroup: {value: numbers, variable: "allowed", functions: inRanges("fs_group"), rules: []rule{{
		over: "pods", keys: `["spec", "securityContext", "fsGroup"]`, problem: named("the group number"),
		where: []string{"value := pod.spec.securityContext.fsGroup", "value != null", "not fs_group_allowed(value, allowed)"},
	}}},
	control.SupplementalGroups: {value: numbers, variable: "allowed", functions: inRanges("supplemental_group"), rules: []rule{{
		over: "pods", keys: `["spec", "securityContext", "supplementalGroups"]`, problem: named("the group number"),
		where: []string{"some value in pod.spec.securityContext.supplementalGroups", "value != null", "not supplemental_group_allowed(value, allowed)"},
	}}},
}

// words writes names of which some may end in a star.
func words(v control.Value) string {
	var names, prefixes []string
	for _, key := range v.Keys() {
		if prefix, open := cutStar(key); open {
			prefixes = append(prefixes, quote(prefix))
		} else {
			names = append(names, key)
		}
	}
	return fmt.Sprintf(`{"names": %s, "prefixes": %s}`, set(names), list(prefixes))
}

// isWord is the function of a control's own that finds a name.
func isWord(name string) string {
	return fmt.Sprintf(`%[1]s_allowed(value, allowed) if value in allowed.names

%[1]s_allowed(value, allowed) if strings.any_prefix_match(value, allowed.prefixes)
`, name)
}

func selinux(part string) check {
	return inherited("containers", "seLinuxOptions."+part,
		check{value: words, variable: "allowed", functions: isWord("selinux_" + part)},
		named("the SELinux "+part), `value != ""`, "not selinux_"+part+"_allowed(value, allowed)")
}

// profileTypes are the spellings that Kubernetes has for where a profile comes from, as Rego; null is not stated.
var profileTypes = map[string]string{
	control.ProfileRuntimeDefault: `"RuntimeDefault"`, control.ProfileLocalhost: `"Localhost"`,
	control.ProfileUnconfined: `"Unconfined"`, control.ProfileUnset: "null",
}

func profileSet(v control.Value) string {
	var types []string
	for _, key := range v.Keys() {
		t, known := profileTypes[key]
		if !known {
			panic("rego: a resolved policy holds only known profiles: " + key)
		}
		types = append(types, t)
	}
	if len(types) == 0 {
		return "set()"
	}
	slices.Sort(types)
	return "{" + strings.Join(types, ", ") + "}"
}

const profileProblem = `sprintf("the %s profile %%s is not allowed", [json.marshal(value)])`

var profiles = map[control.ID]check{
	control.SELinuxTypes:     selinux("type"),
	control.SELinuxUsers:     selinux("user"),
	control.SELinuxRoles:     selinux("role"),
	control.CompiledProfiles: compiledProfiles(platform.Facts{}),
	control.SeccompProfile:   seccomp(),
	control.AppArmorProfile:  apparmor(),
}

// noneOnWindows lets a Windows pod state no profile, which it cannot have.
const noneOnWindows = "[c.pod.windows, value] != [true, null]"

func seccomp() check {
	c := inherited("containers", "seccompProfile.type", check{value: profileSet, variable: "allowed"},
		fmt.Sprintf(profileProblem, "seccomp"), "not value in allowed")
	c.rules[0].where = append(c.rules[0].where, noneOnWindows)
	return c
}

// apparmor also reads the annotation that came before the field (Kubernetes 1.30), which still holds for a container that
// states none. One that is meant for no container of the pod is judged as well, as Pod Security does.
func apparmor() check {
	c := inherited("containers", "appArmorProfile.type", check{value: profileSet, variable: "allowed"},
		fmt.Sprintf(profileProblem, "AppArmor"), "not value in allowed")
	c.rules[0].where = append(c.rules[0].where, noneOnWindows, "not apparmor_annotated(c, value)")
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
var seccompAnnotations = check{value: profileSet, variable: "allowed", rules: []rule{{
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

var privileges = map[control.ID]check{
	control.Sysctls: {value: words, variable: "allowed", functions: isWord("sysctl"), rules: []rule{{
		over: "pods", keys: `["spec", "securityContext", "sysctls"]`, problem: named("the kernel setting"),
		where: []string{
			"some sysctl in pod.spec.securityContext.sysctls",
			`value := object.get(sysctl, "name", null)`,
			"not sysctl_allowed(value, allowed)",
		},
	}}},
	control.SysctlValues: {value: yes, rules: []rule{{
		over: "pods", keys: `["spec", "securityContext", "sysctls", i, "value"]`, problem: `sprintf("the kernel setting %v must be set to numbers, not to %v", [object.get(sysctl, "name", ""), value])`,
		where: []string{
			"some i, sysctl in pod.spec.securityContext.sysctls",
			`value := object.get(sysctl, "value", "")`,
			"not regex.match(" + numbersOnly + ", sprintf(\"%v\", [value]))",
		},
	}}},
	control.ProcMount: {value: procMount, variable: "exempt", rules: []rule{{
		over: "containers", keys: `["securityContext", "procMount"]`, problem: `"/proc must be mounted as by default"`,
		where: []string{`c.spec.securityContext.procMount != "Default"`, "not c.pod.spec.hostUsers in exempt"},
	}}},
	control.CapabilitiesAdd: {value: keySet, variable: "allowed", rules: []rule{{
		over: "containers", keys: `["securityContext", "capabilities", "add"]`, problem: `sprintf("the capability %v may not be added", [capability])`,
		where: []string{"some capability in c.spec.securityContext.capabilities.add", "not capability in allowed"},
	}}},
	control.CapabilitiesDrop: {value: keySet, variable: "required", rules: []rule{{
		over: "linux_containers", keys: `["securityContext", "capabilities", "drop"]`, problem: `sprintf("these capabilities must be dropped: %s", [concat(", ", missing)])`,
		where: []string{
			"dropped := dropped_names(c)",
			`not "ALL" in dropped`,
			"missing := [capability | some capability in required; not capability in dropped]",
			"count(missing) > 0",
		},
	}, {
		over: "linux_containers", keys: `["securityContext", "capabilities", "add"]`, problem: `sprintf("the capability %v must stay dropped", [capability])`,
		where: []string{
			"some capability in c.spec.securityContext.capabilities.add",
			`added_name(capability) in (required - {"ALL"})`,
		},
	}, {
		over: "linux_containers", keys: `["securityContext", "capabilities", "add"]`, problem: `sprintf("%v brings these capabilities back: %s", [capability, concat(", ", back)])`,
		where: []string{
			"some capability in c.spec.securityContext.capabilities.add",
			`added_name(capability) == "ALL"`,
			`back := (required - {"ALL"}) - dropped_names(c)`,
			"count(back) > 0",
		},
	}}},
}

// numbersOnly is a regular expression of numbers between blanks, and of the lists of ranges that some settings take.
const numbersOnly = "`^-?[0-9]+(([ \\t]+-?|[,-])[0-9]+)*$`"

// procMountInUserNamespace lets /proc be unmasked in a pod with a user namespace of its own.
const procMountInUserNamespace = "user-namespace"

// procMount writes the values of hostUsers with which any mount of /proc will do.
func procMount(v control.Value) string {
	if v.Text == procMountInUserNamespace {
		return "{false}"
	}
	return "set()"
}

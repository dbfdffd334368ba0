# What is read of the input: the pods of every kind of object that holds one,
# their containers with what Kubernetes assumes where nothing is stated, and
# nodes. What cannot be read is refused: a rule over something undefined would
# let it pass.
package bulkhead.policy

# What admission is asked about stands within the question. A deletion has no
# object, and nothing is checked.
reviewed if {
	input.kind == "AdmissionReview"
	startswith(input.apiVersion, "admission.k8s.io/")
}

# Webhooks of plain OPA hand the question over without its apiVersion, or with it.
reviewed if {
	input.kind == "AdmissionReview"
	object_version(input) == ""
}

document := input.request.object if reviewed

document := input if not reviewed

start := ["request", "object"] if reviewed

start := [] if not reviewed

# What has items is a list to kubectl and to the API's clients, whatever it
# calls itself. A kubelet drops the field from its file.
listed if {
	object.get(document, "items", null) != null
	not kubelet_file
}

kubelet_file if {
	kind_of(document) == "KubeletConfiguration"
	group_of(document) in {"kubelet.config.k8s.io", ""}
}

objects := [{"path": array.concat(start, ["items", i]), "object": object, "group": group_of(object)} |
	some i, item in document.items
	is_object(item)
	object := typed(item)
] if {
	listed
} else := [{"path": start, "object": document, "group": group_of(document)}] if {
	is_object(document)
} else := []

# The API server leaves kinds out of lists of one kind.
typed(item) := object.union(item, header) if {
	kind_of(item) == ""
	kind := kind_of(document)
	kind != "List"
	header := {"kind": trim_suffix(kind, "List"), "apiVersion": object_version(document)}
} else := item

kind_of(object) := kind if {
	kind := object.kind
	is_string(kind)
} else := ""

# The API group of an object, as the tables of kinds have it: a kind of the same
# name in another group is another kind.
group_of(item) := group if {
	parts := split(object_version(item), "/")
	parts[1]
	group := parts[0]
	group != ""
} else := "/" if {
	object_version(item) != ""
} else := ""

object_version(object) := version if {
	version := object.apiVersion
	is_string(version)
} else := ""

# Where an object keeps its pod, if its kind holds one.
places_of(o) := [pod_kinds[o.object.kind][o.group]] if not refers(o)

# An object that names another one whose pods it runs has none of its own: the
# other is checked where it is given.
refers(o) if {
	field := references[o.object.kind][o.group]
	is_object(object.get(o.object, field, null))
	at := pod_kinds[o.object.kind][o.group]
	object.get(o.object, array.concat(at, ["spec"]), null) == null
}

# Every pod of a namespace that the policy holds, in whatever object. Null is not
# stated.
holders := [{"title": title_of(o, at), "at": array.concat(o.path, at), "stated": named(o, stated)} |
	some o in objects
	held(namespace_of(o.object))
	some at in places_of(o)
	stated := completed(without_nulls({
		"metadata": object.get(o.object, array.concat(at, ["metadata"]), null),
		"spec": object.get(o.object, array.concat(at, ["spec"]), null),
	}))
]

title_of(o, _) := titled(o.object) if pod_kinds[o.object.kind][o.group]

titled(item) := sprintf("%v %v", [item.kind, object.get(item, ["metadata", "name"], "without a name")])

# Kinds whose containers need no names give them some.
named(o, stated) := object.union(stated, {"spec": {"containers": [with_name(c, called(name, count(containers), i)) |
	some i, c in containers
]}}) if {
	name := unnamed[o.object.kind][o.group]
	containers := stated.spec.containers
	is_array(containers)
} else := stated

called(name, 1, _) := name

called(name, containers, i) := sprintf("%s-%d", [name, i]) if containers > 1

with_name(container, name) := object.union(container, {"name": name}) if {
	object.get(container, "name", "") == ""
} else := container

# The namespace that an object names; "" is none, and so is what is no name.
namespace_of(object) := namespace if {
	namespace := object.metadata.namespace
	is_string(namespace)
} else := ""

# Pods with what is assumed where nothing is stated.
all_pods := [{
	"name": "",
	"title": holder.title,
	"path": holder.at,
	"stated": holder.stated,
	"spec": spec,
	"annotations": object.get(holder.stated, ["metadata", "annotations"], {}),
	"workload": workload,
	"subject": concat("/", [workload, "*"]),
	"windows": windows,
	"own_users": own_users(spec),
} |
	some holder in holders
	is_object(holder.stated.spec)
	spec := object.union(pod_defaults, holder.stated.spec)
	os := object.get(spec, ["os", "name"], "")
	workload := workload_of(object.get(holder.stated, ["metadata", "labels"], {}), os)
	windows := [exempts_windows, os, workload] == [true, "windows", "*"]
]

# A pod with a user namespace of its own: root in it is nobody on the node.
own_users(spec) := [knows_user_namespaces, spec.hostUsers] == [true, false]

# Pods that the policy describes or holds to its ceilings.
pods := [pod | some pod in all_pods; not refused(pod)]

# Pods that may run on Linux. A described workload is what the policy says it
# is, so that only undeclared pods can state Windows.
linux_pods := [pod | some pod in pods; not pod.windows]

containers := [{
	"name": spec.name,
	"title": pod.title,
	"kind": kind,
	"path": array.concat(pod.path, ["spec", kind, i]),
	"stated": stated,
	"spec": spec,
	"pod": pod,
	"subject": object.get(named_containers, [pod.workload, spec.name], pod.subject),
} |
	some pod in pods
	some kind in container_lists
	some i, stated in pod.spec[kind]
	spec := object.union(container_defaults, stated)
]

container_lists := ["initContainers", "containers", "ephemeralContainers"]

# The containers of one pod, as they are stated. An object may hold very many pods,
# and whoever asks of each must not look through the containers of all.
stated_in(pod) := [stated |
	some kind in container_lists
	some stated in pod.spec[kind]
	is_object(stated)
]

linux_containers := [c | some c in containers; not c.pod.windows]

# Ephemeral containers cannot state resources.
lasting_containers := [c | some c in containers; c.kind != "ephemeralContainers"]

nodes := [{
	"name": "",
	"title": concat(" ", ["Node", sprintf("%v", [object.get(o.object, ["metadata", "name"], "without a name")])]),
	"path": o.path,
	"stated": o.object,
	"info": object.get(o.object, ["status", "nodeInfo"], {}),
} |
	some o in objects
	o.object.kind == "Node"
	o.group in {"", "/"}
]

# Amounts in billionths, as Kubernetes reads them (resource.ParseQuantity). Usual
# ones are read at once, others exactly: 64 bits hold no fraction of much memory.
amount_of(value) := round(units.parse(value) * 1000000000) if {
	regex.match(`^[0-9]{1,6}([mkMG]|[KMG]i)?$`, value)
} else := amount if {
	[parts] := regex.find_all_string_submatch_n(amount_form, amount_text(value), -1)
	[_, sign, whole, behind, alone, unit, exponent_sign, exponent] := parts
	fraction := concat("", [behind, alone])
	digits := trim_left(concat("", [whole, fraction]), "0")
	[factor, power] := amount_unit(unit, exponent_sign, exponent)
	mantissa := to_number(object.get({"": "0"}, digits, digits)) * factor
	amount := to_number(concat("", [trim_prefix(sign, "+"), json.marshal(mantissa), "e", json.marshal((power + 9) - count(fraction))]))
}

# YAML's plain 1 and 0.5 are numbers, not texts.
amount_text(value) := value if is_string(value)

amount_text(value) := json.marshal(value) if is_number(value)

amount_unit(unit, _, "") := amount_units[unit]

amount_unit("", sign, exponent) := [1, to_number(concat("", [trim_prefix(sign, "+"), exponent]))] if exponent != ""

# What a container without a limit is held to: the limit of its pod for all of them.
pod_limit(pod, name) := object.get(pod.spec.resources.limits, name, null) if {
	has_pod_limits
} else := null

limiting(c, keys) := stating(c, keys) if {
	has_pod_limits
} else := c

# The name of a capability that is added, as any runtime may read it: all of
# them read upper case and lower case alike, and CRI-O takes CAP_ in front.
added_name(capability) := trim_prefix(upper(capability), "CAP_")

# The names of the capabilities that a container drops in every runtime.
# containerd puts CAP_ in front of any name, so that one that has it drops nothing.
# ALL has to be written so: Pod Security reads nothing else as all of them.
dropped_names(c) := {name |
	some capability in c.spec.securityContext.capabilities.drop
	name := upper(capability)
	[capability == "ALL", name == "ALL"] != [false, true]
}

without_nulls(spec) := spec if not has_null(spec)

without_nulls(spec) := json.remove(spec, nulls) if {
	has_null(spec)
	nulls := [[sprintf("%v", [key]) | some key in path] |
		walk(spec, [path, null])
		is_string(path[count(path) - 1])
	]
}

has_null(spec) if walk(spec, [_, null])

# What is mounted below a folder of the node stays writable in a mount that is
# readOnly, unless the mount is made so recursively, which API servers take only
# without mountPropagation. Single files have nothing below them.
submounts_writable(volume, mount) if {
	has_recursive_read_only
	object.get(mount, "readOnly", false) == true
	object.get(volume, "hostPath", null) != null
	not object.get(volume.hostPath, "type", "") in {"BlockDevice", "CharDevice", "File", "FileOrCreate", "Socket"}
	not mounted_recursively(mount)
}

mounted_recursively(mount) if {
	mount.recursiveReadOnly == "Enabled"
	object.get(mount, "mountPropagation", "None") == "None"
}

# The field to change. Beside another mountPropagation, recursiveReadOnly would be refused.
submounts_field(mount) := "recursiveReadOnly" if {
	object.get(mount, "mountPropagation", "None") == "None"
} else := "mountPropagation"

submounts_problem(volume, mount, control) := sprintf("mounts of the node below %s stay writable at %s: set recursiveReadOnly: Enabled", [
	json.marshal(object.get(volume.hostPath, "path", "")),
	json.marshal(object.get(mount, "mountPath", "")),
]) if {
	submounts_field(mount) == "recursiveReadOnly"
} else := sprintf("mounts of the node below %s stay writable at %s, and Kubernetes takes no recursiveReadOnly beside mountPropagation: %v; remove mountPropagation, or write an exception with warn = [%s]", [
	json.marshal(object.get(volume.hostPath, "path", "")),
	json.marshal(object.get(mount, "mountPath", "")),
	mount.mountPropagation,
	json.marshal(control),
])

# A pod with "" for what its objects and those of its containers have to state and
# do not, so that no rule takes them for unset.
completed(stated) := json.patch(stated, patches) if {
	patches := [{"op": "add", "path": path, "value": ""} | some path in lacking(stated.spec)]
	count(patches) > 0
} else := stated

lacking(spec) := [array.concat(array.concat(["spec"], at), array.concat(way, [name])) |
	some at in array.concat([[]], [[kind, i] | some kind in container_lists; some i, _ in spec[kind]])
	some [way, name] in required_fields
	owner := object.get(spec, array.concat(at, way), null)
	is_object(owner)
	object.get(owner, name, null) == null
]

# The profiles of the node that a container names; null is none. Its own statement
# stands before its pod's, and the field, where Kubernetes has one, before the
# annotation.
seccomp_file(c) := local_file(profile_field(c, "seccompProfile")) if {
	has_seccomp_field
} else := annotated_file(c, concat("", ["container.seccomp.security.alpha.kubernetes.io/", c.name])) if {
	c.pod.annotations[concat("", ["container.seccomp.security.alpha.kubernetes.io/", c.name])]
} else := annotated_file(c, "seccomp.security.alpha.kubernetes.io/pod")

apparmor_file(c) := local_file(profile) if {
	has_apparmor_field
	profile := profile_field(c, "appArmorProfile")
	profile.type
} else := annotated_file(c, apparmor_key(c))

apparmor_key(c) := concat("", ["container.apparmor.security.beta.kubernetes.io/", c.name])

profile_field(c, field) := profile if {
	profile := c.spec.securityContext[field]
	profile.type
} else := c.pod.spec.securityContext[field]

local_file(profile) := object.get(profile, "localhostProfile", "") if {
	profile.type == "Localhost"
} else := null

annotated_file(c, key) := trim_prefix(value, "localhost/") if {
	value := c.pod.annotations[key]
	startswith(value, "localhost/")
} else := null

# The Security Profiles Operator writes seccomp profiles into a folder of its own,
# below the kubelet's. What lies in other folders is another profile.
seccomp_named(c, own) if trim_prefix(seccomp_file(c), "operator/") == trim_prefix(own, "operator/")

apparmor_named(c, own) if apparmor_file(c) == own

# What was read, so that a judge can tell an input that is allowed from one
# that holds nothing to check.
checked contains {"in": pod.path, "subject": pod.subject} if some pod in all_pods

checked contains {"in": c.path, "subject": c.subject, "container": c.name} if {
	some c in containers
	c.subject != c.pod.subject
}

# found is a violation: what is wrong at the end of keys, below something that
# was read. It is placed at the deepest object that exists. A violation that an
# update leaves as it was is none.
found(at, control, keys, problem) := {
	"msg": sprintf("%s%s: %s", [at.title, container_title(at.name), problem]),
	"control": control,
	"container": at.name,
	"in": array.concat(at.path, array.slice(keys, 0, depth)),
	"field": concat(".", [sprintf("%v", [key]) | some key in array.slice(keys, depth, count(keys))]),
} if {
	not unchanged(at)
	depth := count([i |
		some i in numbers.range(0, count(keys) - 1)
		i > 0
		object.get(at.stated, array.slice(keys, 0, i), null) != null
	])
}

container_title("") := ""

container_title(name) := sprintf(", container %s", [name]) if name != ""

# stating is where a container's security context, or that of its pod, states
# something: the container where neither does.
stating(c, keys) := object.union(c, {"path": array.concat(c.pod.path, ["spec"]), "stated": c.pod.stated.spec}) if {
	object.get(c.stated, keys, null) == null
	object.get(c.pod.stated.spec, keys, null) != null
} else := c

# in_pod is a container's pod, as the place of what it states of the container.
in_pod(c) := object.union(c, {"path": c.pod.path, "stated": c.pod.stated})

# inherited says that a container takes what its pod states. Where none does,
# the pod's statement is judged by itself.
inherited(pod, keys) if {
	some stated in stated_in(pod)
	object.get(stated, keys, null) == null
}

# Shapes of rules over what is allowed (compiler/podrule).
in_words(value, allowed) if value in allowed.names

in_words(value, allowed) if strings.any_prefix_match(value, allowed.prefixes)

in_ranges(value, ranges) if {
	is_number(value)
	some [first, last] in ranges
	first <= value
	value <= last
}

# 0 is no limit to Kubernetes. The most is a number of billionths, beside its text.
within_limit(value, most) if {
	amount := amount_of(value)
	amount > 0
	amount <= most[0]
}

limit_problem(name, null, most) := sprintf("no %s limit is set; set one of at most %s", [name, most[1]])

limit_problem(name, value, most) := sprintf("the %s limit %v is over %s", [name, value, most[1]]) if amount_of(value) > most[0]

limit_problem(name, value, most) := sprintf("a %s limit of 0 is none; set one of at most %s", [name, most[1]]) if amount_of(value) == 0

limit_problem(name, value, most) := sprintf("the %s limit %v is negative; set one of at most %s", [name, value, most[1]]) if amount_of(value) < 0

limit_problem(name, value, most) := sprintf("the %s limit %s is not an amount; set one of at most %s", [name, json.marshal(value), most[1]]) if {
	value != null
	not amount_of(value)
}

# What is wrong with a value of another type, and what to write; else the problem.
typed_flag(name, value, wanted, problem) := mistyped_value(name, value, wanted) if {
	not is_boolean(value)
	value != null
} else := problem

typed_number(name, value, allowed, problem) := mistyped_value(name, value, value) if {
	is_string(value)
	regex.match("^(0|[1-9][0-9]{0,17})$", value)
	in_ranges(to_number(value), allowed)
} else := mistyped_value(name, value, "a whole number") if {
	value != null
	not is_number(value)
	not numeral(value)
} else := problem

numeral(value) if {
	is_string(value)
	regex.match("^(0|[1-9][0-9]{0,17})$", value)
}

typed_text(name, value, problem) := mistyped_value(name, value, "a string") if {
	value != null
	not is_string(value)
} else := problem

mistyped_value(name, value, wanted) := sprintf("%s is %s (%s); write %s", [name, json.marshal(value), value_type(value), wanted])

value_type(value) := "a string" if is_string(value)

value_type(value) := "a number" if is_number(value)

value_type(value) := "a boolean" if is_boolean(value)

value_type(value) := "an object" if is_object(value)

value_type(value) := "a list" if is_array(value)

# What is wrong with a field that may have to be stated.
unset_or(unset, unset, missing, _) := missing

unset_or(value, unset, _, problem) := problem if value != unset

names_of(allowed) := concat(" or ", [name | some name in allowed; name != null]) if is_array(allowed)

names_of(allowed) := concat(" or ", allowed.names) if is_object(allowed)

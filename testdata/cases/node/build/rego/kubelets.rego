# Configurations of kubelets, with what a kubelet assumes where nothing is stated.
# Null is not stated. Only where the policy asks something of them.
package bulkhead.node

kubelets := [kubelet | some kubelet in all_kubelets; mistyped(kubelet) == []]

all_kubelets := [{
	"name": "",
	"title": "KubeletConfiguration",
	"path": o.path,
	"stated": stated,
	"spec": object.union(kubelet_defaults, stated),
} |
	some o in objects
	o.object.kind == "KubeletConfiguration"
	object_version(o.object) in {"", "kubelet.config.k8s.io/v1beta1"}
	stated := without_nulls(o.object)
]

checked contains {"in": kubelet.path, "subject": ""} if some kubelet in all_kubelets

# A kubelet does not start with such a file.
deny contains found(kubelet, "manifest", path, problem) if {
	some kubelet in all_kubelets
	some [path, problem] in mistyped(kubelet)
}

mistyped(kubelet) := [[path, problem] |
	some [path, wanted] in kubelet_types
	value := object.get(kubelet.stated, path, null)
	value != null
	not of_type(value, wanted)
	problem := sprintf("%s must be %s, not %s", [concat(".", path), wanted, type_of(value)])
]

of_type(value, "a boolean") if is_boolean(value)

of_type(value, "a string") if is_string(value)

of_type(value, "an object") if is_object(value)

of_type(value, "an integer") if {
	is_number(value)
	round(value) == value
}

type_of(value) := json.marshal(value) if is_number(value)

type_of(value) := "a boolean" if is_boolean(value)

type_of(value) := "a string" if is_string(value)

type_of(value) := "an object" if is_object(value)

type_of(value) := "a list" if is_array(value)

# What a kubelet assumes where its file states nothing.
kubelet_defaults := {
	"seccompDefault": false,
	"podPidsLimit": -1,
	"authentication": {"anonymous": {"enabled": false}},
	"readOnlyPort": 0,
	"protectKernelDefaults": false,
}

kubelet_types := [
	[["seccompDefault"], "a boolean"],
	[["podPidsLimit"], "an integer"],
	[["authentication"], "an object"],
	[["authentication", "anonymous"], "an object"],
	[["authentication", "anonymous", "enabled"], "a boolean"],
	[["readOnlyPort"], "an integer"],
	[["protectKernelDefaults"], "a boolean"],
]

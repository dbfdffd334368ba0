package bulkhead.privileges

# policy.hcl:26: privileges.fs_group = ["2000"]
# METADATA
# title: "Pods may use only the listed groups in fsGroup"
# description: "The kubelet gives every file of a volume to this group."
# custom:
#   control: privileges.fs_group
deny contains lasting(pod, "privileges.fs_group", ["spec", "securityContext", "fsGroup"], typed_number("fsGroup", value, allowed, sprintf("fsGroup must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := [[2000, 2000]]
	value := pod.spec.securityContext.fsGroup
	value != null
	not in_ranges(value, allowed)
}

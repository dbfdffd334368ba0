package bulkhead.privileges

# policy.hcl:26: privileges.fs_group = ["2000"]
# METADATA
# title: "Group numbers that own a pod's volumes (fsGroup)"
# description: "The kubelet hands every file of a volume to this group."
# custom:
#   control: privileges.fs_group
deny contains lasting(pod, "privileges.fs_group", ["spec", "securityContext", "fsGroup"], sprintf("fsGroup must not be %v", [json.marshal(value)])) if {
	some pod in pods
	allowed := [[2000, 2000]]
	value := pod.spec.securityContext.fsGroup
	value != null
	not in_ranges(value, allowed)
}

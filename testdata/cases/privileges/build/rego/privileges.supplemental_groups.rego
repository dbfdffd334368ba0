package bulkhead.privileges

# policy.hcl:27: privileges.supplemental_groups = ["2000"]
# METADATA
# title: "Pods may use only the listed supplemental groups"
# description: "Sockets and devices of the node are often open to a group, such as docker or disk."
# custom:
#   control: privileges.supplemental_groups
deny contains lasting(pod, "privileges.supplemental_groups", ["spec", "securityContext", "supplementalGroups"], typed_number("supplementalGroups[]", value, allowed, sprintf("supplementalGroups must not contain %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := [[2000, 2000]]
	some value in pod.spec.securityContext.supplementalGroups
	value != null
	not in_ranges(value, allowed)
}

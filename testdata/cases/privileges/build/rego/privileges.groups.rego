package bulkhead.privileges

# policy.hcl:25: privileges.groups = ["1000-1999"]
# METADATA
# title: "Containers may run only as the listed groups"
# description: "Sockets and devices of the node are often open to a group, such as docker or disk."
# custom:
#   control: privileges.groups
deny contains lasting(stating(c, ["securityContext", "runAsGroup"]), "privileges.groups", ["securityContext", "runAsGroup"], typed_number("runAsGroup", value, allowed, sprintf("runAsGroup must not be %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := [[1000, 1999]]
	value := object.get(c.spec.securityContext, "runAsGroup", c.pod.spec.securityContext.runAsGroup)
	value != null
	not in_ranges(value, allowed)
}

deny contains lasting(pod, "privileges.groups", ["spec", "securityContext", "runAsGroup"], typed_number("runAsGroup", value, allowed, sprintf("runAsGroup must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := [[1000, 1999]]
	value := object.get(pod.stated.spec, ["securityContext", "runAsGroup"], null)
	value != null
	not in_ranges(value, allowed)
	not inherited(pod, ["securityContext", "runAsGroup"])
}

package bulkhead.privileges

# policy.hcl:24: privileges.users = ["1000-1999"]
# METADATA
# title: "Containers may run only as the listed users"
# description: "A process can access the node's files that belong to its user number."
# custom:
#   control: privileges.users
deny contains lasting(stating(c, ["securityContext", "runAsUser"]), "privileges.users", ["securityContext", "runAsUser"], typed_number("runAsUser", value, allowed, sprintf("runAsUser must not be %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := [[1000, 1999]]
	value := object.get(c.spec.securityContext, "runAsUser", c.pod.spec.securityContext.runAsUser)
	value != null
	not in_ranges(value, allowed)
	[value, c.pod.own_users] != [0, true]
}

deny contains lasting(pod, "privileges.users", ["spec", "securityContext", "runAsUser"], typed_number("runAsUser", value, allowed, sprintf("runAsUser must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := [[1000, 1999]]
	value := object.get(pod.stated.spec, ["securityContext", "runAsUser"], null)
	value != null
	not in_ranges(value, allowed)
	[value, pod.own_users] != [0, true]
	not inherited(pod, ["securityContext", "runAsUser"])
}

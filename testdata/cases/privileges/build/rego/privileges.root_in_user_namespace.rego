package bulkhead.privileges

# policy.hcl:23: privileges.root_in_user_namespace = false
# METADATA
# title: "Containers must not run as root even in a user namespace of their own"
# description: "Root there is an ordinary user of the node, but has every capability over what the namespace owns, and reaches kernel code that other users cannot."
# custom:
#   control: privileges.root_in_user_namespace
deny contains lasting(stating(c, ["securityContext", "runAsNonRoot"]), "privileges.root_in_user_namespace", ["securityContext", "runAsNonRoot"], typed_flag("runAsNonRoot", value, "true", "runAsNonRoot must be true, even in a user namespace")) if {
	some c in containers
	value := object.get(c.spec.securityContext, "runAsNonRoot", c.pod.spec.securityContext.runAsNonRoot)
	value != true
	c.pod.own_users
}

deny contains lasting(pod, "privileges.root_in_user_namespace", ["spec", "securityContext", "runAsNonRoot"], typed_flag("runAsNonRoot", value, "true", "runAsNonRoot must be true, even in a user namespace")) if {
	some pod in pods
	value := object.get(pod.stated.spec, ["securityContext", "runAsNonRoot"], null)
	value != null
	value != true
	pod.own_users
	not inherited(pod, ["securityContext", "runAsNonRoot"])
}

deny contains lasting(stating(c, ["securityContext", "runAsUser"]), "privileges.root_in_user_namespace", ["securityContext", "runAsUser"], typed_number("runAsUser", value, [[1, 4294967295]], sprintf("runAsUser must not be %v, even in a user namespace", [json.marshal(value)]))) if {
	some c in containers
	value := object.get(c.spec.securityContext, "runAsUser", c.pod.spec.securityContext.runAsUser)
	value != null
	not in_ranges(value, [[1, 4294967295]])
	c.pod.own_users
}

deny contains lasting(pod, "privileges.root_in_user_namespace", ["spec", "securityContext", "runAsUser"], typed_number("runAsUser", value, [[1, 4294967295]], sprintf("runAsUser must not be %v, even in a user namespace", [json.marshal(value)]))) if {
	some pod in pods
	value := object.get(pod.stated.spec, ["securityContext", "runAsUser"], null)
	value != null
	not in_ranges(value, [[1, 4294967295]])
	pod.own_users
	not inherited(pod, ["securityContext", "runAsUser"])
}

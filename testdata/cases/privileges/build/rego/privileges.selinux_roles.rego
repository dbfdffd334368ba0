package bulkhead.privileges

# policy.hcl:30: privileges.selinux_roles = []
# METADATA
# title: "Containers may use only the listed SELinux roles"
# description: "The role decides which types can be reached."
# custom:
#   control: privileges.selinux_roles
deny contains lasting(stating(c, ["securityContext", "seLinuxOptions", "role"]), "privileges.selinux_roles", ["securityContext", "seLinuxOptions", "role"], typed_text("seLinuxOptions.role", value, sprintf("seLinuxOptions.role must not be %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := {"names": [], "prefixes": []}
	value := object.get(c.spec.securityContext.seLinuxOptions, "role", c.pod.spec.securityContext.seLinuxOptions.role)
	value != ""
	not in_words(value, allowed)
}

deny contains lasting(pod, "privileges.selinux_roles", ["spec", "securityContext", "seLinuxOptions", "role"], typed_text("seLinuxOptions.role", value, sprintf("seLinuxOptions.role must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := {"names": [], "prefixes": []}
	value := object.get(pod.stated.spec, ["securityContext", "seLinuxOptions", "role"], null)
	value != null
	value != ""
	not in_words(value, allowed)
	not inherited(pod, ["securityContext", "seLinuxOptions", "role"])
}

package bulkhead.privileges

# policy.hcl:29: privileges.selinux_users = []
# METADATA
# title: "Containers may use only the listed SELinux users"
# description: "The user decides which roles and types can be reached."
# custom:
#   control: privileges.selinux_users
deny contains lasting(stating(c, ["securityContext", "seLinuxOptions", "user"]), "privileges.selinux_users", ["securityContext", "seLinuxOptions", "user"], typed_text("seLinuxOptions.user", value, sprintf("seLinuxOptions.user must not be %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := {"names": [], "prefixes": []}
	value := object.get(c.spec.securityContext.seLinuxOptions, "user", c.pod.spec.securityContext.seLinuxOptions.user)
	value != ""
	not in_words(value, allowed)
}

deny contains lasting(pod, "privileges.selinux_users", ["spec", "securityContext", "seLinuxOptions", "user"], typed_text("seLinuxOptions.user", value, sprintf("seLinuxOptions.user must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := {"names": [], "prefixes": []}
	value := object.get(pod.stated.spec, ["securityContext", "seLinuxOptions", "user"], null)
	value != null
	value != ""
	not in_words(value, allowed)
	not inherited(pod, ["securityContext", "seLinuxOptions", "user"])
}

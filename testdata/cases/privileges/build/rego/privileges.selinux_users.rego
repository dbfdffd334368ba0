package bulkhead.privileges

# policy.hcl:29: privileges.selinux_users = []
# METADATA
# title: "SELinux users that a pod or container may take"
# description: "The user decides which roles and types can be reached."
# custom:
#   control: privileges.selinux_users
deny contains lasting(stating(c, ["securityContext", "seLinuxOptions", "user"]), "privileges.selinux_users", ["securityContext", "seLinuxOptions", "user"], sprintf("the SELinux user %v is not allowed", [value])) if {
	some c in containers
	allowed := {"names": set(), "prefixes": []}
	value := object.get(c.spec.securityContext.seLinuxOptions, "user", c.pod.spec.securityContext.seLinuxOptions.user)
	value != ""
	not selinux_user_allowed(value, allowed)
}

deny contains lasting(pod, "privileges.selinux_users", ["spec", "securityContext", "seLinuxOptions", "user"], sprintf("the SELinux user %v is not allowed", [value])) if {
	some pod in pods
	allowed := {"names": set(), "prefixes": []}
	value := object.get(pod.stated.spec, ["securityContext", "seLinuxOptions", "user"], null)
	value != null
	value != ""
	not selinux_user_allowed(value, allowed)
	not inherited(pod, ["securityContext", "seLinuxOptions", "user"])
}

selinux_user_allowed(value, allowed) if value in allowed.names

selinux_user_allowed(value, allowed) if strings.any_prefix_match(value, allowed.prefixes)

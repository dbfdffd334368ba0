package bulkhead.privileges

# policy.hcl:30: privileges.selinux_roles = []
# METADATA
# title: "SELinux roles that a pod or container may take"
# description: "The role decides which types can be reached."
# custom:
#   control: privileges.selinux_roles
deny contains lasting(stating(c, ["securityContext", "seLinuxOptions", "role"]), "privileges.selinux_roles", ["securityContext", "seLinuxOptions", "role"], sprintf("the SELinux role %v is not allowed", [value])) if {
	some c in containers
	allowed := {"names": set(), "prefixes": []}
	value := object.get(c.spec.securityContext.seLinuxOptions, "role", c.pod.spec.securityContext.seLinuxOptions.role)
	value != ""
	not selinux_role_allowed(value, allowed)
}

deny contains lasting(pod, "privileges.selinux_roles", ["spec", "securityContext", "seLinuxOptions", "role"], sprintf("the SELinux role %v is not allowed", [value])) if {
	some pod in pods
	allowed := {"names": set(), "prefixes": []}
	value := object.get(pod.stated.spec, ["securityContext", "seLinuxOptions", "role"], null)
	value != null
	value != ""
	not selinux_role_allowed(value, allowed)
	not inherited(pod, ["securityContext", "seLinuxOptions", "role"])
}

selinux_role_allowed(value, allowed) if value in allowed.names

selinux_role_allowed(value, allowed) if strings.any_prefix_match(value, allowed.prefixes)

package bulkhead.privileges

# policy.hcl:21: privileges.escalation = false
# METADATA
# title: "Containers must not gain privileges through set-user-ID programs"
# description: "Without no_new_privs, a set-user-ID program in the image gives root to any user."
# custom:
#   control: privileges.escalation
deny contains lasting(c, "privileges.escalation", ["securityContext", "allowPrivilegeEscalation"], typed_flag("allowPrivilegeEscalation", value, "false", "allowPrivilegeEscalation must be false")) if {
	some c in linux_containers
	value := c.spec.securityContext.allowPrivilegeEscalation
	value != false
}

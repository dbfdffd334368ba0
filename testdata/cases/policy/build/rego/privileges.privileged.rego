package bulkhead.policy

# Who is held to something else than most are.
privileges_privileged_of := {
	# policy.hcl:23: privileges.privileged = false
	"api/*": true,
}

# METADATA
# title: "Containers must not be privileged"
# description: "A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded. It has full control of the node."
# custom:
#   control: privileges.privileged
deny contains lasting(c, "privileges.privileged", ["securityContext", "privileged"], typed_flag("privileged", value, "false", "privileged must not be true")) if {
	some c in containers
	object.get(privileges_privileged_of, c.subject, null) != null
	value := c.spec.securityContext.privileged
	value != false
}

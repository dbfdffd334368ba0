package bulkhead.privileges

# policy.hcl:20: privileges.privileged = false
# METADATA
# title: "Containers must not be privileged"
# description: "A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded. It has full control of the node."
# custom:
#   control: privileges.privileged
deny contains lasting(c, "privileges.privileged", ["securityContext", "privileged"], typed_flag("privileged", value, "false", "privileged must not be true")) if {
	some c in containers
	value := c.spec.securityContext.privileged
	value != false
}

package bulkhead.everything

# METADATA
# title: "Privileged containers"
# description: "A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded: it is the node."
# custom:
#   control: privileges.privileged
# policy.hcl:21: privileges.privileged = false
deny contains found(c, "privileges.privileged", ["securityContext", "privileged"], "it is privileged") if {
	some c in containers
	c.spec.securityContext.privileged != false
}

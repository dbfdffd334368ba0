package bulkhead.everything

# policy.hcl:51: capabilities.add = ["NET_BIND_SERVICE"]
# METADATA
# title: "Capabilities that a container may add"
# description: "SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and others are ways out of a container by themselves."
# custom:
#   control: capabilities.add
deny contains lasting(c, "capabilities.add", ["securityContext", "capabilities", "add"], sprintf("the capability %v may not be added", [capability])) if {
	some c in containers
	allowed := {"NET_BIND_SERVICE"}
	some capability in c.spec.securityContext.capabilities.add
	not capability in allowed
}

package bulkhead.capabilities

# Who is held to something else than most are.
capabilities_add_of := {
	# policy.hcl:30: capabilities.add = ["NET_RAW"]
	"api/ping": ["NET_RAW"],
	# policy.hcl:23: capabilities.add = ["NET_BIND_SERVICE"]
	"api/*": ["NET_BIND_SERVICE"],
}

# policy.hcl:35: capabilities.add = ["NET_BIND_SERVICE", "NET_RAW"]
# METADATA
# title: "Containers may add only listed capabilities"
# description: "SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and others each allow a container escape."
# custom:
#   control: capabilities.add
deny contains lasting_by_image(c, "capabilities.add", ["securityContext", "capabilities", "add"], unset_or(value, null, "capabilities.add must not contain null", typed_text("add[]", value, sprintf("capabilities.add must not contain %v", [json.marshal(value)]))), capabilities_add_exceptions) if {
	some c in containers
	allowed := object.get(capabilities_add_of, c.subject, ["NET_BIND_SERVICE", "NET_RAW"])
	some value in c.spec.securityContext.capabilities.add
	not value in allowed
	count(exceptions_for(c, capabilities_add_exceptions)) == 0
}

warn contains object.union(lasting(c, "capabilities.add", ["securityContext", "capabilities", "add"], unset_or(value, null, "capabilities.add must not contain null", typed_text("add[]", value, sprintf("capabilities.add must not contain %v", [json.marshal(value)])))), {"exception": exception}) if {
	some c in containers
	allowed := object.get(capabilities_add_of, c.subject, ["NET_BIND_SERVICE", "NET_RAW"])
	some value in c.spec.securityContext.capabilities.add
	not value in allowed
	some exception in exceptions_for(c, capabilities_add_exceptions)
}

# In containers of these images, violations are only reported.
capabilities_add_exceptions := [
	# policy.hcl:38: until 2027-06-30, it reads other processes
	["the agent of the api", "api", "^registry\\.example\\.com/agent$"],
]

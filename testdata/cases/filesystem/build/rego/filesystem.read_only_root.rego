package bulkhead.filesystem

# policy.hcl:22: filesystem.read_only_root = true
# METADATA
# title: "Root filesystems must be mounted read-only"
# description: "An attacker cannot replace programs or leave tools behind."
# custom:
#   control: filesystem.read_only_root
deny contains lasting_by_image(c, "filesystem.read_only_root", ["securityContext", "readOnlyRootFilesystem"], typed_flag("readOnlyRootFilesystem", value, "true", "readOnlyRootFilesystem must be true"), filesystem_read_only_root_exceptions) if {
	some c in linux_containers
	value := c.spec.securityContext.readOnlyRootFilesystem
	value != true
	count(exceptions_for(c, filesystem_read_only_root_exceptions)) == 0
}

warn contains object.union(lasting(c, "filesystem.read_only_root", ["securityContext", "readOnlyRootFilesystem"], typed_flag("readOnlyRootFilesystem", value, "true", "readOnlyRootFilesystem must be true")), {"exception": exception}) if {
	some c in linux_containers
	value := c.spec.securityContext.readOnlyRootFilesystem
	value != true
	some exception in exceptions_for(c, filesystem_read_only_root_exceptions)
}

# In containers of these images, violations are only reported.
filesystem_read_only_root_exceptions := [
	# policy.hcl:39: until 2027-06-30, its updates are unpacked in place
	["an agent writes to its root", null, "^registry\\.example\\.com/agent$|^registry\\.example\\.com/agents/.*$"],
]

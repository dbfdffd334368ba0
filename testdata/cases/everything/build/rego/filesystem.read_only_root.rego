package bulkhead.everything

# policy.hcl:124: filesystem.read_only_root = true
# METADATA
# title: "A root filesystem that is mounted read-only"
# description: "An intruder cannot replace programs or leave tools behind."
# custom:
#   control: filesystem.read_only_root
deny contains lasting(c, "filesystem.read_only_root", ["securityContext", "readOnlyRootFilesystem"], "readOnlyRootFilesystem must be stated as true") if {
	some c in linux_containers
	c.spec.securityContext.readOnlyRootFilesystem != true
}

package bulkhead.resources

# policy.hcl:20: resources.memory = "512Mi"
# METADATA
# title: "The most memory that a container may state; it must state a limit"
# description: "A container without a limit takes the node's memory from everybody else."
# custom:
#   control: resources.memory
deny contains found(c, "resources.memory", ["resources", "limits", "memory"], sprintf("it must state a limit of memory, %s at most", [most[1]])) if {
	some c in lasting_containers
	most := [536870912000000000, "512Mi"]
	value := object.get(c.spec.resources.limits, "memory", "")
	within := [n | n := amount_of(value); n > 0; n <= most[0]]
	count(within) == 0
}

package bulkhead.resources

# policy.hcl:20: resources.memory = "512Mi"
# METADATA
# title: "The most memory that a container may state; it must state a limit"
# description: "A container without a limit takes the node's memory from everybody else."
# custom:
#   control: resources.memory
deny contains found(limiting(c, ["resources", "limits", "memory"]), "resources.memory", ["resources", "limits", "memory"], limit_problem("memory", value, allowed)) if {
	some c in lasting_containers
	allowed := [536870912000000000, "512Mi"]
	value := object.get(c.spec.resources.limits, "memory", pod_limit(c.pod, "memory"))
	not within_limit(value, allowed)
}

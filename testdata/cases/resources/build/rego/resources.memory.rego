package bulkhead.resources

# policy.hcl:20: resources.memory = "512Mi"
# METADATA
# title: "Containers must state a memory limit, up to the maximum"
# description: "A container without a limit can take all of the node's memory."
# custom:
#   control: resources.memory
deny contains found(limiting(c, ["resources", "limits", "memory"]), "resources.memory", ["resources", "limits", "memory"], limit_problem("memory", value, allowed)) if {
	some c in lasting_containers
	allowed := [536870912000000000, "512Mi"]
	value := object.get(c.spec.resources.limits, "memory", pod_limit(c.pod, "memory"))
	not within_limit(value, allowed)
}

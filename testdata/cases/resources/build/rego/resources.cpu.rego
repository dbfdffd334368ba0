package bulkhead.resources

# policy.hcl:21: resources.cpu = "1"
# METADATA
# title: "Containers must state a CPU limit, up to the maximum"
# description: "A container without a limit can take all of the node's CPU."
# custom:
#   control: resources.cpu
deny contains found(limiting(c, ["resources", "limits", "cpu"]), "resources.cpu", ["resources", "limits", "cpu"], limit_problem("cpu", value, allowed)) if {
	some c in lasting_containers
	allowed := [1000000000, "1"]
	value := object.get(c.spec.resources.limits, "cpu", pod_limit(c.pod, "cpu"))
	not within_limit(value, allowed)
}

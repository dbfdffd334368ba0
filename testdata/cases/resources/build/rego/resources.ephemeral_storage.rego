package bulkhead.resources

# policy.hcl:22: resources.ephemeral_storage = "1Gi"
# METADATA
# title: "Containers must state an ephemeral storage limit, up to the maximum"
# description: "A full disk evicts every pod of the node."
# custom:
#   control: resources.ephemeral_storage
deny contains lasting(c, "resources.ephemeral_storage", ["resources", "limits", "ephemeral-storage"], limit_problem("ephemeral-storage", value, allowed)) if {
	some c in lasting_containers
	allowed := [1073741824000000000, "1Gi"]
	value := object.get(c.spec.resources.limits, "ephemeral-storage", null)
	not within_limit(value, allowed)
}

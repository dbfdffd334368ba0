package bulkhead.capabilities

# policy.hcl:22: capabilities.drop = ["ALL"]
# METADATA
# title: "Containers must drop the listed capabilities"
# description: "A container that drops nothing keeps the runtime's default set, which includes NET_RAW and MKNOD."
# custom:
#   control: capabilities.drop
deny contains lasting(c, "capabilities.drop", ["securityContext", "capabilities", "drop"], sprintf("these capabilities must be dropped: %s", [concat(", ", missing)])) if {
	some c in linux_containers
	required := {"ALL"}
	dropped := dropped_names(c)
	not "ALL" in dropped
	missing := [capability | some capability in required; not capability in dropped]
	count(missing) > 0
}

deny contains lasting(c, "capabilities.drop", ["securityContext", "capabilities", "add"], sprintf("the capability %s must stay dropped", [json.marshal(capability)])) if {
	some c in linux_containers
	required := {"ALL"}
	some capability in c.spec.securityContext.capabilities.add
	added_name(capability) in (required - {"ALL"})
}

deny contains lasting(c, "capabilities.drop", ["securityContext", "capabilities", "add"], sprintf("%s brings these capabilities back: %s", [json.marshal(capability), concat(", ", back)])) if {
	some c in linux_containers
	required := {"ALL"}
	some capability in c.spec.securityContext.capabilities.add
	added_name(capability) == "ALL"
	back := (required - {"ALL"}) - dropped_names(c)
	count(back) > 0
}

package bulkhead.resources

# policy.hcl:23: resources.hugepages = { "2Mi" = "64Mi" }
# METADATA
# title: "Containers may request huge pages only up to the maximum"
# description: "Huge pages are set aside on the node and are not given back while the pod runs."
# custom:
#   control: resources.hugepages
deny contains lasting(c, "resources.hugepages", ["resources", kind, name], sprintf("%s of %s are not allowed", [name, json.marshal(value)])) if {
	some c in lasting_containers
	allowed := [[2097152000000000, 67108864000000000]]
	some kind in ["limits", "requests"]
	not c.pod.windows
	some name, value in c.spec.resources[kind]
	startswith(name, "hugepages-")
	not hugepages_within(trim_prefix(name, "hugepages-"), value, allowed)
}

deny contains lasting(pod, "resources.hugepages", ["spec", "resources", kind, name], sprintf("%s of %s are not allowed", [name, json.marshal(value)])) if {
	some pod in linux_pods
	allowed := [[2097152000000000, 67108864000000000]]
	some kind in ["limits", "requests"]
	some name, value in pod.spec.resources[kind]
	startswith(name, "hugepages-")
	not hugepages_within(trim_prefix(name, "hugepages-"), value, allowed)
}

deny contains lasting(pod, "resources.hugepages", ["spec", "volumes", i, "emptyDir", "medium"], sprintf("a volume of %s is not allowed", [medium])) if {
	some pod in linux_pods
	allowed := [[2097152000000000, 67108864000000000]]
	some i, volume in pod.spec.volumes
	medium := volume.emptyDir.medium
	startswith(medium, "HugePages")
	not hugepages_medium(medium, allowed)
}

# A volume has pages of the size that it names, or of the one that the pod asks
# for. How much it holds is limited by the resources.
hugepages_medium("HugePages", allowed) if count(allowed) > 0

hugepages_medium(medium, allowed) if hugepages_within(trim_prefix(medium, "HugePages-"), 0, allowed)

# Pairs of page size and the most of it; null is any.
hugepages_within(size, value, allowed) if {
	some [page, most] in allowed
	hugepages_match(amount_of(size), page)
	hugepages_match_amount(amount_of(value), most)
}

hugepages_match(_, null)

hugepages_match(page, page)

hugepages_match_amount(_, null)

hugepages_match_amount(n, most) if n <= most

package bulkhead.everything

# policy.hcl:57: resources.hugepages = { "2Mi" = "64Mi" }
# METADATA
# title: "Huge pages that a container may ask for, by page size"
# description: "Huge pages are set aside on the node and are not given back while the pod runs."
# custom:
#   control: resources.hugepages
deny contains found(c, "resources.hugepages", ["resources", kind, name], sprintf("%s of %v are not allowed", [name, value])) if {
	some c in lasting_containers
	allowed := [[2097152000000000, 67108864000000000]]
	some kind in ["limits", "requests"]
	some name, value in c.spec.resources[kind]
	startswith(name, "hugepages-")
	not hugepages_within(trim_prefix(name, "hugepages-"), value, allowed)
}

# Pairs of page size and the most of it; null is any.
hugepages_within(size, value, allowed) if {
	some [page, most] in allowed
	hugepages_match(hugepages_amount(size), page)
	hugepages_match_amount(hugepages_amount(value), most)
}

hugepages_match(_, null)

hugepages_match(page, page)

hugepages_match_amount(_, null)

hugepages_match_amount(n, most) if n <= most

hugepages_amount(value) := round(units.parse(value) * 1000000000) if regex.match(`^[0-9]+(\.[0-9]+)?([mkMGTPE]|[KMGTPE]i)?$`, value)

hugepages_amount(value) := round(value * 1000000000) if is_number(value)

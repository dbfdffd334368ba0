package bulkhead.updates

# policy.hcl:22: updates.kubernetes = "1.33"
# METADATA
# title: "Nodes must run at least the stated Kubernetes version"
# description: "Versions without support get no security fixes."
# custom:
#   control: updates.kubernetes
deny contains found(node, "updates.kubernetes", ["status", "nodeInfo", "kubeletVersion"], sprintf("the kubelet is %v; it must be %s or newer", [value, "1.33"])) if {
	some node in nodes
	value := object.get(node.info, "kubeletVersion", "unknown")
	not kubelet_reached([[1, 33, 0, 1, 0]], value)
}

# Holes are mended branch by branch: a version has to reach the least one of its
# branch, or be of a branch that is newer than all that are listed.
kubelet_reached(leasts, text) if {
	version := kubelet_version(text)
	some least in leasts
	array.slice(least, 0, 2) == array.slice(version, 0, 2)
	least <= version
}

kubelet_reached(leasts, text) if {
	version := kubelet_version(text)
	every least in leasts { array.slice(version, 0, 2) > array.slice(least, 0, 2) }
}

# A version as numbers that compare: three parts, then 1 for a release or 0 and
# the number of the prerelease.
kubelet_version(text) := array.concat(numbers, kubelet_rank(parts[4])) if {
	[parts] := regex.find_all_string_submatch_n(`^v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(.*)$`, text, -1)
	numbers := [to_number(concat("", ["0", part])) | some part in array.slice(parts, 1, 4)]
}

kubelet_rank(suffix) := [1, 0] if not regex.match(`^-(alpha|beta|rc)`, suffix)

kubelet_rank(suffix) := [0, to_number(concat("", ["0", parts[2]])) + stages[parts[1]]] if {
	stages := {"alpha": 0, "beta": 1000, "rc": 2000}
	[parts] := regex.find_all_string_submatch_n(`^-(alpha|beta|rc)[.-]?([0-9]*)`, suffix, -1)
}

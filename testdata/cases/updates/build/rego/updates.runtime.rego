package bulkhead.updates

# METADATA
# title: "Nodes must run at least the stated container runtime version"
# description: "Releases fix container escapes: runc 1.2.8, 1.3.3 and 1.4.0-rc.3 for CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881."
# custom:
#   control: updates.runtime
deny contains found(node, control, ["status", "nodeInfo", "containerRuntimeVersion"], sprintf("the container runtime is %s %s; it must be %s or newer", [name, value, least])) if {
	some node in nodes
	[name, value] := split(node.info.containerRuntimeVersion, "://")
	[control, minimum, least] := engine_minimums[name]
	not runtime_reached(minimum, value)
}

deny contains found(node, "updates.runtime.containerd", ["status", "nodeInfo", "containerRuntimeVersion"], "the policy states no least version of the container runtime that runs here") if {
	some node in nodes
	not known_engine(node)
}

known_engine(node) if {
	[name, _] := split(node.info.containerRuntimeVersion, "://")
	engine_minimums[name]
}

engine_minimums := {
	# policy.hcl:20
	"containerd": ["updates.runtime.containerd", [[1, 7, 29, 1, 0]], "1.7.29"],
}

# Holes are mended branch by branch: a version has to reach the least one of its
# branch, or be of a branch that is newer than all that are listed.
runtime_reached(leasts, text) if {
	version := runtime_version(text)
	some least in leasts
	array.slice(least, 0, 2) == array.slice(version, 0, 2)
	least <= version
}

runtime_reached(leasts, text) if {
	version := runtime_version(text)
	every least in leasts { array.slice(version, 0, 2) > array.slice(least, 0, 2) }
}

# A version as numbers that compare: three parts, then 1 for a release or 0 and
# the number of the prerelease.
runtime_version(text) := array.concat(numbers, runtime_rank(parts[4])) if {
	[parts] := regex.find_all_string_submatch_n(`^v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(.*)$`, text, -1)
	numbers := [to_number(concat("", ["0", part])) | some part in array.slice(parts, 1, 4)]
}

runtime_rank(suffix) := [1, 0] if not regex.match(`^-(alpha|beta|rc)`, suffix)

runtime_rank(suffix) := [0, to_number(concat("", ["0", parts[2]])) + stages[parts[1]]] if {
	stages := {"alpha": 0, "beta": 1000, "rc": 2000}
	[parts] := regex.find_all_string_submatch_n(`^-(alpha|beta|rc)[.-]?([0-9]*)`, suffix, -1)
}

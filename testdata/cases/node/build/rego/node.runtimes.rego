package bulkhead.node

# policy.hcl:25: node.runtimes = ["containerd", "cri-o"]
# METADATA
# title: "Nodes must run one of the listed container runtimes"
# description: "A policy's profiles, annotations and versions are written for certain runtimes."
# custom:
#   control: node.runtimes
deny contains found(node, "node.runtimes", ["status", "nodeInfo", "containerRuntimeVersion"], runtime_problem(value)) if {
	some node in nodes
	value := object.get(node.info, "containerRuntimeVersion", null)
	not accepted_runtime(value)
}

accepted_runtime(value) if {
	[name, version] := split(value, "://")
	name in {"containerd", "cri-o"}
	version != ""
}

runtime_problem(null) := "the node reports no containerRuntimeVersion"

runtime_problem(value) := sprintf("containerRuntimeVersion must be of %s, not %v", ["containerd or cri-o", value]) if value != null

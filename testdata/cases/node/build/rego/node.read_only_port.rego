package bulkhead.node

# policy.hcl:23: node.read_only_port = false
# METADATA
# title: "The kubelet must not serve its read-only port"
# description: "The port shows every pod of the node, with its environment, to anyone who reaches the node: it has neither authentication nor encryption."
# custom:
#   control: node.read_only_port
deny contains found(kubelet, "node.read_only_port", ["readOnlyPort"], sprintf("readOnlyPort must be 0, not %v", [json.marshal(value)])) if {
	some kubelet in kubelets
	value := kubelet.spec.readOnlyPort
	not in_ranges(value, [[0, 0]])
}

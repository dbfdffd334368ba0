package bulkhead.node

# policy.hcl:21: node.pod_pids_limit = 4096
# METADATA
# title: "The kubelet must limit the processes of each pod"
# description: "A pod that starts processes without end takes the node's process IDs from all others. A limit of 0 or less is none; the kubelet's default is -1."
# custom:
#   control: node.pod_pids_limit
deny contains found(kubelet, "node.pod_pids_limit", ["podPidsLimit"], sprintf("podPidsLimit must be 1 to 4096, not %v", [json.marshal(value)])) if {
	some kubelet in kubelets
	value := kubelet.spec.podPidsLimit
	not in_ranges(value, [[1, 4096]])
}

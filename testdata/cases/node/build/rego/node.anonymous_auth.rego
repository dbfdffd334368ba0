package bulkhead.node

# policy.hcl:22: node.anonymous_auth = false
# METADATA
# title: "The kubelet must not accept requests without credentials"
# description: "What the kubelet's authorization lets system:anonymous do, anyone who reaches the node can do: with AlwaysAllow, run commands in every container."
# custom:
#   control: node.anonymous_auth
deny contains found(kubelet, "node.anonymous_auth", ["authentication", "anonymous", "enabled"], sprintf("authentication.anonymous.enabled must be false, not %v", [json.marshal(value)])) if {
	some kubelet in kubelets
	value := kubelet.spec.authentication.anonymous.enabled
	value != false
}

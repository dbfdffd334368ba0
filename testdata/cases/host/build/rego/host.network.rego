package bulkhead.host

# policy.hcl:20: host.network = false
# METADATA
# title: "The node's network namespace"
# description: "It reaches services that listen on the node only, and no NetworkPolicy holds there."
# custom:
#   control: host.network
deny contains lasting(pod, "host.network", ["spec", "hostNetwork"], "hostNetwork must not be true") if {
	some pod in pods
	pod.spec.hostNetwork != false
}

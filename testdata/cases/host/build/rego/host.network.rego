package bulkhead.host

# policy.hcl:20: host.network = false
# METADATA
# title: "Pods must not use the node's network namespace"
# description: "The pod reaches services that listen only on the node, and no NetworkPolicy applies to it."
# custom:
#   control: host.network
deny contains lasting(pod, "host.network", ["spec", "hostNetwork"], typed_flag("hostNetwork", value, "false", "hostNetwork must not be true")) if {
	some pod in pods
	value := pod.spec.hostNetwork
	value != false
}

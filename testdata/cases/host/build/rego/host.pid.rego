package bulkhead.host

# policy.hcl:21: host.pid = false
# METADATA
# title: "Pods must not use the node's process namespace"
# description: "The pod sees every process of the node. With the right capabilities it can trace or enter them."
# custom:
#   control: host.pid
deny contains lasting(pod, "host.pid", ["spec", "hostPID"], typed_flag("hostPID", value, "false", "hostPID must not be true")) if {
	some pod in pods
	value := pod.spec.hostPID
	value != false
}

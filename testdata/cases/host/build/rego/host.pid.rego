package bulkhead.host

# policy.hcl:21: host.pid = false
# METADATA
# title: "The node's process namespace"
# description: "Every process of the node can be seen, and with the capabilities for it entered or traced."
# custom:
#   control: host.pid
deny contains lasting(pod, "host.pid", ["spec", "hostPID"], "hostPID must not be true") if {
	some pod in pods
	pod.spec.hostPID != false
}

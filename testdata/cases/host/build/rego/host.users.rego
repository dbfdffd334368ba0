package bulkhead.host

# policy.hcl:23: host.users = false
# METADATA
# title: "The node's user namespace"
# description: "With a user namespace of its own, a pod's root is nobody on the node."
# custom:
#   control: host.users
deny contains lasting(pod, "host.users", ["spec", "hostUsers"], "hostUsers must be false") if {
	some pod in linux_pods
	pod.spec.hostUsers != false
}

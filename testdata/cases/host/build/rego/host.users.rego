package bulkhead.host

# policy.hcl:23: host.users = false
# METADATA
# title: "Pods must have a user namespace of their own"
# description: "In a user namespace of its own, the pod's root has no privileges on the node."
# custom:
#   control: host.users
deny contains lasting(pod, "host.users", ["spec", "hostUsers"], typed_flag("hostUsers", value, "false", "hostUsers must be false")) if {
	some pod in linux_pods
	value := pod.spec.hostUsers
	value != false
}

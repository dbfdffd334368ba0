package bulkhead.privileges

# policy.hcl:37: privileges.shared_processes = false
# METADATA
# title: "Containers of a pod must not share a process namespace"
# description: "Each container can see the other containers' processes, with arguments and environment, and read their files through /proc/PID/root."
# custom:
#   control: privileges.shared_processes
deny contains lasting(pod, "privileges.shared_processes", ["spec", "shareProcessNamespace"], typed_flag("shareProcessNamespace", value, "false", "shareProcessNamespace must not be true")) if {
	some pod in pods
	value := pod.spec.shareProcessNamespace
	value != false
}

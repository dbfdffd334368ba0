package bulkhead.privileges

# policy.hcl:37: privileges.shared_processes = false
# METADATA
# title: "One process namespace for all containers of a pod"
# description: "Each container then sees the others' processes, with their arguments and environment, and by /proc/PID/root their files."
# custom:
#   control: privileges.shared_processes
deny contains lasting(pod, "privileges.shared_processes", ["spec", "shareProcessNamespace"], "shareProcessNamespace must not be true") if {
	some pod in pods
	pod.spec.shareProcessNamespace != false
}

package bulkhead.host

# policy.hcl:22: host.ipc = false
# METADATA
# title: "Pods must not use the node's IPC namespace"
# description: "Shared memory of the node's processes can be read and written."
# custom:
#   control: host.ipc
deny contains lasting(pod, "host.ipc", ["spec", "hostIPC"], typed_flag("hostIPC", value, "false", "hostIPC must not be true")) if {
	some pod in pods
	value := pod.spec.hostIPC
	value != false
}

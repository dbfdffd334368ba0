package bulkhead.node

# policy.hcl:20: node.seccomp_default = true
# METADATA
# title: "The kubelet must use the runtime's seccomp profile by default"
# description: "Without it, a container that names no profile may make every system call. The kubelet's default is false."
# custom:
#   control: node.seccomp_default
deny contains found(kubelet, "node.seccomp_default", ["seccompDefault"], sprintf("seccompDefault must be true, not %v", [json.marshal(value)])) if {
	some kubelet in kubelets
	value := kubelet.spec.seccompDefault
	value != true
}

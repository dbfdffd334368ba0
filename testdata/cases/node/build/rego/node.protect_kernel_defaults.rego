package bulkhead.node

# policy.hcl:24: node.protect_kernel_defaults = true
# METADATA
# title: "The kubelet must not start on a node with unexpected kernel settings"
# description: "Otherwise the kubelet changes settings that somebody hardened (vm.overcommit_memory, kernel.panic and others) and reports nothing. The kubelet's default is false."
# custom:
#   control: node.protect_kernel_defaults
deny contains found(kubelet, "node.protect_kernel_defaults", ["protectKernelDefaults"], sprintf("protectKernelDefaults must be true, not %v", [json.marshal(value)])) if {
	some kubelet in kubelets
	value := kubelet.spec.protectKernelDefaults
	value != true
}

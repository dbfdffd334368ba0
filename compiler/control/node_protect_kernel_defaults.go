package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// ProtectKernelDefaults is the ID of the control in this file.
const ProtectKernelDefaults ID = "node.protect_kernel_defaults"

var protectKernelDefaults = &Control{
	ID:       ProtectKernelDefaults,
	Title:    "The kubelet must not start on a node with unexpected kernel settings",
	Reason:   "Otherwise the kubelet changes settings that somebody hardened (vm.overcommit_memory, kernel.panic and others) and reports nothing. The kubelet's default is false.",
	Mappings: []string{"CIS Kubernetes Benchmark 1.6: 4.2.6"},
	Order:    Ordered, Type: Bool, Scope: OfPolicy, Strict: true,
	Fix:     Fix{Kind: FixSet, Value: "true"},
	Rules:   []podrule.Rule{{Over: podrule.Kubelets, Field: "protectKernelDefaults", Shape: podrule.Flag, Good: true, Message: "protectKernelDefaults must be true, not %v"}},
	Example: kubelet(Patch{"protectKernelDefaults": true}, Patch{"protectKernelDefaults": false}, Patch{"protectKernelDefaults": nil}),
}

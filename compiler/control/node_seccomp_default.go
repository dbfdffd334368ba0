package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SeccompDefault is the ID of the control in this file.
const SeccompDefault ID = "node.seccomp_default"

var seccompDefault = &Control{
	ID:       SeccompDefault,
	Title:    "The kubelet must use the runtime's seccomp profile by default",
	Reason:   "Without it, a container that names no profile may make every system call. The kubelet's default is false.",
	Mappings: []string{"CIS Kubernetes Benchmark 1.11: 4.2.14"},
	Order:    Ordered, Type: Bool, Scope: OfPolicy, Strict: true,
	Fix:     Fix{Kind: FixSet, Value: "true"},
	Rules:   []podrule.Rule{{Over: podrule.Kubelets, Field: "seccompDefault", Shape: podrule.Flag, Good: true, Message: "seccompDefault must be true, not %v"}},
	Example: kubelet(Patch{"seccompDefault": true}, Patch{"seccompDefault": false}, Patch{"seccompDefault": nil}),
}

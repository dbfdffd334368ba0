package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// AnonymousAuth is the ID of the control in this file.
const AnonymousAuth ID = "node.anonymous_auth"

var anonymousAuth = &Control{
	ID:       AnonymousAuth,
	Title:    "The kubelet must not accept requests without credentials",
	Reason:   "What the kubelet's authorization lets system:anonymous do, anyone who reaches the node can do: with AlwaysAllow, run commands in every container.",
	Mappings: []string{"CIS Kubernetes Benchmark 1.11: 4.2.1", "ATT&CK T1133"},
	Order:    Ordered, Type: Bool, Scope: OfPolicy, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Kubelets, Field: "authentication.anonymous.enabled", Shape: podrule.Flag, Good: false, Message: "authentication.anonymous.enabled must be false, not %v"}},
	Example: kubelet(nil, Patch{"authentication": Patch{"anonymous": Patch{"enabled": true}}}),
}

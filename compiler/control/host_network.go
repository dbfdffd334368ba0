package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostNetwork is the ID of the control in this file.
const HostNetwork ID = "host.network"

var hostNetwork = &Control{
	ID:       HostNetwork,
	Title:    "The node's network namespace",
	Reason:   "It reaches services that listen on the node only, and no NetworkPolicy holds there.",
	Mappings: []string{"PSS baseline: hostNamespaces", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Strict: false, Bypasses: true, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "hostNetwork", Shape: podrule.Flag, Good: false, Message: "hostNetwork must not be true"}},
	Example: refuses(inSpec(Patch{"hostNetwork": true})),
}

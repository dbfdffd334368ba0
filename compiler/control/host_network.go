package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostNetwork is the ID of the control in this file.
const HostNetwork ID = "host.network"

var hostNetwork = &Control{
	ID:       HostNetwork,
	Title:    "Pods must not use the node's network namespace",
	Reason:   "The pod reaches services that listen only on the node, and no NetworkPolicy applies to it.",
	Mappings: []string{"PSS baseline: hostNamespaces", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Strict: false, Bypasses: true, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "hostNetwork", Shape: podrule.Flag, Good: false, Message: "hostNetwork must not be true"}},
	Example: refuses(inSpec(Patch{"hostNetwork": true})),
}

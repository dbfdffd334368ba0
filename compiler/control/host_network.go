package control

// HostNetwork is the ID of the control in this file.
const HostNetwork ID = "host.network"

var hostNetwork = &Control{
	ID:       HostNetwork,
	Title:    "The node's network namespace",
	Reason:   "It reaches services that listen on the node only, and no NetworkPolicy holds there.",
	Mappings: []string{"PSS baseline: hostNamespaces", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Strict: false, Bypasses: true, Loosest: Value{Bool: true},
	InManifest: true, Immutable: true,
	Fix: Fix{Kind: FixSet, Value: "false"},
}

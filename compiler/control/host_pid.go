package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostPID is the ID of the control in this file.
const HostPID ID = "host.pid"

var hostPID = &Control{
	ID:       HostPID,
	Title:    "Pods must not use the node's process namespace",
	Reason:   "The pod sees every process of the node. With the right capabilities it can trace or enter them.",
	Mappings: []string{"PSS baseline: hostNamespaces", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "hostPID", Shape: podrule.Flag, Good: false, Message: "hostPID must not be true"}},
	Example: refuses(inSpec(Patch{"hostPID": true})),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostUsers is the ID of the control in this file.
const HostUsers ID = "host.users"

var hostUsers = &Control{
	ID:       HostUsers,
	Title:    "The node's user namespace",
	Reason:   "With a user namespace of its own, a pod's root is nobody on the node.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:   Fix{Kind: FixSet, Value: "false"},
	Rules: []podrule.Rule{{Over: podrule.LinuxPods, Field: "hostUsers", Shape: podrule.Flag, Good: false, Message: "hostUsers must be false"}},
}

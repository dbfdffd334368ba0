package control

// HostUsers is the ID of the control in this file.
const HostUsers ID = "host.users"

var hostUsers = &Control{
	ID:       HostUsers,
	Title:    "The node's user namespace",
	Reason:   "With a user namespace of its own, a pod's root is nobody on the node.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	InManifest: true, Immutable: true, SparesWindows: true,
	Fix: Fix{Kind: FixSet, Value: "false"},
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostIPC is the ID of the control in this file.
const HostIPC ID = "host.ipc"

var hostIPC = &Control{
	ID:       HostIPC,
	Title:    "Pods must not use the node's IPC namespace",
	Reason:   "Shared memory of the node's processes can be read and written.",
	Mappings: []string{"PSS baseline: hostNamespaces"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "hostIPC", Shape: podrule.Flag, Good: false, Message: "hostIPC must not be true"}},
	Example: refuses(inSpec(Patch{"hostIPC": true})),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// ReadOnlyRoot is the ID of the control in this file.
const ReadOnlyRoot ID = "filesystem.read_only_root"

var readOnlyRoot = &Control{
	ID:       ReadOnlyRoot,
	Title:    "Root filesystems must be mounted read-only",
	Reason:   "An attacker cannot replace programs or leave tools behind.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1036"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Linux: true, Strict: true, Loosest: Value{Bool: false},
	Advice:  "What does the program write? Mount an emptyDir where it does, and state readOnlyRootFilesystem: true.",
	Fix:     Fix{Kind: FixSet, Value: "true"},
	Rules:   []podrule.Rule{{Over: podrule.LinuxContainers, Field: "securityContext.readOnlyRootFilesystem", Shape: podrule.Flag, Good: true, Message: "readOnlyRootFilesystem must be true"}},
	Example: demands(inSecurity(Patch{"readOnlyRootFilesystem": true}), inSecurity(Patch{"readOnlyRootFilesystem": false})),
}

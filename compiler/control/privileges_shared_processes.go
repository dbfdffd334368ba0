package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SharedProcesses is the ID of the control in this file.
const SharedProcesses ID = "privileges.shared_processes"

var sharedProcesses = &Control{
	ID:       SharedProcesses,
	Title:    "One process namespace for all containers of a pod",
	Reason:   "Each container then sees the others' processes, with their arguments and environment, and by /proc/PID/root their files.",
	Mappings: []string{"ATT&CK T1057"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "shareProcessNamespace", Shape: podrule.Flag, Good: false, Message: "shareProcessNamespace must not be true"}},
	Example: refuses(inSpec(Patch{"shareProcessNamespace": true})),
}

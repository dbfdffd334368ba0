package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SharedProcesses is the ID of the control in this file.
const SharedProcesses ID = "privileges.shared_processes"

var sharedProcesses = &Control{
	ID:       SharedProcesses,
	Title:    "Containers of a pod must not share a process namespace",
	Reason:   "Each container can see the other containers' processes, with arguments and environment, and read their files through /proc/PID/root.",
	Mappings: []string{"ATT&CK T1057"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "shareProcessNamespace", Shape: podrule.Flag, Good: false, Message: "shareProcessNamespace must not be true"}},
	Example: refuses(inSpec(Patch{"shareProcessNamespace": true})),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostUsers is the ID of the control in this file.
const HostUsers ID = "host.users"

var hostUsers = &Control{
	ID:       HostUsers,
	Title:    "Pods must have a user namespace of their own",
	Reason:   "In a user namespace of its own, the pod's root has no privileges on the node.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.LinuxPods, Field: "hostUsers", Shape: podrule.Flag, Good: false, Message: "hostUsers must be false"}},
	Example: demands(inSpec(Patch{"hostUsers": false}), inSpec(Patch{"hostUsers": nil})),
}

// userNamespaces is the minor version of Kubernetes 1 since which hostUsers does
// something (alpha in 1.25).
const userNamespaces = 25

// ownUsers reports whether pods that comply have a user namespace of their own.
func (s Situation) ownUsers() bool { return s.Restricts(HostUsers) && s.Since(userNamespaces) }

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Privileged is the ID of the control in this file.
const Privileged ID = "privileges.privileged"

var privileged = &Control{
	ID:       Privileged,
	Title:    "Containers must not be privileged",
	Reason:   "A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded. It has full control of the node.",
	Mappings: []string{"PSS baseline: privileged", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Strict: false, Bypasses: true, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.privileged", Shape: podrule.Flag, Good: false, Message: "privileged must not be true"}},
	Example: refuses(inSecurity(Patch{"privileged": true})),
}

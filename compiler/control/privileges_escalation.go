package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Escalation is the ID of the control in this file.
const Escalation ID = "privileges.escalation"

var escalation = &Control{
	ID:       Escalation,
	Title:    "Containers must not gain privileges through set-user-ID programs",
	Reason:   "Without no_new_privs, a set-user-ID program in the image gives root to any user.",
	Mappings: []string{"PSS restricted: allowPrivilegeEscalation", "ATT&CK T1548.001"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Linux: true, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.LinuxContainers, Field: "securityContext.allowPrivilegeEscalation", Shape: podrule.Flag, Good: false, Message: "allowPrivilegeEscalation must be false"}},
	Example: demands(inSecurity(Patch{"allowPrivilegeEscalation": false}), inSecurity(Patch{"allowPrivilegeEscalation": true})),
}

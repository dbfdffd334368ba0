package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Groups is the ID of the control in this file.
const Groups ID = "privileges.groups"

var groups = &Control{
	ID:       Groups,
	Title:    "Containers may run only as the listed groups",
	Reason:   "Sockets and devices of the node are often open to a group, such as docker or disk.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: identityElement, Loosest: only("*"),
	Advice:  "Which group does the program need? State runAsGroup as one of VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.runAsGroup", Shape: podrule.Member, Message: "runAsGroup must not be %v"}},
	encode:  inRanges,
	Example: Example{Bad: numbered(func(n int64) Patch { return inSecurity(Patch{"runAsGroup": n}) }, 0, 1, nobody)},
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Users is the ID of the control in this file.
const Users ID = "privileges.users"

var users = &Control{
	ID:       Users,
	Title:    "Containers may run only as the listed users",
	Reason:   "A process can access the node's files that belong to its user number.",
	Mappings: []string{"PSS restricted: runAsUser"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: identityElement, Loosest: only("*"),
	Advice:  "Which user does the image need? State runAsUser as one of VALUE; files that the program reads and writes must belong to it.",
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.runAsUser", Shape: podrule.Member, Excuse: podrule.RootInOwnUsers, Message: "runAsUser must not be %v"}},
	encode:  inRanges,
	Example: Example{Bad: otherUser},
}

// otherUser names a user that is not allowed. Root in a user namespace is another
// control's.
func otherUser(s Situation) []Patch {
	candidates := []int64{0, 1, nobody}
	if s.ownUsers() {
		candidates = candidates[1:]
	}
	return numbered(func(n int64) Patch { return inSecurity(Patch{"runAsUser": n}) }, candidates...)(s)
}

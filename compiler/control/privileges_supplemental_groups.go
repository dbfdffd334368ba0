package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SupplementalGroups is the ID of the control in this file.
const SupplementalGroups ID = "privileges.supplemental_groups"

var supplementalGroups = &Control{
	ID:     SupplementalGroups,
	Title:  "Pods may use only the listed supplemental groups",
	Reason: "Sockets and devices of the node are often open to a group, such as docker or disk.",
	Order:  AllowSet, Type: Set, Scope: OfPod, Linux: true, Element: identityElement, Loosest: only("*"),
	Advice:  "Which further groups does the program need? List of them in supplementalGroups only those among VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "securityContext.supplementalGroups[]", Shape: podrule.Member, Message: "supplementalGroups must not contain %v"}},
	encode:  inRanges,
	Example: Example{Bad: numbered(func(n int64) Patch { return inPodSecurity(Patch{"supplementalGroups": []any{n}}) }, 0, 1, nobody)},
}

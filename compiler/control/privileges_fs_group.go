package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// FSGroup is the ID of the control in this file.
const FSGroup ID = "privileges.fs_group"

var fsGroup = &Control{
	ID:     FSGroup,
	Title:  "Pods may use only the listed groups in fsGroup",
	Reason: "The kubelet gives every file of a volume to this group.",
	Order:  AllowSet, Type: Set, Scope: OfPod, Linux: true, Element: identityElement, Loosest: only("*"),
	Advice:  "Which group is to own the volumes? State fsGroup as one of VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.Pods, Field: "securityContext.fsGroup", Shape: podrule.Member, Message: "fsGroup must not be %v"}},
	encode:  inRanges,
	Example: Example{Bad: numbered(func(n int64) Patch { return inPodSecurity(Patch{"fsGroup": n}) }, 0, 1, nobody)},
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SupplementalGroupsPolicy is the ID of the control in this file.
const SupplementalGroupsPolicy ID = "privileges.supplemental_groups_policy"

// The field is alpha in Kubernetes 1.31, where API servers drop it unless the feature gate is on, and beta and on by default
// from 1.33 (KEP-3619).
var supplementalGroupsPolicy = &Control{
	ID:     SupplementalGroupsPolicy,
	Title:  "Supplemental groups must come from the pod and not from the image",
	Reason: "Merge adds the groups that the image's /etc/group gives the user. They are not in the manifest, and they give access to files of volumes.",
	Order:  Ordered, Type: Enum, Scope: OfPod, Linux: true, Names: []string{"strict", "merge"}, Loosest: Value{Text: "merge"},
	Since: 33,
	Fix:   Fix{Kind: FixSet, Value: "Strict"},
	Rules: []podrule.Rule{{Over: podrule.LinuxPods, Field: "securityContext.supplementalGroupsPolicy", Shape: podrule.Member, Value: podrule.Value{Kind: podrule.Set, Words: []string{"Strict"}},
		Message: "supplementalGroupsPolicy must be Strict", Missing: "supplementalGroupsPolicy must be Strict"}},
	Example: demands(inPodSecurity(Patch{"supplementalGroupsPolicy": "Strict"}), inPodSecurity(Patch{"supplementalGroupsPolicy": "Merge"})),
}

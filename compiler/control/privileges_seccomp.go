package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SeccompProfile is the ID of the control in this file.
const SeccompProfile ID = "privileges.seccomp"

var seccompProfile = &Control{
	ID:       SeccompProfile,
	Title:    "Seccomp profiles must come from the listed sources",
	Reason:   "Unset means unconfined unless the kubelet runs with seccompDefault, which is off by default.",
	Mappings: []string{"PSS baseline: seccompProfile_baseline", "PSS restricted: seccompProfile_restricted"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: profileElement, Loosest: only("*"),
	Fix:     Fix{Kind: FixProfile},
	Profile: &Profile{Title: "seccomp", Field: "seccompProfile", Since: podrule.SinceSeccompField, Annotation: "container.seccomp.security.alpha.kubernetes.io/", Suffix: ".json"},
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.seccompProfile.type", Shape: podrule.Member, Excuse: podrule.UnsetOnWindows, Message: "seccompProfile.type must not be %v", Missing: "no seccomp profile is set; use %s"}},
	encode:  inProfiles,
	Example: profileExample(),
}

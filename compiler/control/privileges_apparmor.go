package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// AppArmorProfile is the ID of the control in this file.
const AppArmorProfile ID = "privileges.apparmor"

var appArmorProfile = &Control{
	ID:       AppArmorProfile,
	Title:    "AppArmor profiles must come from the listed sources",
	Reason:   "The profile Unconfined disables AppArmor for the container.",
	Mappings: []string{"PSS baseline: appArmorProfile"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: profileElement, Loosest: only("*"),
	InManifest: true, Immutable: true,
	Fix:     Fix{Kind: FixProfile},
	Profile: &Profile{Title: "AppArmor", Field: "appArmorProfile", Since: podrule.SinceAppArmorField, Annotation: "container.apparmor.security.beta.kubernetes.io/"},
	encode:  inProfiles,
	Example: profileExample(),
}

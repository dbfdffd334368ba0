package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SELinuxTypes is the ID of the control in this file.
const SELinuxTypes ID = "privileges.selinux_types"

var selinuxTypes = &Control{
	ID:       SELinuxTypes,
	Title:    "Containers may use only the listed SELinux types",
	Reason:   "Some types, such as spc_t, are not confined at all.",
	Mappings: []string{"PSS baseline: seLinuxOptions"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux type"), Loosest: only("*"),
	Advice:  "Leave the SELinux type out, so that the runtime chooses it, or state one of VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.seLinuxOptions.type", Shape: podrule.Member, Message: "seLinuxOptions.type must not be %v"}},
	encode:  inWords,
	Example: selinuxExample("type", "spc_t"),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SELinuxRoles is the ID of the control in this file.
const SELinuxRoles ID = "privileges.selinux_roles"

var selinuxRoles = &Control{
	ID:       SELinuxRoles,
	Title:    "Containers may use only the listed SELinux roles",
	Reason:   "The role decides which types can be reached.",
	Mappings: []string{"PSS baseline: seLinuxOptions"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux role"), Loosest: only("*"),
	Advice:  "Leave the SELinux role out, so that the runtime chooses it, or state one of VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.seLinuxOptions.role", Shape: podrule.Member, Message: "seLinuxOptions.role must not be %v"}},
	encode:  inWords,
	Example: selinuxExample("role", "unconfined_r"),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SELinuxUsers is the ID of the control in this file.
const SELinuxUsers ID = "privileges.selinux_users"

var selinuxUsers = &Control{
	ID:       SELinuxUsers,
	Title:    "Containers may use only the listed SELinux users",
	Reason:   "The user decides which roles and types can be reached.",
	Mappings: []string{"PSS baseline: seLinuxOptions"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux user"), Loosest: only("*"),
	Advice:  "Leave the SELinux user out, so that the runtime chooses it, or state one of VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.seLinuxOptions.user", Shape: podrule.Member, Message: "seLinuxOptions.user must not be %v"}},
	encode:  inWords,
	Example: selinuxExample("user", "unconfined_u"),
}

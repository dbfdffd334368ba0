package control

// SELinuxUsers is the ID of the control in this file.
const SELinuxUsers ID = "privileges.selinux_users"

var selinuxUsers = &Control{
	ID:       SELinuxUsers,
	Title:    "SELinux users that a pod or container may take",
	Reason:   "The user decides which roles and types can be reached.",
	Mappings: []string{"PSS baseline: seLinuxOptions"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux user"), Loosest: only("*"),
	InManifest: true, Immutable: true,
	Advice: "Leave the SELinux user out, so that the runtime chooses it, or state one of VALUE.",
}

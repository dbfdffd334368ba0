package control

// FilesystemDeny is the ID of the control in this file.
const FilesystemDeny ID = "filesystem.deny"

var filesystemDeny = &Control{
	ID:       FilesystemDeny,
	Title:    "Processes must not read or write the listed paths",
	Reason:   "These paths stay closed even if a policy below allows a folder that contains them.",
	Mappings: []string{"ATT&CK T1552.001"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: pathElement,
}

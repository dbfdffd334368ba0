package control

// FilesystemDeny is the ID of the control in this file.
const FilesystemDeny ID = "filesystem.deny"

var filesystemDeny = &Control{
	ID:       FilesystemDeny,
	Title:    "Paths in the container that may be neither read nor written",
	Reason:   "Names what must stay closed, so that a wider grant below does not open it.",
	Mappings: []string{"ATT&CK T1552.001"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: pathElement,
}

package control

// FilesystemExecute is the ID of the control in this file.
const FilesystemExecute ID = "filesystem.execute"

var filesystemExecute = &Control{
	ID:       FilesystemExecute,
	Title:    "Processes may execute only the listed programs",
	Reason:   "A program that an attacker brings along does not start. Mapping a library is not executing it.",
	Mappings: []string{"ATT&CK T1059"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: pathElement, Loosest: only("/**"),
}

package control

// FilesystemExecute is the ID of the control in this file.
const FilesystemExecute ID = "filesystem.execute"

var filesystemExecute = &Control{
	ID:       FilesystemExecute,
	Title:    "Programs that may be executed (mapping a library is not executing)",
	Reason:   "A program that came with the attack does not start.",
	Mappings: []string{"ATT&CK T1059"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: pathElement, Loosest: only("/**"),
}

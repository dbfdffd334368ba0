package control

import "strings"

// FilesystemWrite is the ID of the control in this file.
const FilesystemWrite ID = "filesystem.write"

var filesystemWrite = &Control{
	ID:       FilesystemWrite,
	Title:    "Processes may write only to the listed paths",
	Reason:   "An attacker can plant configuration, libraries and programs wherever a process may write.",
	Mappings: []string{"ATT&CK T1222"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: pathElement, Loosest: only("/**"),
	InManifest: true, Immutable: true, SparesWindows: true,
	Unseen:      "shows which volumes can be written; what a process then writes there, and in its root file system, it does not.",
	Open:        submounts(func(Value) bool { return true }),
	Advice:      "Does the program write there? If not, set readOnly: true of the mount, and recursiveReadOnly: Enabled for a folder of the node; else mount the volume below VALUE.",
	TypedAdvice: "Does the program write there? If not, set read_only = true of the mount; else mount the volume below VALUE. " + typedSubmounts,
	encode:      writable,
	Example: Example{Bad: elements(func(pattern string) Patch {
		return inContainer(mounted(strings.TrimSuffix(pattern, "**"), nil))
	}, "/example/**", "/**")},
}

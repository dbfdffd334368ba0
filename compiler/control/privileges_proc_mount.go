package control

// ProcMount is the ID of the control in this file.
const ProcMount ID = "privileges.proc_mount"

var procMount = &Control{
	ID:       ProcMount,
	Title:    "/proc must be mounted with its default masks",
	Reason:   "An unmasked /proc shows kernel memory, keys and the settings of the node.",
	Mappings: []string{"PSS baseline: procMount", "PSS restricted: procMount_restricted"},
	Order:    Ordered, Type: Enum, Scope: OfContainer, Linux: true, Names: []string{"default", "user-namespace", "unmasked"}, Loosest: Value{Text: "unmasked"},
	InManifest: true, Immutable: true,
	Fix:     Fix{Kind: FixRemove},
	Example: Example{Bad: unmasked},
}

// procMountUserNamespace allows an unmasked /proc in pods with a user namespace of
// their own.
const procMountUserNamespace = "user-namespace"

func unmasked(s Situation) []Patch {
	change := inSecurity(Patch{"procMount": "Unmasked"})
	if s.Value.Text == procMountUserNamespace {
		change["spec"] = Patch{"hostUsers": true}
	}
	return []Patch{change}
}

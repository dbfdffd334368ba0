package control

// SeccompDeny is the ID of the control in this file.
const SeccompDeny ID = "seccomp.deny"

var seccompDeny = &Control{
	ID:       SeccompDeny,
	Title:    "Processes must not make the listed system calls",
	Reason:   "These calls stay refused even if a policy below allows a set that contains them.",
	Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Linux: true, Element: callElement,
}

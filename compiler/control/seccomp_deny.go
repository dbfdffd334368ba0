package control

// SeccompDeny is the ID of the control in this file.
const SeccompDeny ID = "seccomp.deny"

var seccompDeny = &Control{
	ID:       SeccompDeny,
	Title:    "System calls that are refused whatever else is allowed",
	Reason:   "Names what must stay closed, so that a wider allow list below does not open it.",
	Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Linux: true, Element: callElement,
}

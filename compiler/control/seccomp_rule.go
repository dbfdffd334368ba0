package control

// SeccompRule is the ID of the control in this file.
const SeccompRule ID = "seccomp.rule"

var seccompRule = &Control{
	ID:       SeccompRule,
	Title:    "Conditions on the arguments of allowed system calls",
	Reason:   "One call often does both harmless and dangerous things: clone, socket, personality.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    DenySet, Type: Blocks, Scope: OfContainer, Linux: true,
}

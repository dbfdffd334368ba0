package control

// SeccompAllow is the ID of the control in this file.
const SeccompAllow ID = "seccomp.allow"

var seccompAllow = &Control{
	ID:       SeccompAllow,
	Title:    "Processes may make only the listed system calls",
	Reason:   "Most kernel vulnerabilities that lead out of a container are in system calls that applications never make.",
	Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: callElement, Loosest: only(AnyCall),
}

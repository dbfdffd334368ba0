package control

import "strings"

// SysctlValues is the ID of the control in this file.
const SysctlValues ID = "privileges.sysctl_values"

var sysctlValues = &Control{
	ID:       SysctlValues,
	Title:    "Sysctls must be set to numbers",
	Reason:   "The runtime passes the value on. A value with more than a number has set a second sysctl, of the node (CVE-2022-0811).",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Linux: true, Names: []string{"numbers", "any"}, Loosest: Value{Text: "any"},
	InManifest: true, Immutable: true,
	Advice:  "Set the kernel setting to numbers. What else a value holds, a runtime may take for a second setting.",
	Example: Example{Bad: notANumber},
}

// notANumber sets an allowed kernel setting to more than a number.
func notANumber(s Situation) []Patch {
	name := "kernel.example"
	if allowed := s.Get(Sysctls).Keys(); len(allowed) > 0 {
		name = strings.ReplaceAll(allowed[0], "*", "example")
	}
	return []Patch{inPodSecurity(Patch{"sysctls": []any{Patch{"name": name, "value": "1 + 1"}}})}
}

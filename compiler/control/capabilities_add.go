package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// CapabilitiesAdd is the ID of the control in this file.
const CapabilitiesAdd ID = "capabilities.add"

var capabilitiesAdd = &Control{
	ID:       CapabilitiesAdd,
	Title:    "Containers may add only listed capabilities",
	Reason:   "SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and others each allow a container escape.",
	Mappings: []string{"PSS baseline: capabilities_baseline", "PSS restricted: capabilities_restricted", "ATT&CK T1611"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: capabilityElement, Loosest: only("ALL"),
	Advice: "What does the program need the capability for? Take it out of capabilities.add, and find another way: a port above 1023, a file that belongs to its user. Allowed are VALUE.",
	Rules:  []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.capabilities.add[]", Shape: podrule.Member, Message: "capabilities.add must not contain %v", Missing: "capabilities.add must not contain null"}},
	encode: inSet,
	Example: Example{Bad: elements(func(name string) Patch {
		return inSecurity(Patch{"capabilities": Patch{"add": []any{name}}})
	}, "SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "EXAMPLE")},
}

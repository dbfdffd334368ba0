package control

import "strings"

// Environment is the ID of the control in this file.
const Environment ID = "privileges.environment"

var environment = &Control{
	ID:       Environment,
	Title:    "Containers must not set the listed environment variables",
	Reason:   "Runtime hooks read a container's environment, on the node and as root: for devices, and once for a library to load (CVE-2025-23266).",
	Mappings: []string{"ATT&CK T1611", "ATT&CK T1574.006"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Element: words("environment variable"),
	InManifest: true, Immutable: true,
	Advice:  "Who reads the variable? Leave it out, or give envFrom a prefix that none of VALUE begins with.",
	encode:  inWords,
	Example: Example{Bad: refusedVariable},
}

// refusedVariable sets the first variable that is refused.
func refusedVariable(s Situation) []Patch {
	name := strings.ReplaceAll(s.Value.Keys()[0], "*", "EXAMPLE")
	return []Patch{inContainer(Patch{"env": []any{Patch{"name": name, "value": "example"}}})}
}

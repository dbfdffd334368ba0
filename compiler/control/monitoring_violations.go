package control

import "slices"

// Violations is the ID of the control in this file.
const Violations ID = "monitoring.violations"

var violations = &Control{
	ID:       Violations,
	Title:    "Falco must report violations of the other controls",
	Reason:   "An attack that is refused but not reported goes on.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Enum, Scope: OfContainer, Linux: true, LeastMode: Detects,
	Names:   append(slices.Clone(priorities), Off),
	Loosest: Value{Text: Off},
}

// Off is the priority of what is not reported.
const Off = "off"

// priorities are Falco's, from strict to loose.
var priorities = []string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}

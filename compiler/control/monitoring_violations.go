package control

import "slices"

// Violations is the ID of the control in this file.
const Violations ID = "monitoring.violations"

var violations = &Control{
	ID:       Violations,
	Title:    "Reporting, at this priority, of what the other controls refuse",
	Reason:   "A refusal that nobody sees is an attack that goes on.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Enum, Scope: OfContainer, Linux: true, LeastMode: Detects,
	Names:   append(slices.Clone(priorities), Off),
	Loosest: Value{Text: Off},
}

// Off is the priority of what is not reported.
const Off = "off"

// priorities are Falco's, from strict to loose.
var priorities = []string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}

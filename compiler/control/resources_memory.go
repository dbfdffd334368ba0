package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Memory is the ID of the control in this file.
const Memory ID = "resources.memory"

var memory = &Control{
	ID:       Memory,
	Title:    "The most memory that a container may state; it must state a limit",
	Reason:   "A container without a limit takes the node's memory from everybody else.",
	Mappings: []string{"ATT&CK T1499"},
	Order:    Ordered, Type: Quantity, Scope: OfContainer,
	Advice:  "How much does the container need? Measure it, and state resources.limits.memory of at most VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.LastingContainers, Field: "resources.limits.memory", Shape: podrule.Limit}},
	encode:  atMost,
	Example: limited("memory", "1"),
}

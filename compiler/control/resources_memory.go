package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Memory is the ID of the control in this file.
const Memory ID = "resources.memory"

var memory = &Control{
	ID:       Memory,
	Title:    "Containers must state a memory limit, up to the maximum",
	Reason:   "A container without a limit can take all of the node's memory.",
	Mappings: []string{"ATT&CK T1499"},
	Order:    Ordered, Type: Quantity, Scope: OfContainer,
	Advice:  "How much does the container need? Measure it, and state resources.limits.memory of at most VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.LastingContainers, Field: "resources.limits.memory", Shape: podrule.Limit}},
	encode:  atMost,
	Example: limited("memory", "1"),
}

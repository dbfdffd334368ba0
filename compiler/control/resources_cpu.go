package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// CPU is the ID of the control in this file.
const CPU ID = "resources.cpu"

var cpu = &Control{
	ID:       CPU,
	Title:    "Containers must state a CPU limit, up to the maximum",
	Reason:   "A container without a limit can take all of the node's CPU.",
	Mappings: []string{"ATT&CK T1499", "ATT&CK T1496"},
	Order:    Ordered, Type: Quantity, Scope: OfContainer,
	Advice:  "How much does the container need? Measure it, and state resources.limits.cpu of at most VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.LastingContainers, Field: "resources.limits.cpu", Shape: podrule.Limit}},
	encode:  atMost,
	Example: limited("cpu", "1m"),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// CPU is the ID of the control in this file.
const CPU ID = "resources.cpu"

var cpu = &Control{
	ID:       CPU,
	Title:    "The most CPU that a container may state; it must state a limit",
	Reason:   "A container without a limit takes the node's processors from everybody else.",
	Mappings: []string{"ATT&CK T1499", "ATT&CK T1496"},
	Order:    Ordered, Type: Quantity, Scope: OfContainer,
	Advice:  "How much does the container need? Measure it, and state resources.limits.cpu of at most VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.LastingContainers, Field: "resources.limits.cpu", Shape: podrule.Limit}},
	encode:  atMost,
	Example: limited("cpu", "1m"),
}

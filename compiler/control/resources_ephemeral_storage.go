package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// EphemeralStorage is the ID of the control in this file.
const EphemeralStorage ID = "resources.ephemeral_storage"

var ephemeralStorage = &Control{
	ID:       EphemeralStorage,
	Title:    "Containers must state an ephemeral storage limit, up to the maximum",
	Reason:   "A full disk evicts every pod of the node.",
	Mappings: []string{"ATT&CK T1499"},
	Order:    Ordered, Type: Quantity, Scope: OfContainer,
	Advice:  "How much does the container write beside its volumes? State resources.limits.ephemeral-storage of at most VALUE.",
	Rules:   []podrule.Rule{{Over: podrule.LastingContainers, Field: "resources.limits.ephemeral-storage", Shape: podrule.Limit}},
	encode:  atMost,
	Example: limited("ephemeral-storage", "1"),
}

package control

// Undeclared is the ID of the control in this file.
const Undeclared ID = "policy.undeclared"

var undeclared = &Control{
	ID:     Undeclared,
	Title:  "Pods that no workload block describes",
	Reason: "A pod that nobody described runs with whatever it asks for, up to the ceiling.",
	Order:  Ordered, Type: Enum, Scope: OfPolicy, Names: []string{Deny, AsCeiling}, Loosest: Value{Text: AsCeiling},
}

// AsCeiling lets pods that no workload describes run up to the ceiling.
const AsCeiling = "ceiling"

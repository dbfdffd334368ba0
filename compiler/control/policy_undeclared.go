package control

// Undeclared is the ID of the control in this file.
const Undeclared ID = "policy.undeclared"

var undeclared = &Control{
	ID:     Undeclared,
	Title:  "Pods must be described by a workload block",
	Reason: "A pod that no workload block describes may use everything up to the ceiling.",
	Order:  Ordered, Type: Enum, Scope: OfPolicy, Names: []string{Deny, AsCeiling}, Loosest: Value{Text: AsCeiling},
	InManifest: true,
	Advice:     "Whose pods are these? Give them the labels of a workload that the policy describes, or describe them: workload \"NAME\" { match { labels = { ... } } }.",
	Fix:        Fix{Kind: FixMembership},
}

// AsCeiling lets pods that no workload describes run up to the ceiling.
const AsCeiling = "ceiling"

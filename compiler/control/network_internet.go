package control

// Internet is the ID of the control in this file.
const Internet ID = "network.internet"

var internet = &Control{
	ID:       Internet,
	Title:    "Addresses outside the cluster and its private networks",
	Reason:   "Tools are fetched from there, and data is taken there.",
	Mappings: []string{"ATT&CK T1105", "ATT&CK T1041"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, ByFlows, Allow}, Loosest: Value{Text: Allow},
}

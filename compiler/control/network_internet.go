package control

// Internet is the ID of the control in this file.
const Internet ID = "network.internet"

var internet = &Control{
	ID:       Internet,
	Title:    "Pods must not connect to the internet unless a flow allows it",
	Reason:   "Attackers download tools from the internet and upload data to it.",
	Mappings: []string{"ATT&CK T1105", "ATT&CK T1041"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, ByFlows, Allow}, Loosest: Value{Text: Allow},
}

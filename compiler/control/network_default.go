package control

// NetworkDefault is the ID of the control in this file.
const NetworkDefault ID = "network.default"

var networkDefault = &Control{
	ID:       NetworkDefault,
	Title:    "Connections that no flow states",
	Reason:   "By default every pod of a cluster may talk to every other.",
	Mappings: []string{"ATT&CK T1046", "ATT&CK T1021"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
	Sets: []ID{NetworkIngress, NetworkEgress},
}

package control

// NetworkDefault is the ID of the control in this file.
const NetworkDefault ID = "network.default"

var networkDefault = &Control{
	ID:       NetworkDefault,
	Title:    "Only connections that a flow states are allowed",
	Reason:   "By default, every pod of a cluster can connect to every other pod.",
	Mappings: []string{"ATT&CK T1046", "ATT&CK T1021"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
	Sets: []ID{NetworkIngress, NetworkEgress},
}

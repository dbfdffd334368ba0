package control

// NetworkEgress is the ID of the control in this file.
const NetworkEgress ID = "network.egress"

var networkEgress = &Control{
	ID:       NetworkEgress,
	Title:    "Connections from pods that no flow states",
	Reason:   "From a pod that was taken over, everything that it can reach is attacked next.",
	Mappings: []string{"ATT&CK T1046", "ATT&CK T1021"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
}

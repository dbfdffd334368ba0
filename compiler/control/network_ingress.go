package control

// NetworkIngress is the ID of the control in this file.
const NetworkIngress ID = "network.ingress"

var networkIngress = &Control{
	ID:       NetworkIngress,
	Title:    "Connections to pods that no flow states",
	Reason:   "A pod that only some clients need is otherwise reached by every other pod.",
	Mappings: []string{"ATT&CK T1046", "ATT&CK T1021"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
}

package control

// Metadata is the ID of the control in this file.
const Metadata ID = "network.metadata"

var metadata = &Control{
	ID:       Metadata,
	Title:    "Pods must not connect to the cloud's metadata services",
	Reason:   "A metadata service gives the node's credentials to any caller.",
	Mappings: []string{"ATT&CK T1552.005"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
}

package control

// Metadata is the ID of the control in this file.
const Metadata ID = "network.metadata"

var metadata = &Control{
	ID:       Metadata,
	Title:    "The cloud's instance metadata service",
	Reason:   "It hands out the node's own credentials to whoever asks.",
	Mappings: []string{"ATT&CK T1552.005"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
}

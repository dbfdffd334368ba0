package control

// NetworkDNS is the ID of the control in this file.
const NetworkDNS ID = "network.dns"

var networkDNS = &Control{
	ID:       NetworkDNS,
	Title:    "Asking the cluster's resolver for names",
	Reason:   "Names can carry data out of a network that is otherwise closed.",
	Mappings: []string{"ATT&CK T1071.004"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Namespaced: true, Strict: false, Loosest: Value{Bool: true},
}

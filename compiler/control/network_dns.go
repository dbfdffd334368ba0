package control

// NetworkDNS is the ID of the control in this file.
const NetworkDNS ID = "network.dns"

var networkDNS = &Control{
	ID:       NetworkDNS,
	Title:    "Pods must not query the cluster's resolver",
	Reason:   "Names can carry data out of an otherwise closed network.",
	Mappings: []string{"ATT&CK T1071.004"},
	Order:    Ordered, Type: Bool, Scope: OfPod, Namespaced: true, Strict: false, Loosest: Value{Bool: true},
}

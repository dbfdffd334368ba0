package control

// NetworkFamilies is the ID of the control in this file.
const NetworkFamilies ID = "network.families"

var networkFamilies = &Control{
	ID:       NetworkFamilies,
	Title:    "Processes may open only sockets of the listed families",
	Reason:   "Rarely used families have had many kernel vulnerabilities (packet, alg, vsock, rds).",
	Mappings: []string{"ATT&CK T1068"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: familyElement, Loosest: only("*"),
}

var familyElement = oneOf("address family", "*",
	"alg", "appletalk", "ax25", "bluetooth", "bridge", "can", "inet", "inet6", "ipx", "key", "llc", "netlink",
	"nfc", "packet", "qipcrtr", "rds", "rose", "rxrpc", "tipc", "unix", "vsock", "x25", "xdp")

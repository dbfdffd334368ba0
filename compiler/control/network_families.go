package control

// NetworkFamilies is the ID of the control in this file.
const NetworkFamilies ID = "network.families"

var networkFamilies = &Control{
	ID:       NetworkFamilies,
	Title:    "Families of sockets that may be opened",
	Reason:   "Rarely used families are where kernel holes have been found (packet, alg, vsock, rds).",
	Mappings: []string{"ATT&CK T1068"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: familyElement, Loosest: only("*"),
}

var familyElement = oneOf("address family", "*",
	"alg", "appletalk", "ax25", "bluetooth", "bridge", "can", "inet", "inet6", "ipx", "key", "llc", "netlink",
	"nfc", "packet", "qipcrtr", "rds", "rose", "rxrpc", "tipc", "unix", "vsock", "x25", "xdp")

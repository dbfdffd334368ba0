package control

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// HostAliases is the ID of the control in this file.
const HostAliases ID = "host.aliases"

var hostAliases = &Control{
	ID:       HostAliases,
	Title:    "Pods may define only the listed addresses in hostAliases",
	Reason:   "An alias maps a name to any address. It bypasses the cluster's DNS and all rules on names.",
	Mappings: []string{"ATT&CK T1557"},
	Order:    AllowSet, Type: Set, Scope: OfPod, Element: words("address"), Loosest: only("*"),
	Advice: "Which name does the program need? Let DNS or a Service give its address. Allowed are VALUE.",
	Rules:  []podrule.Rule{{Over: podrule.Pods, Field: "hostAliases[].ip", Shape: podrule.Member, Message: "hostAliases must not send names to %v", Missing: "hostAliases has an entry without an ip"}},
	encode: inWords,
	Example: Example{Bad: elements(func(address string) Patch {
		return inSpec(Patch{"hostAliases": []any{Patch{"ip": address, "hostnames": []any{"example.com"}}}})
	}, exampleAddresses()...)},
}

// exampleAddresses are those that documentation may use (RFC 5737).
func exampleAddresses() (out []string) {
	for _, network := range []string{"192.0.2", "198.51.100", "203.0.113"} {
		for i := 1; i <= 9; i++ {
			out = append(out, fmt.Sprintf("%s.%d", network, i))
		}
	}
	return out
}

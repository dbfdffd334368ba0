package platform

import (
	"fmt"
	"net/netip"
	"slices"
)

// APIServer are the networks of the API server's addresses, "10.96.0.1/32". They
// add up: an extending policy cannot open an address that is kept closed.
var APIServer = &Fact[[]string]{
	Name: "api_server",
	Doc:  "The addresses of the API server, such as `[\"10.96.0.1/32\"]`. Those of extended policies add up.",
	Read: func(r Reader) ([]string, bool) {
		var out []string
		texts, _ := r.Texts()
		for _, it := range texts {
			network, problem := ParseNetwork(it.Key)
			if problem != "" {
				r.Error(it.Range, "Not a network", "%s", problem)
				continue
			}
			out = append(out, network)
		}
		return out, len(out) > 0
	},
	Combine: func(above, below []string) []string {
		out := slices.Clip(above)
		for _, network := range below {
			if !slices.Contains(out, network) {
				out = append(out, network)
			}
		}
		return out
	},
}

// ParseNetwork reads an address and the length of its prefix, "10.0.0.0/8". The
// problem is a sentence; "" where it is one.
func ParseNetwork(text string) (network, problem string) {
	p, err := netip.ParsePrefix(text)
	if err == nil && p.Masked() == p {
		return p.String(), ""
	}
	problem = fmt.Sprintf("A network is an address and the length of its prefix, such as \"10.0.0.0/8\"; %q is not.", text)
	if err == nil {
		problem += fmt.Sprintf(" Did you mean %q?", p.Masked())
	}
	return "", problem
}

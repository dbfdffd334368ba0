package reach

import (
	"net/netip"
)

// policy is a validated NetworkPolicy with its defaults applied.
type policy struct {
	place           Place
	namespace, name string
	pods            selector
	ingress, egress side
}

// side is what a policy says about one direction.
type side struct {
	// isolates: the selected pods refuse everything in this direction that no rule allows.
	isolates bool
	place    Place
	rules    []rule
}

// rule allows connections with any of its peers on any of its ports.
type rule struct {
	place Place
	peers []peer // none: everyone
	ports []ports
}

// peer is an address block, or pods.
type peer struct {
	block      *block
	namespaces *selector // nil: the policy's own namespace
	pods       selector  // without requirements: every pod
}

// block holds an address where prefix does and no except does.
type block struct {
	prefix netip.Prefix
	except []exception
}

type exception struct {
	prefix netip.Prefix
	place  Place
}

func (b *block) holds(ip netip.Addr) bool {
	return b.prefix.Contains(ip) && len(b.exceptions(ip)) == 0
}

// exceptions are those that hold an address.
func (b *block) exceptions(ip netip.Addr) []exception {
	var result []exception
	for _, e := range b.except {
		if e.prefix.Contains(ip) {
			result = append(result, e)
		}
	}
	return result
}

// ports are a range of numbers, or one named container port, of one protocol.
type ports struct {
	protocol    Protocol
	first, last uint16 // 1 and 65535 where the rule names none
	name        string // resolved at the destination's pod; then first and last are 0
}

// selector is a conjunction of requirements on labels.
type selector []requirement

type requirement struct {
	key    string
	kind   requirementKind
	values []string
}

type requirementKind int

const (
	_ requirementKind = iota
	in
	notIn
	exists
	doesNotExist
)

// Protocol is a transport protocol that NetworkPolicies know.
type Protocol int

// The protocols of the API (core/v1 Protocol). Zero is none of them.
const (
	_ Protocol = iota
	TCP
	UDP
	SCTP
)

// String is the protocol as ports of policies write it: "tcp".
func (p Protocol) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case SCTP:
		return "sctp"
	}
	return "no protocol"
}

package reach

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// Policies are the network policies of a cluster, or of a part of it. Safe for concurrent use. The zero value isolates no pod, so that
// it allows every connection.
type Policies struct {
	byNamespace map[string][]Policy
}

// New indexes policies by their namespace. Their reader has validated them: every prefix is valid and masked, every range of ports has
// a protocol, and no two policies have the same namespace and name.
func New(policies []Policy) *Policies {
	p := &Policies{byNamespace: map[string][]Policy{}}
	for _, policy := range policies {
		p.byNamespace[policy.Namespace] = append(p.byNamespace[policy.Namespace], policy)
	}
	return p
}

// List gives all policies, by namespace and in the order in which they were read.
func (p *Policies) List() []Policy {
	var out []Policy
	for _, namespace := range slices.Sorted(maps.Keys(p.byNamespace)) {
		out = append(out, p.byNamespace[namespace]...)
	}
	return out
}

// Policy selects pods of its own namespace and says what they may connect with. Policies only allow, and what they allow adds up, as in
// networking.k8s.io/v1. Its reader has applied the defaults of its format.
type Policy struct {
	// Location is where the policy begins.
	Location        Location
	Namespace, Name string
	// Pods selects pods of the namespace. No requirements: all.
	Pods            Selector
	Ingress, Egress Side
}

// Side is what a policy says about one direction.
type Side struct {
	// Isolates: the selected pods refuse everything in this direction that no rule of any policy allows. Rules of a side that does not
	// isolate have no effect.
	Isolates bool
	Rules    []Rule
}

// Rule allows connections with any of its peers on any of its ports.
type Rule struct {
	Location Location
	Peers    []Peer      // none: every peer
	Ports    []PortRange // none: every port of every protocol
}

// Peer is an address block, or pods.
type Peer struct {
	Block *Block // nil: pods
	// Namespaces selects the pods' namespaces by their labels. Nil: the policy's own namespace only.
	Namespaces *Selector
	// Pods selects pods by their labels. No requirements: all.
	Pods Selector
}

// Block contains an address where Prefix does and no exception does.
type Block struct {
	Prefix netip.Prefix
	Except []Exception
}

// Exception is a part of a block that the block's rule does not allow.
type Exception struct {
	Prefix   netip.Prefix
	Location Location
}

func (b *Block) contains(ip netip.Addr) bool {
	return b.Prefix.Contains(ip) && len(b.exceptions(ip)) == 0
}

// exceptions lists those that contain an address.
func (b *Block) exceptions(ip netip.Addr) []Exception {
	var result []Exception
	for _, e := range b.Except {
		if e.Prefix.Contains(ip) {
			result = append(result, e)
		}
	}
	return result
}

// PortRange is a range of numbers, both ends included, or one named container port, of one protocol.
type PortRange struct {
	Protocol    Protocol
	First, Last uint16 // 1 and 65535 where the rule names no port
	Name        string // resolved at the destination's pod; then First and Last are 0
}

// Selector is a conjunction of requirements on labels. Without requirements it selects everything.
type Selector []Requirement

// Requirement is a condition on one label.
type Requirement struct {
	Key      string
	Operator Operator
	Values   []string // for In and NotIn
}

// Operator relates a label to a requirement's values.
type Operator int

// The operators of label selectors (meta/v1 LabelSelectorOperator). The zero Operator belongs to no requirement.
const (
	_            Operator = iota
	In                    // the label exists and has one of the values
	NotIn                 // the label has none of the values, or does not exist
	Exists                // the label exists
	DoesNotExist          // the label does not exist
)

// Protocol is a transport protocol that network policies know.
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

// Location is where something is said in a source.
type Location struct {
	// Source is the name of the file.
	Source string
	// Document counts from 1; 0 is the file as a whole.
	Document int
	// Line and Column count from 1 in the file; 0 is not known.
	Line, Column int
	// Path is a JSON pointer (RFC 6901) into the document: "/spec/egress/0".
	Path string
}

// String writes the location as file:line:column, with the path where there is one.
func (l Location) String() string {
	s := l.Source
	if l.Line > 0 {
		s += fmt.Sprintf(":%d:%d", l.Line, l.Column)
	}
	if l.Path != "" {
		s += " (" + l.Path + ")"
	}
	return s
}

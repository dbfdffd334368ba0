package profile

import (
	"slices"
	"strings"
)

// The names of a network rule that apparmor_parser 3.0 and 4.0 know.
var (
	families = strings.Fields(`unspec unix inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose netbeui security
		key netlink packet ash econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn
		phonet ieee802154 caif alg nfc vsock kcm qipcrtr smc xdp mctp`)
	socketTypes = []string{"stream", "dgram", "seqpacket", "rdm", "raw", "packet"}
	protocols   = []string{"tcp", "udp", "icmp"}
)

// networkRule is "network family type"; what is left out is every one.
type networkRule struct {
	head
	family     string
	socketType string
	unsure     bool // parsers differ in whether it speaks of the family
}

func (p *parser) networkRule(q *Profile, h head, start int) (filing, error) {
	r := networkRule{head: h}
	r.family = p.keyword(families...)
	r.socketType = p.keyword(socketTypes...)
	protocol := ""
	if r.socketType == "" {
		protocol = p.keyword(protocols...)
	}
	p.skip()
	if p.peek() != ',' {
		return nil, p.errorf("expected a family, then a type or a protocol, found %s", p.found())
	}
	internet := r.family == "" || r.family == "inet" || r.family == "inet6" && protocol != "icmp"
	if protocol != "" && !internet {
		return nil, p.errorAt(start, "the protocol %s is not one of the family %s", protocol, r.family)
	}
	rules := r.ofProtocol(protocol)
	return func(at Place) {
		for _, r := range rules {
			r.place = at
			q.networks = append(q.networks, r)
		}
	}, nil
}

// ofProtocol gives the rules that one with a protocol stands for: apparmor_parser makes types of protocols, so that
// "icmp" is every raw socket.
func (r networkRule) ofProtocol(protocol string) []networkRule {
	if protocol == "" {
		return []networkRule{r}
	}
	r.socketType = map[string]string{"tcp": "stream", "udp": "dgram", "icmp": "raw"}[protocol]
	if r.family != "" {
		return []networkRule{r}
	}
	four, six := r, r
	four.family, six.family = "inet", "inet6"
	six.unsure = protocol == "icmp"
	return []networkRule{four, six}
}

// Network says whether the profile lets a process create and use a socket of a family ("inet", "unix", "netlink") and
// a type ("stream", "dgram", "raw", "seqpacket", "rdm", "packet"). Without a type all of them must come out alike;
// if they do not, the decision is Undecided.
func (p *Profile) Network(family, socketType string) Decision {
	if !slices.Contains(families, family) {
		return Decision{Outcome: Undecided, Reason: "no address family is named " + family}
	}
	if socketType != "" {
		return p.network(family, socketType)
	}
	first := p.network(family, socketTypes[0])
	for _, other := range socketTypes[1:] {
		if d := p.network(family, other); d.Outcome != first.Outcome {
			return Decision{Outcome: Undecided, Places: append(first.Places, d.Places...),
				Reason: "network " + family + " depends on the type of the socket"}
		}
	}
	return first
}

func (p *Profile) network(family, socketType string) Decision {
	what := "network " + family + " " + socketType
	if !slices.Contains(socketTypes, socketType) {
		return Decision{Outcome: Undecided, Reason: "no type of socket is named " + socketType}
	}
	if family == "unix" {
		return p.Unix(UnixRequest{Access: "create", Type: socketType})
	}
	t := tally{want: 1}
	for _, r := range p.networks {
		if r.speaksOf(family, socketType) {
			m := matchYes
			if r.unsure {
				m = matchMaybe
			}
			t.add(r.head, 1, m, "parsers before 4.0 take icmp for raw sockets of inet6 too, newer ones do not")
		}
	}
	t.addUnread(p, classNetwork)
	return t.decide(p, what)
}

func (r *networkRule) speaksOf(family, socketType string) bool {
	return (r.family == "" || r.family == family) && (r.socketType == "" || r.socketType == socketType)
}

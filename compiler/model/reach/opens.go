package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Opening is a connection that a rule allows and that other policies refuse. It stands for all that nothing tells from it.
type Opening struct {
	Location Location // of the rule
	Egress   bool
	// Pods are the selected pods, Other the other end and Ports the ports, as texts: "pods of the namespace shop with app=web", "10.0.0.0/8",
	// "tcp/1-65535".
	Pods, Other, Ports string
	// Possibly says that the others may allow it too, and Partly that not every such connection may be allowed: labels, addresses or ports
	// decide that are not known.
	Possibly, Partly bool
	// From, To and Port are one of the connections, and Refused is the answer of the other policies.
	From, To End
	Port     Port
	Refused  Answer
}

// maxOpenings is how many openings of one rule are looked for. Each is reason enough, but they may be refused for different ones.
const maxOpenings = 100

// opener looks for what one rule of a policy opens, where at most one rule of another opens the other end.
type opener struct {
	all, refusing *Policies
	both          *Policies // tell ends and ports apart
	policy        Policy
	partner       *Policy // nil: what is open anyway, and what is outside the cluster
	steps         *budget
	found         []Opening
}

// own are the pods that the policy selects.
func (o *opener) own() Ends {
	return Ends{Further: true, Pod: End{Labels: o.policy.Pods.fixed()}, Namespaces: []string{o.policy.Namespace}}
}

// pods are the kinds of pods that the policy selects, as far as policies about these and about some other ends tell them apart.
func (o *opener) pods(d direction, ends []Ends) ([]named, error) {
	var namespaces []string
	for _, e := range ends {
		namespaces = append(namespaces, e.Namespaces...)
	}
	slices.Sort(namespaces)
	pods, err := o.both.pods(o.own(), d, Ends{Further: true, Namespaces: slices.Compact(namespaces)}, d.opposite(), o.steps)
	return slices.DeleteFunc(pods, func(n named) bool { return o.policy.Pods.match(n.end.Labels, true) != yes }), err
}

// others are the kinds of pods at the other end.
func (o *opener) others(d direction, ends []Ends) ([]named, error) {
	var out []named
	for _, e := range ends {
		of, err := o.both.pods(e, d.opposite(), o.own(), d, o.steps)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	if o.partner != nil {
		out = slices.DeleteFunc(out, func(n named) bool { return o.partner.Pods.match(n.end.Labels, true) != yes })
	}
	return out, nil
}

// rule looks for what a rule opens for each kind of pod, until it surely opens something: other pods are no other reason.
func (o *opener) rule(d direction, rule *Rule, ends []Ends, pods []named) error {
	others, err := o.others(d, ends)
	if err != nil {
		return err
	}
	for _, pod := range pods {
		all := others
		if err := o.steps.spend(1 + len(others)); err != nil {
			return err
		}
		for _, e := range ends { // addresses come first: they are fewer
			all = append(parts(e, o.both.blocks(d, pod.end), nil), all...)
		}
		if sure, err := o.pod(d, rule, pod, all); sure || err != nil {
			return err
		}
	}
	return nil
}

// pod looks for what a rule opens for one kind of pod, and reports whether it surely opens anything.
func (o *opener) pod(d direction, rule *Rule, pod named, others []named) (sure bool, err error) {
	found := 0
	for _, other := range others {
		opening, ok, err := o.between(d, rule, pod, other)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		sure = sure || !opening.Possibly
		o.found = append(o.found, opening)
		if found++; found == maxOpenings {
			break
		}
	}
	return sure, nil
}

// between gives what a rule opens between two ends: what is sure before what is not.
func (o *opener) between(d direction, rule *Rule, pod, other named) (Opening, bool, error) {
	c := pair{from: pod, to: other}
	if d.name == ingress.name {
		c = pair{from: other, to: pod}
	}
	found := map[bool]Opening{} // by whether it is only possible
	open := map[bool][]portRange{}
	for _, ports := range portsOf(rule) {
		if err := o.steps.spend(len(rule.Ports)); err != nil {
			return Opening{}, false, err
		}
		for _, r := range o.both.ports(c, ports) {
			if err := o.steps.spend(1 + 2*(len(rule.Ports)+len(o.both.byNamespace[c.from.end.Namespace])+len(o.both.byNamespace[c.to.end.Namespace]))); err != nil {
				return Opening{}, false, err
			}
			if and(rule.matchPeers(&o.policy, other.end), rule.matchPorts(connection{from: c.from.end, to: c.to.end, port: r.port})) == no {
				continue
			}
			opening, opens, err := o.opens(c, r.port)
			if err != nil {
				return Opening{}, false, err
			}
			if !opens {
				continue
			}
			possibly := opening.Possibly
			if open[possibly] = append(open[possibly], r); len(open[possibly]) == 1 {
				opening.Location, opening.Egress = rule.Location, d.name == egress.name
				opening.Pods, opening.Other = o.name(pod), o.name(other)
				found[possibly] = opening
			}
		}
	}
	for _, possibly := range []bool{false, true} {
		if opening, ok := found[possibly]; ok {
			opening.Ports = portNames(open[possibly])
			return opening, true, nil
		}
	}
	return Opening{}, false, nil
}

// opens reports whether a connection is allowed that is refused without the policy, with what refuses it.
func (o *opener) opens(c pair, port Port) (Opening, bool, error) {
	if c.to.end.outside() && port.Name != "" {
		return Opening{}, false, nil // only pods name ports
	}
	allowed, err := o.all.Connect(c.from.end, c.to.end, port)
	if err != nil || allowed.Outcome == Deny {
		return Opening{}, false, err
	}
	refused, err := o.refusing.Connect(c.from.end, c.to.end, port)
	opening := Opening{
		Possibly: refused.Outcome == Unknown, Partly: allowed.Outcome == Unknown, From: c.from.end, To: c.to.end, Port: port, Refused: refused,
	}
	return opening, err == nil && refused.Outcome != Allow, err
}

// name names an end by all that is known of it.
func (o *opener) name(n named) string {
	if n.end.outside() {
		return n.name
	}
	text := "pods of the namespace " + n.end.Namespace
	if n.end.Namespace == unnamedNamespace {
		text = "pods of other namespaces"
	}
	if labels := beyond(n.end.Labels, nil); labels != "" {
		text += " with " + labels
	}
	return text
}

// portNames writes ranges, of which those that follow each other are one.
func portNames(ranges []portRange) string {
	var words []string
	all := 0
	for i := 0; i < len(ranges); {
		first, last := ranges[i], ranges[i].last
		for i++; i < len(ranges) && ranges[i].port.Protocol == first.port.Protocol && last != 0 && int(ranges[i].port.Number) == int(last)+1; i++ {
			last = ranges[i].last
		}
		if first.port.Name != "" {
			words = append(words, first.port.String())
			continue
		}
		if first.port.Number == 1 && last == 65535 {
			all++
		}
		words = append(words, rangeName(first.port.Protocol, int(first.port.Number), int(last)))
	}
	if all == 3 && len(words) == 3 {
		return "every port"
	}
	const most = 4
	if n := len(words) - most; n > 0 {
		words = append(words[:most], fmt.Sprintf("%d more", n))
	}
	return strings.Join(words, ", ")
}

// endsOf are the ends that a rule names; all where it names none.
func (p *Policy) endsOf(rule *Rule) []Ends {
	if len(rule.Peers) == 0 {
		return []Ends{{Further: true, Namespaces: []string{AnyNamespace}, Networks: []netip.Prefix{
			netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}}}
	}
	var out []Ends
	for _, peer := range rule.Peers {
		if peer.Block == nil {
			out = append(out, Ends{Further: true, Pod: End{Labels: peer.Pods.fixed()}, Namespaces: p.namespacesOf(peer)})
			continue
		}
		e := Ends{Networks: []netip.Prefix{peer.Block.Prefix}}
		for _, except := range peer.Block.Except {
			e.Except = append(e.Except, except.Prefix)
		}
		out = append(out, e)
		if slices.ContainsFunc(rule.Ports, func(p PortRange) bool { return p.Name != "" }) {
			out = append(out, Ends{Further: true, Namespaces: []string{AnyNamespace}}) // only pods name ports: those with an address of the block
		}
	}
	return out
}

func (p *Policy) namespacesOf(peer Peer) []string {
	if peer.Namespaces == nil {
		return []string{p.Namespace}
	}
	for _, r := range *peer.Namespaces {
		if r.Key == namespaceName && r.Operator == In {
			return r.Values
		}
	}
	return []string{AnyNamespace}
}

// fixed are the labels that each pod has which a selector selects.
func (s Selector) fixed() map[string]string {
	out := map[string]string{}
	for _, r := range s {
		if r.Operator == In && len(r.Values) == 1 {
			out[r.Key] = r.Values[0]
		}
	}
	return out
}

func portsOf(rule *Rule) []Ports {
	if len(rule.Ports) == 0 {
		return []Ports{{Protocols: []Protocol{TCP, UDP, SCTP}, First: 1, Last: 65535}}
	}
	var out []Ports
	for _, p := range rule.Ports {
		out = append(out, Ports{Protocols: []Protocol{p.Protocol}, First: p.First, Last: p.Last, Name: p.Name})
	}
	return out
}

package flow

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Rule allows connections with any of the peers on any of the ports.
type Rule struct {
	// Title says what the rule is for, on one line of printable text.
	Title string
	At    hcl.Range // the setting or flow that it comes from
	// Control is what stands behind the rule: the default that a flow is an
	// exception from, or the control that it leaves room for.
	Control control.ID
	Peers   []Peer         // never empty
	Ports   []control.Port // none: all
}

// side is what a pod may do in one direction.
type side struct {
	// closed are the controls that refuse something in this direction. None: the
	// pod needs no isolation.
	closed []control.ID
	rules  []Rule
}

func (s side) open() bool { return len(s.closed) == 0 }

// subject is a kind of pod: those of a workload, or undeclared ones.
type subject struct {
	container       *policy.Container // the one with the settings of the pod
	egress, ingress side
}

func (s *subject) workload() *policy.Workload { return s.container.Workload }

func (s *subject) side(egress bool) *side {
	if egress {
		return &s.egress
	}
	return &s.ingress
}

// subjects works out what each kind of pod may do: the declared workloads in
// order, then undeclared pods. Pods in the node's network namespace are left out.
func subjects(p *policy.Policy) []*subject {
	var result []*subject
	add := func(w *policy.Workload) {
		if OnHostNetwork(w) {
			return
		}
		s := &subject{container: w.Container(policy.AnyContainer)}
		s.egress, s.ingress = egressOf(p, s.container), ingressOf(p, s.container)
		result = append(result, s)
	}
	for _, w := range p.Workloads {
		add(w)
	}
	if p.Undeclared != nil {
		add(p.Undeclared)
	}
	return addFlows(p, result)
}

func egressOf(p *policy.Policy, c *policy.Container) side {
	dns := c.Enforced(control.NetworkDNS)
	if byDefault, source := defaultOf(c, true); byDefault.Text == control.Deny {
		s := side{closed: []control.ID{source}}
		if dns.Bool {
			s.rules = append([]Rule{toResolver(dns.Range)}, toResolvers(p, dns.Range)...)
		}
		return s
	}
	s := side{closed: closed(c, control.Metadata, control.KubernetesAPI, control.Internet)}
	if !dns.Bool {
		s.closed = append(s.closed, control.NetworkDNS)
	}
	if !s.open() {
		s.rules = openRules(p, c, true)
		if dns.Bool {
			s.rules = append(s.rules, toResolvers(p, dns.Range)...)
		}
	}
	return s
}

func ingressOf(p *policy.Policy, c *policy.Container) side {
	if byDefault, source := defaultOf(c, false); byDefault.Text == control.Deny {
		return side{closed: []control.ID{source}}
	}
	s := side{closed: closed(c, control.Internet)}
	if !s.open() {
		s.rules = openRules(p, c, false)
	}
	return s
}

// defaultOf gives what holds for connections in a direction that no flow states, and the control that says so.
func defaultOf(c *policy.Container, egress bool) (policy.Setting, control.ID) {
	id := byDirection(egress)
	s := c.Enforced(id)
	return s, s.Source(id)
}

func byDirection(egress bool) control.ID {
	if egress {
		return control.NetworkEgress
	}
	return control.NetworkIngress
}

// isDefault reports whether a control is about every connection that no flow states.
func isDefault(id control.ID) bool {
	return id == control.NetworkDefault || id == control.NetworkEgress || id == control.NetworkIngress
}

// bothWays reports whether a control that is about some ends only refuses connections from them as well. The others are about where pods
// connect to.
func bothWays(id control.ID) bool { return id == control.Internet }

// closed lists the controls of a list that are not "allow".
func closed(c *policy.Container, ids ...control.ID) []control.ID {
	return slices.DeleteFunc(ids, func(id control.ID) bool { return c.Enforced(id).Text == control.Allow })
}

func toResolver(at hcl.Range) Rule {
	return Rule{
		Title: "names, from the cluster's resolver", At: at, Control: control.NetworkDNS,
		Peers: []Peer{{Pods: &Pods{Namespaces: []string{ResolverNamespace}, Labels: map[string]string{ResolverLabel: ResolverName}}}},
		Ports: []control.Port{{Protocol: "udp", From: 53, To: 53}, {Protocol: "tcp", From: 53, To: 53}},
	}
}

// toResolvers allow names from the resolvers whose addresses the platform states, a rule for each port.
func toResolvers(p *policy.Policy, at hcl.Range) []Rule {
	var rules []Rule
	for _, resolver := range platform.Networks.Of(p.Platform).DNS {
		port := int(resolver.Port())
		peer := Peer{Block: netip.PrefixFrom(resolver.Addr(), resolver.Addr().BitLen())}
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.Ports[0].From == port })
		if i >= 0 {
			rules[i].Peers = append(rules[i].Peers, peer)
			continue
		}
		rules = append(rules, Rule{
			Title: "names, from resolvers that the platform states", At: at, Control: control.NetworkDNS, Peers: []Peer{peer},
			Ports: []control.Port{{Protocol: "udp", From: port, To: port}, {Protocol: "tcp", From: port, To: port}},
		})
	}
	return rules
}

// openRules allow everything but what controls refuse, for a pod whose
// default is to allow: every pod, and every address, or where the internet is
// not open every private one.
func openRules(p *policy.Policy, c *policy.Container, egress bool) []Rule {
	byDefault, source := defaultOf(c, egress)
	pods := Rule{Title: "every pod", At: byDefault.Range, Control: source, Peers: []Peer{{Pods: &Pods{}}}}
	addresses := Rule{Title: "every address that no control keeps out", At: byDefault.Range, Control: source}
	list := everywhere
	if c.Enforced(control.Internet).Text != control.Allow {
		addresses.Title = "every private address that no control keeps out"
		list = slices.DeleteFunc(p.Platform.Hosts(), func(prefix netip.Prefix) bool { return prefix.Addr().IsLoopback() })
	}
	addresses.Peers = blocks(list, exceptionsOf(p, c, egress))
	rules := []Rule{pods}
	if len(addresses.Peers) > 0 {
		if egress && !c.Enforced(control.NetworkDNS).Bool {
			addresses.Ports = withoutDNS(nil)
		}
		rules = append(rules, addresses)
	}
	return rules
}

// addFlows gives each subject the rules of its ends of flows, then takes the
// resolver out of the egress of those that may not ask it.
func addFlows(p *policy.Policy, all []*subject) []*subject {
	byName := map[string][]*subject{}
	for _, s := range all {
		if s.container.Declared() {
			byName[s.workload().Name] = append(byName[s.workload().Name], s)
		}
	}
	for _, f := range p.Flows {
		for _, egress := range []bool{true, false} {
			own, other := f.To, f.From
			if egress {
				own, other = f.From, f.To
			}
			for _, s := range atEnds(own, all, byName) {
				addFlow(p, s, f, other, egress)
			}
		}
	}
	for _, s := range all {
		if !s.container.Enforced(control.NetworkDNS).Bool {
			s.egress.rules = withoutQueries(s.egress.rules)
		}
	}
	return all
}

// atEnds lists each subject that is at one of the ends, once.
func atEnds(ends []policy.End, all []*subject, byName map[string][]*subject) []*subject {
	var result []*subject
	for _, end := range ends {
		switch {
		case end.Workload != nil:
			for _, s := range byName[end.Workload.Name] {
				if !slices.Contains(result, s) {
					result = append(result, s)
				}
			}
		case end.Peer.Kind == policy.PeerScope:
			return all
		}
	}
	return result
}

func addFlow(p *policy.Policy, s *subject, f *policy.Flow, others []policy.End, egress bool) {
	side := s.side(egress)
	if side.open() {
		return // nothing is refused, so nothing needs to be allowed
	}
	_, source := defaultOf(s.container, egress)
	rule := Rule{Title: "flow " + strconv.QuoteToGraphic(f.Name), At: f.Range, Control: source, Ports: f.Ports}
	named := slices.Clone(f.Ports)
	named = slices.DeleteFunc(named, func(port control.Port) bool { return port.Name == "" })
	for _, end := range others {
		peers := peersOf(p, s.container, end, egress)
		if egress && len(named) == len(f.Ports) {
			peers = slices.DeleteFunc(peers, func(p Peer) bool { return p.Pods == nil }) // a name means nothing there
		}
		rule.Peers = append(rule.Peers, peers...)
	}
	if len(rule.Peers) > 0 && len(rule.Ports) > 0 { // no peers, and no ports, would mean all
		side.rules = append(side.rules, rule)
	}
}

// withoutQueries narrows rules by which a pod could ask the cluster's
// resolver: its pods are then reached on other ports only.
func withoutQueries(rules []Rule) []Rule {
	var result []Rule
	for _, rule := range rules {
		if len(rule.Ports) > 0 && !slices.ContainsFunc(rule.Ports, mayBeDNS) {
			result = append(result, rule)
			continue
		}
		others, resolver := rule, rule
		others.Peers, resolver.Peers = nil, nil
		for _, p := range rule.Peers {
			if p.Pods == nil {
				others.Peers = append(others.Peers, p)
				continue
			}
			rest, answering := p.Pods.withoutResolver()
			for _, r := range rest {
				others.Peers = append(others.Peers, Peer{Pods: r})
			}
			if answering != nil {
				resolver.Peers = append(resolver.Peers, Peer{Pods: answering})
			}
		}
		if len(others.Peers) > 0 {
			result = append(result, others)
		}
		resolver.Ports = withoutDNS(rule.Ports)
		resolver.Title += ", to the cluster's resolver, but for names"
		if len(resolver.Peers) > 0 && len(resolver.Ports) > 0 {
			result = append(result, resolver)
		}
	}
	return result
}

func isDNS(p control.Port) bool {
	return (p.Protocol == "udp" || p.Protocol == "tcp") && p.From <= 53 && 53 <= p.To
}

// mayBeDNS counts named ports: only the pod knows the number of a name.
func mayBeDNS(p control.Port) bool { return isDNS(p) || p.Name != "" }

// withoutDNS takes port 53 out of ports; none are all. The result may be empty,
// and then nothing is left.
func withoutDNS(ports []control.Port) []control.Port {
	if len(ports) == 0 {
		for _, protocol := range []string{"tcp", "udp", "sctp"} {
			ports = append(ports, control.Port{Protocol: protocol, From: 1, To: 65535})
		}
	}
	var result []control.Port
	for _, p := range ports {
		switch {
		case p.Name != "":
		case !isDNS(p):
			result = append(result, p)
		default:
			if p.From < 53 {
				result = append(result, control.Port{Protocol: p.Protocol, From: p.From, To: 52})
			}
			if p.To > 53 {
				result = append(result, control.Port{Protocol: p.Protocol, From: 54, To: p.To})
			}
		}
	}
	return result
}

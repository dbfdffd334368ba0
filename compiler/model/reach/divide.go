package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Ends are the ends that a name stands for: pods of several namespaces, addresses, or both.
type Ends struct {
	// Pod is what is known of each pod, but its namespace.
	Pod End
	// Further says that the labels of the pod are those that each has: pods with more are meant too.
	Further bool
	// Namespaces are those of the pods; "*" stands for all.
	Namespaces []string
	// Networks are addresses outside the cluster, without those of Except.
	Networks, Except []netip.Prefix
}

// Ports are the destination ports from First to Last of each of the protocols, or one that is named.
type Ports struct {
	Protocols   []Protocol
	First, Last uint16
	Name        string // then First and Last are 0
}

// Part is one of the connections that stand for all between two Ends: nothing that the policies say tells it from those that it stands for.
type Part struct {
	From, To End
	Port     Port
	// Name says which connections the part stands for, where there are others: "from namespace ops to 10.20.0.0/16". Else it is empty.
	Name string
}

// unnamedNamespace stands for those that no policy names.
const unnamedNamespace = "some-other-namespace"

// MaxParts bounds the parts of one division: some 100 namespaces times 100, and ten ranges.
const MaxParts = 100_000

// AnyNamespace stands for all namespaces.
const AnyNamespace = "*"

// Divide gives the parts of all connections between two ends that the policies tell apart: every namespace, every range of addresses, every
// range of ports. Marks are blocks that are told apart besides.
func (p *Policies) Divide(from, to Ends, ports Ports, marks []netip.Prefix) ([]Part, error) {
	froms, err := p.pods(from, egress, to, ingress, nil)
	if err != nil {
		return nil, err
	}
	tos, err := p.pods(to, ingress, from, egress, nil)
	if err != nil {
		return nil, err
	}
	var pairs []pair
	add := func(from, to named) error {
		if pairs = append(pairs, pair{from, to}); len(pairs) > MaxParts {
			return errTooMany
		}
		return nil
	}
	for _, f := range froms {
		for _, t := range tos {
			if err := add(f, t); err != nil {
				return nil, err
			}
		}
		for _, t := range parts(to, p.blocks(egress, f.end), marks) {
			if err := add(f, t); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range tos {
		for _, f := range parts(from, p.blocks(ingress, t.end), marks) {
			if err := add(f, t); err != nil {
				return nil, err
			}
		}
	}
	if len(from.Networks) > 0 && len(to.Networks) > 0 { // no policy is about them
		for _, f := range parts(from, nil, marks) {
			for _, t := range parts(to, nil, marks) {
				if err := add(f, t); err != nil {
					return nil, err
				}
			}
		}
	}
	return p.withPorts(pairs, ports)
}

var errTooMany = fmt.Errorf("it stands for more than %d connections that the policies tell apart: name a narrower end", MaxParts)

// named is an end, and which of several it is.
type named struct {
	end  End
	name string
}

type pair struct{ from, to named }

// withPorts divides the ports of each pair by what the policies on its ends say.
func (p *Policies) withPorts(pairs []pair, ports Ports) ([]Part, error) {
	var out []Part
	fromNames, toNames := map[string]bool{}, map[string]bool{}
	for _, c := range pairs {
		fromNames[c.from.name], toNames[c.to.name] = true, true
	}
	for _, c := range pairs {
		var words []string
		if len(fromNames) > 1 {
			words = append(words, "from "+c.from.name)
		}
		if len(toNames) > 1 {
			words = append(words, "to "+c.to.name)
		}
		ranges := p.ports(c, ports)
		for _, r := range ranges {
			name := words
			if len(ranges) > 1 {
				name = append(slices.Clip(words), "on "+r.name)
			}
			if out = append(out, Part{From: c.from.end, To: c.to.end, Port: r.port, Name: strings.Join(name, " ")}); len(out) > MaxParts {
				return nil, errTooMany
			}
		}
	}
	return out, nil
}

// pods gives pods of each namespace: one, or where they may have further labels one of each kind that policies tell apart. Policies are
// about them in a direction, and in the opposite one about the other end, whose peers they are.
func (p *Policies) pods(e Ends, d direction, other Ends, opposite direction, steps *budget) ([]named, error) {
	var out []named
	for _, ns := range p.allNamespaces(e) {
		pod := e.Pod
		pod.Namespace = ns
		if !e.Further {
			out = append(out, named{pod, "namespace " + ns})
			continue
		}
		sets, err := divideLabels(pod.Labels, append(p.selectorsOn(ns, d), p.selectorsOfPeers(ns, other, opposite)...), steps)
		if err != nil {
			return nil, err
		}
		for _, set := range sets {
			pod.Labels = set.labels
			name := "namespace " + ns
			if set.further != "" {
				name += " with " + set.further
			}
			out = append(out, named{pod, name})
		}
		if len(out) > MaxParts {
			return nil, errTooMany
		}
	}
	return out, nil
}

// allNamespaces lists the namespaces of an end's pods.
func (p *Policies) allNamespaces(e Ends) []string {
	if slices.Contains(e.Namespaces, AnyNamespace) {
		return p.namespaces(e.Namespaces)
	}
	return e.Namespaces
}

// selectorsOn lists those of the policies of a namespace that isolate in a direction.
func (p *Policies) selectorsOn(namespace string, d direction) []Selector {
	var out []Selector
	policies := p.byNamespace[namespace]
	for i := range policies {
		if d.sideOf(&policies[i]).Isolates {
			out = append(out, policies[i].Pods)
		}
	}
	return out
}

// selectorsOfPeers lists those by which rules on the pods of an end, in a direction, select pods of a namespace.
func (p *Policies) selectorsOfPeers(namespace string, own Ends, d direction) []Selector {
	var out []Selector
	for _, ns := range p.allNamespaces(own) {
		policies := p.byNamespace[ns]
		for i := range policies {
			policy := &policies[i]
			if !policy.mayBeAbout(own) || !d.sideOf(policy).Isolates {
				continue
			}
			for _, rule := range d.sideOf(policy).Rules {
				for _, peer := range rule.Peers {
					if peer.Block == nil && peer.matchNamespace(policy, End{Namespace: namespace}) != no {
						out = append(out, peer.Pods)
					}
				}
			}
		}
	}
	return out
}

// mayBeAbout reports whether a policy selects a pod of an end, or may.
func (p *Policy) mayBeAbout(own Ends) bool {
	if own.Further {
		_, ok := p.Pods.residual(own.Pod.Labels)
		return ok
	}
	return p.Pods.match(own.Pod.Labels, own.Pod.Labels != nil) != no
}

// namespaces lists, sorted, all that policies are in or name, those given, and one that is none of these.
func (p *Policies) namespaces(given []string) []string {
	known := map[string]bool{}
	for _, ns := range given {
		known[ns] = true
	}
	for ns, policies := range p.byNamespace {
		known[ns] = true
		for i := range policies {
			for _, side := range []*Side{&policies[i].Egress, &policies[i].Ingress} {
				for _, name := range side.namespaces() {
					known[name] = true
				}
			}
		}
	}
	delete(known, AnyNamespace)
	other := unnamedNamespace
	for known[other] {
		other += "-2"
	}
	known[other] = true
	out := make([]string, 0, len(known))
	for ns := range known {
		out = append(out, ns)
	}
	slices.Sort(out)
	return out
}

// namespaces lists those that a side's peers name.
func (s *Side) namespaces() []string {
	var out []string
	for _, rule := range s.Rules {
		for _, peer := range rule.Peers {
			if peer.Namespaces == nil {
				continue
			}
			for _, r := range *peer.Namespaces {
				if r.Key == namespaceName {
					out = append(out, r.Values...)
				}
			}
		}
	}
	return out
}

// blocks lists the blocks and exceptions that policies on a pod name for one direction.
func (p *Policies) blocks(d direction, own End) []netip.Prefix {
	var out []netip.Prefix
	p.rules(d, own, func(r *Rule) {
		for _, peer := range r.Peers {
			if peer.Block == nil {
				continue
			}
			out = append(out, peer.Block.Prefix)
			for _, e := range peer.Block.Except {
				out = append(out, e.Prefix)
			}
		}
	})
	return out
}

// rules calls do for each rule of a direction in policies that may select a pod.
func (p *Policies) rules(d direction, own End, do func(*Rule)) {
	policies := p.byNamespace[own.Namespace]
	for i := range policies {
		if policies[i].Pods.match(own.Labels, own.Labels != nil) == no {
			continue
		}
		side := d.sideOf(&policies[i])
		for j := range side.Rules {
			do(&side.Rules[j])
		}
	}
}

// parts gives an address of each part of the networks that blocks and marks tell apart. Blocks never overlap in part: what tells two addresses
// apart is the narrowest block around them.
func parts(e Ends, blocks, marks []netip.Prefix) []named {
	all := slices.Concat(e.Networks, e.Except, blocks, marks)
	slices.SortFunc(all, netip.Prefix.Compare)
	all = slices.Compact(all)
	within := func(p netip.Prefix, outer []netip.Prefix) bool {
		return slices.ContainsFunc(outer, func(o netip.Prefix) bool { return o.Bits() <= p.Bits() && o.Contains(p.Addr()) })
	}
	var out []named
	for i, p := range all {
		if !within(p, e.Networks) || within(p, e.Except) {
			continue
		}
		if ip, holes, ok := first(p, all[i+1:]); ok {
			out = append(out, named{End{IP: ip}, nameOf(p, holes)})
		}
	}
	return out
}

// first gives the first address of a block that is in no narrower one, and the widest of those. The blocks after it are sorted.
func first(p netip.Prefix, after []netip.Prefix) (ip netip.Addr, holes []netip.Prefix, ok bool) {
	ip, ok = p.Addr(), true
	for _, b := range after {
		if !p.Contains(b.Addr()) || b.Addr().BitLen() != ip.BitLen() {
			break
		}
		if len(holes) > 0 && holes[len(holes)-1].Contains(b.Addr()) {
			continue
		}
		holes = append(holes, b)
		if ok && b.Contains(ip) {
			ip = last(b).Next()
			ok = ip.IsValid() && p.Contains(ip)
		}
	}
	return ip, holes, ok
}

// last is the last address of a block.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(bytes); i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	ip, _ := netip.AddrFromSlice(bytes)
	return ip
}

// nameOf names a block and the first of the narrower ones that are not meant with it.
func nameOf(p netip.Prefix, holes []netip.Prefix) string {
	const most = 3
	if len(holes) == 0 {
		return p.String()
	}
	var words []string
	for _, h := range holes[:min(most, len(holes))] {
		words = append(words, h.String())
	}
	if n := len(holes) - most; n > 0 {
		words = append(words, fmt.Sprintf("%d more", n))
	}
	return p.String() + " without " + strings.Join(words, ", ")
}

// portRange is a port, and the range that it stands for.
type portRange struct {
	port Port
	last uint16 // of the range; 0 of a name
	name string
}

// ports gives a port of each range that the policies on the two ends tell apart.
func (p *Policies) ports(c pair, ports Ports) []portRange {
	if ports.Name != "" {
		return []portRange{{Port{Protocol: ports.Protocols[0], Name: ports.Name}, 0, ports.Name}}
	}
	var out []portRange
	for _, protocol := range ports.Protocols {
		starts := []int{int(ports.First), int(ports.Last) + 1}
		cut := func(first, last int) {
			for _, at := range []int{first, last + 1} {
				if int(ports.First) < at && at <= int(ports.Last) {
					starts = append(starts, at)
				}
			}
		}
		do := func(r *Rule) {
			for _, q := range r.Ports {
				if q.Protocol == protocol && q.Name == "" {
					cut(int(q.First), int(q.Last))
				}
				if named, ok := c.to.end.Ports[q.Name]; ok && q.Name != "" && named.Protocol == protocol {
					cut(int(named.Number), int(named.Number))
				}
			}
		}
		p.rules(egress, c.from.end, do)
		p.rules(ingress, c.to.end, do)
		slices.Sort(starts)
		starts = slices.Compact(starts)
		for i, start := range starts[:len(starts)-1] {
			end := starts[i+1] - 1
			out = append(out, portRange{Port{Protocol: protocol, Number: uint16(start)}, uint16(end), rangeName(protocol, start, end)})
		}
	}
	return out
}

func rangeName(protocol Protocol, first, last int) string {
	if first == last {
		return fmt.Sprintf("%s/%d", protocol, first)
	}
	return fmt.Sprintf("%s/%d-%d", protocol, first, last)
}

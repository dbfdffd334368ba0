package reach

import (
	"fmt"
	"slices"
)

// Outcome is what becomes of a connection. The zero value is Unknown.
type Outcome int

const (
	// Unknown: what is not known about an end would decide.
	Unknown Outcome = iota
	Allow
	Deny
)

// String is the outcome as verdicts write it.
func (o Outcome) String() string {
	switch o {
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	}
	return "unknown"
}

// Answer says what becomes of a connection, and why.
type Answer struct {
	// Outcome is Deny where one direction denies, Allow where both allow, and else Unknown.
	Outcome Outcome
	// Egress is the decision of the policies on the source's pod, Ingress that of those on the destination's.
	Egress, Ingress Decision
}

// Decision is the outcome of one direction at one end.
type Decision struct {
	Outcome Outcome
	// Reasons are all rules or policies that decided: for Allow those that allow (none: no policy selects the pod, or the end is outside
	// the cluster), for Unknown what could not be known. For Deny, those without which the connection would be allowed: the exceptions
	// that take the address out of a block which a rule allows, or, where no rule comes near, the policies that isolate the pod.
	Reasons []Reason
}

// Reason is a location in a policy and what it says about the connection.
type Reason struct {
	Location Location
	// Policy is namespace/name.
	Policy  string
	Message string
}

// Connect answers whether a connection from one end to another, to a port, is allowed. Loopback, and traffic between a pod and its
// own node, is outside every network policy and is not asked about here. An error means that the question makes no sense.
func (p *Policies) Connect(from, to End, port Port) (Answer, error) {
	if err := from.validate(); err != nil {
		return Answer{}, fmt.Errorf("from: %w", err)
	}
	if err := to.validate(); err != nil {
		return Answer{}, fmt.Errorf("to: %w", err)
	}
	if port.Protocol == 0 || port.Name == "" && port.Number == 0 {
		return Answer{}, fmt.Errorf("the port has no protocol, or neither number nor name")
	}
	port, err := port.resolve(to)
	if err != nil {
		return Answer{}, err
	}
	c := connection{from: from, to: to, port: port}
	answer := Answer{Egress: p.decide(c, egress), Ingress: p.decide(c, ingress)}
	answer.Outcome = both(answer.Egress.Outcome, answer.Ingress.Outcome)
	return answer, nil
}

func both(a, b Outcome) Outcome {
	switch {
	case a == Deny || b == Deny:
		return Deny
	case a == Allow && b == Allow:
		return Allow
	}
	return Unknown
}

type connection struct {
	from, to End
	port     Port
}

// direction picks the end that policies are about, the other one, and the policies' side.
type direction struct {
	name, end string
	ends      func(connection) (own, other End)
	sideOf    func(*Policy) *Side
}

var (
	egress = direction{
		name: "egress", end: "source",
		ends:   func(c connection) (End, End) { return c.from, c.to },
		sideOf: func(p *Policy) *Side { return &p.Egress },
	}
	ingress = direction{
		name: "ingress", end: "destination",
		ends:   func(c connection) (End, End) { return c.to, c.from },
		sideOf: func(p *Policy) *Side { return &p.Ingress },
	}
)

func (d direction) opposite() direction {
	if d.name == egress.name {
		return ingress
	}
	return egress
}

// decide takes the union of all policies that select the end: policies have no order and refuse nothing.
//
// Where a selection is not known, both worlds are considered. A pod that surely is isolated and that no rule allows is denied
// unless something unknown could allow it; a pod that may be isolated is allowed only if it would be in each world.
func (p *Policies) decide(c connection, d direction) Decision {
	own, other := d.ends(c)
	var allowing, mayAllow, excepting, isolating, mayIsolate []Reason
	policies := p.byNamespace[own.Namespace] // none for an end outside
	for i := range policies {
		policy := &policies[i]
		side := d.sideOf(policy)
		if !side.Isolates {
			continue
		}
		selected := policy.Pods.match(own.Labels, own.Labels != nil)
		if selected == no {
			continue
		}
		allowed, reasons := side.match(policy, c, other)
		switch and(selected, allowed) {
		case yes:
			allowing = append(allowing, reasons...)
		case maybe:
			mayAllow = append(mayAllow, reasons...)
		case no:
			excepting = append(excepting, side.exceptions(policy, c, other)...)
		}
		switch {
		case selected == yes:
			isolating = append(isolating, policy.reason(policy.Location, fmt.Sprintf(
				"isolates the %s for %s, and no rule allows %s", d.end, d.name, c.port)))
		case allowed != yes:
			mayIsolate = append(mayIsolate, policy.reason(policy.Location, fmt.Sprintf(
				"may isolate the %s for %s: its labels are not known", d.end, d.name)))
		}
	}
	switch {
	case len(allowing) > 0:
		return Decision{Outcome: Allow, Reasons: allowing}
	case len(isolating) == 0 && len(mayIsolate) == 0: // not isolated, or allowed by each that may isolate
		return Decision{Outcome: Allow}
	case len(isolating) > 0 && len(mayAllow) == 0 && len(excepting) > 0:
		return Decision{Outcome: Deny, Reasons: excepting}
	case len(isolating) > 0 && len(mayAllow) == 0:
		return Decision{Outcome: Deny, Reasons: isolating}
	case len(isolating) > 0:
		return Decision{Outcome: Unknown, Reasons: mayAllow}
	}
	return Decision{Outcome: Unknown, Reasons: append(mayIsolate, mayAllow...)}
}

func (p *Policy) reason(at Location, message string) Reason {
	return Reason{Location: at, Policy: p.Namespace + "/" + p.Name, Message: message}
}

// match reports whether a rule of the side allows the connection, with the rules that do, or that could.
func (s *Side) match(p *Policy, c connection, other End) (truth, []Reason) {
	result := no
	var reasons []Reason
	for i := range s.Rules {
		rule := &s.Rules[i]
		switch matched := and(rule.matchPeers(p, other), rule.matchPorts(c)); {
		case matched == yes && result != yes:
			result, reasons = yes, []Reason{p.reason(rule.Location, "allows "+c.port.String())}
		case matched == yes:
			reasons = append(reasons, p.reason(rule.Location, "allows "+c.port.String()))
		case matched == maybe && result != yes:
			result = maybe
			reasons = append(reasons, p.reason(rule.Location, "would decide, but a label, address or port that it names is not known"))
		}
	}
	return result, reasons
}

// exceptions are those that keep the address of the other end out of what a rule allows.
func (s *Side) exceptions(p *Policy, c connection, other End) []Reason {
	var reasons []Reason
	for i := range s.Rules {
		rule := &s.Rules[i]
		if !other.IP.IsValid() || rule.matchPorts(c) == no {
			continue
		}
		for _, peer := range rule.Peers {
			if peer.Block == nil || !peer.Block.Prefix.Contains(other.IP.Unmap()) {
				continue
			}
			for _, e := range peer.Block.exceptions(other.IP.Unmap()) {
				reasons = append(reasons, p.reason(e.Location, fmt.Sprintf("%s is kept out of what the rule allows", e.Prefix)))
			}
		}
	}
	return reasons
}

func (r *Rule) matchPeers(p *Policy, other End) truth {
	if len(r.Peers) == 0 {
		return yes
	}
	result := no
	for i := range r.Peers {
		result = or(result, r.Peers[i].match(p, other))
	}
	return result
}

func (p *Peer) match(of *Policy, other End) truth {
	if p.Block != nil {
		if !other.IP.IsValid() {
			return maybe
		}
		return known(p.Block.contains(other.IP.Unmap()))
	}
	if other.outside() {
		return no
	}
	return and(p.matchNamespace(of, other), p.Pods.match(other.Labels, other.Labels != nil))
}

func (p *Peer) matchNamespace(of *Policy, other End) truth {
	if p.Namespaces == nil {
		return known(other.Namespace == of.Namespace)
	}
	result := yes
	for _, r := range *p.Namespaces {
		if r.Key == namespaceName {
			result = and(result, r.match(other.Namespace, true))
			continue
		}
		result = and(result, r.matchLabels(other.NamespaceLabels, other.NamespaceLabels != nil))
	}
	return result
}

func (r *Rule) matchPorts(c connection) truth {
	if len(r.Ports) == 0 {
		return yes
	}
	result := no
	for i := range r.Ports {
		result = or(result, r.Ports[i].match(c))
	}
	return result
}

func (p *PortRange) match(c connection) truth {
	switch {
	case p.Protocol != c.port.Protocol:
		return no
	case p.Name != "" && c.port.Name != "": // of the same pod, whose ports are not known
		if p.Name == c.port.Name {
			return yes
		}
		return maybe // two names may mean one number
	case p.Name != "":
		if c.to.outside() {
			return no
		}
		if c.to.Ports == nil {
			return maybe
		}
		return known(c.to.Ports[p.Name] == ContainerPort{Protocol: p.Protocol, Number: c.port.Number})
	case c.port.Name != "":
		if p.First == 1 && p.Last == 65535 {
			return yes
		}
		return maybe
	}
	return known(p.First <= c.port.Number && c.port.Number <= p.Last)
}

// match reports whether labels fulfil the selector. Without complete, labels are not known at all, and only a selector
// without requirements is fulfilled.
func (s Selector) match(labels map[string]string, complete bool) truth {
	result := yes
	for _, r := range s {
		result = and(result, r.matchLabels(labels, complete))
	}
	return result
}

func (r Requirement) matchLabels(labels map[string]string, complete bool) truth {
	if !complete {
		return maybe
	}
	value, has := labels[r.Key]
	return r.match(value, has)
}

// match compares a requirement with one label. NotIn is fulfilled where there is no such label (labels reference of the API).
func (r Requirement) match(value string, has bool) truth {
	switch r.Operator {
	case In:
		return known(has && slices.Contains(r.Values, value))
	case NotIn:
		return known(!has || !slices.Contains(r.Values, value))
	case Exists:
		return known(has)
	case DoesNotExist:
		return known(!has)
	}
	return maybe
}

// truth is a three-valued truth. The zero value is not known.
type truth int

const (
	maybe truth = iota
	no
	yes
)

func known(b bool) truth {
	if b {
		return yes
	}
	return no
}

func and(a, b truth) truth {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return maybe
}

func or(a, b truth) truth {
	switch {
	case a == yes || b == yes:
		return yes
	case a == no && b == no:
		return no
	}
	return maybe
}

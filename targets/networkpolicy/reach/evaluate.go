package reach

import (
	"fmt"
	"slices"
)

// Outcome is what becomes of a connection. The zero value is Undecided.
type Outcome int

const (
	// Undecided: what is not known about an end would decide.
	Undecided Outcome = iota
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
	return "undecided"
}

// Answer says what becomes of a connection, and why.
type Answer struct {
	// Outcome is Deny where one direction denies, Allow where both allow, and else Undecided.
	Outcome Outcome
	// Egress is the decision of the policies on the source's pod, Ingress that of those on the destination's.
	Egress, Ingress Decision
}

// Decision is the outcome of one direction at one end.
type Decision struct {
	Outcome Outcome
	// Reasons are all rules or policies that decided: for Allow those that allow (none: no policy selects the pod, or the end is outside
	// the cluster), for Undecided what could not be known. For Deny, those without which the connection would be allowed: the exceptions
	// that take the address out of a block which a rule allows, or, where no rule comes near, the policies that isolate the pod.
	Reasons []Reason
}

// Reason is a place in a policy and what it says about the connection.
type Reason struct {
	Place Place
	// Policy is namespace/name.
	Policy  string
	Message string
}

// Connect answers whether a connection from one end to another, to a port, is allowed. Loopback, and traffic between a pod and its
// own node, is outside every NetworkPolicy and is not asked about here. An error means that the question makes no sense.
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
	return Undecided
}

type connection struct {
	from, to End
	port     Port
}

// direction picks the end that policies are about, the other one, and the policies' side.
type direction struct {
	name, end string
	ends      func(connection) (own, other End)
	sideOf    func(*policy) *side
}

var (
	egress = direction{
		name: "egress", end: "source",
		ends:   func(c connection) (End, End) { return c.from, c.to },
		sideOf: func(p *policy) *side { return &p.egress },
	}
	ingress = direction{
		name: "ingress", end: "destination",
		ends:   func(c connection) (End, End) { return c.to, c.from },
		sideOf: func(p *policy) *side { return &p.ingress },
	}
)

// decide takes the union of all policies that select the end: there is no order and no refusal among NetworkPolicies.
//
// Where a selection is not known, both worlds are considered. A pod that surely is isolated and that no rule allows is denied
// unless something unknown could allow it; a pod that may be isolated is allowed only if it would be in each world.
func (p *Policies) decide(c connection, d direction) Decision {
	own, other := d.ends(c)
	var allowing, mayAllow, excepting, isolating, mayIsolate []Reason
	for _, policy := range p.byNamespace[own.Namespace] { // none for an end outside
		side := d.sideOf(policy)
		if !side.isolates {
			continue
		}
		selected := policy.pods.match(own.Labels, own.Labels != nil)
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
			isolating = append(isolating, policy.reason(policy.place, fmt.Sprintf(
				"isolates the %s for %s, and no rule allows %s", d.end, d.name, c.port)))
		case allowed != yes:
			mayIsolate = append(mayIsolate, policy.reason(policy.place, fmt.Sprintf(
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
		return Decision{Outcome: Undecided, Reasons: mayAllow}
	}
	return Decision{Outcome: Undecided, Reasons: append(mayIsolate, mayAllow...)}
}

func (p *policy) reason(at Place, message string) Reason {
	return Reason{Place: at, Policy: p.namespace + "/" + p.name, Message: message}
}

// match reports whether a rule of the side allows the connection, with the rules that do, or that could.
func (s *side) match(p *policy, c connection, other End) (truth, []Reason) {
	result := no
	var reasons []Reason
	for i := range s.rules {
		rule := &s.rules[i]
		switch matched := and(rule.matchPeers(p, other), rule.matchPorts(c)); {
		case matched == yes && result != yes:
			result, reasons = yes, []Reason{p.reason(rule.place, "allows "+c.port.String())}
		case matched == yes:
			reasons = append(reasons, p.reason(rule.place, "allows "+c.port.String()))
		case matched == maybe && result != yes:
			result = maybe
			reasons = append(reasons, p.reason(rule.place, "would decide, but a label, address or port that it names is not known"))
		}
	}
	return result, reasons
}

// exceptions are those that keep the address of the other end out of what a rule allows.
func (s *side) exceptions(p *policy, c connection, other End) []Reason {
	var reasons []Reason
	for i := range s.rules {
		rule := &s.rules[i]
		if !other.IP.IsValid() || rule.matchPorts(c) == no {
			continue
		}
		for _, peer := range rule.peers {
			if peer.block == nil || !peer.block.prefix.Contains(other.IP.Unmap()) {
				continue
			}
			for _, e := range peer.block.exceptions(other.IP.Unmap()) {
				reasons = append(reasons, p.reason(e.place, fmt.Sprintf("%s is kept out of what the rule allows", e.prefix)))
			}
		}
	}
	return reasons
}

func (r *rule) matchPeers(p *policy, other End) truth {
	if len(r.peers) == 0 {
		return yes
	}
	result := no
	for i := range r.peers {
		result = or(result, r.peers[i].match(p, other))
	}
	return result
}

func (p *peer) match(of *policy, other End) truth {
	if p.block != nil {
		if !other.IP.IsValid() {
			return maybe
		}
		return known(p.block.holds(other.IP.Unmap()))
	}
	if other.outside() {
		return no
	}
	return and(p.matchNamespace(of, other), p.pods.match(other.Labels, other.Labels != nil))
}

func (p *peer) matchNamespace(of *policy, other End) truth {
	if p.namespaces == nil {
		return known(other.Namespace == of.namespace)
	}
	result := yes
	for _, r := range *p.namespaces {
		if r.key == namespaceName {
			result = and(result, r.match(other.Namespace, true))
			continue
		}
		result = and(result, r.matchLabels(other.NamespaceLabels, other.NamespaceLabels != nil))
	}
	return result
}

func (r *rule) matchPorts(c connection) truth {
	if len(r.ports) == 0 {
		return yes
	}
	result := no
	for i := range r.ports {
		result = or(result, r.ports[i].match(c))
	}
	return result
}

func (p *ports) match(c connection) truth {
	switch {
	case p.protocol != c.port.Protocol:
		return no
	case p.name != "" && c.port.Name != "": // of the same pod, whose ports are not known
		if p.name == c.port.Name {
			return yes
		}
		return maybe // two names may stand for one number
	case p.name != "":
		if c.to.outside() {
			return no
		}
		if c.to.Ports == nil {
			return maybe
		}
		return known(c.to.Ports[p.name] == ContainerPort{Protocol: p.protocol, Number: c.port.Number})
	case c.port.Name != "":
		if p.first == 1 && p.last == 65535 {
			return yes
		}
		return maybe
	}
	return known(p.first <= c.port.Number && c.port.Number <= p.last)
}

// match reports whether labels fulfil the selector. Without complete, labels are not known at all, and only a selector
// without requirements is fulfilled.
func (s selector) match(labels map[string]string, complete bool) truth {
	result := yes
	for _, r := range s {
		result = and(result, r.matchLabels(labels, complete))
	}
	return result
}

func (r requirement) matchLabels(labels map[string]string, complete bool) truth {
	if !complete {
		return maybe
	}
	value, has := labels[r.key]
	return r.match(value, has)
}

// match holds a requirement against one label. NotIn is fulfilled where there is no such label (labels reference of the API).
func (r requirement) match(value string, has bool) truth {
	switch r.kind {
	case in:
		return known(has && slices.Contains(r.values, value))
	case notIn:
		return known(!has || !slices.Contains(r.values, value))
	case exists:
		return known(has)
	case doesNotExist:
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

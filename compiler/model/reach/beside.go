package reach

import (
	"errors"
	"maps"
	"reflect"
	"slices"
)

// Beside are policies of others that are in force together with ours. Not safe for concurrent use.
//
// Policies add up: a connection is open where some rule allows it at each end, or nothing isolates the end. So a rule of others is asked
// about alone and with each rule of others that may open the other end, and never all of them at once: what few rules tell apart is
// little, and what all do grows with the product of the labels that they name.
type Beside struct {
	ours      *Policies
	open      *Policies // ours, with those that others replace as they isolate now
	tell      *Policies // what both name
	others    []Policy
	partners  map[string][]partner // by the name of a direction
	remaining budget
}

// partner is one rule of a policy of others.
type partner struct {
	policy *Policy
	rule   *Rule
}

// maxSteps bounds the work for all policies of others of one run: how often a policy or a selector is looked at. It is some seconds.
const maxSteps = 20_000_000

var errTooMuch = errors.New("the NetworkPolicies of this run, which add up, tell too many connections apart to ask about each: " +
	"check fewer of them at once, or name the workloads that they are for by one label")

// budget is how many steps are left. Nil is without a bound.
type budget struct{ steps int }

func (b *budget) spend(n int) error {
	if b == nil {
		return nil
	}
	if b.steps -= n; b.steps < 0 {
		b.steps = -1
		return errTooMuch
	}
	return nil
}

// NewBeside puts policies of others beside ours. One that has the namespace and name of ours takes its place.
func NewBeside(ours, others []Policy) *Beside {
	type name struct{ namespace, name string }
	replacing := map[name]*Policy{}
	for i := range others {
		replacing[name{others[i].Namespace, others[i].Name}] = &others[i]
	}
	var open []Policy
	tell := slices.Clone(ours)
	for _, p := range ours {
		f := replacing[name{p.Namespace, p.Name}]
		switch {
		case f == nil || p.Says(*f):
			open = append(open, p)
		default:
			closed := *f
			closed.Egress.Rules, closed.Ingress.Rules = nil, nil
			open, tell = append(open, closed), append(tell, closed)
		}
	}
	b := &Beside{ours: New(ours), open: New(open), tell: New(tell), others: others, partners: map[string][]partner{}, remaining: budget{maxSteps}}
	for i := range others {
		for _, d := range []direction{egress, ingress} {
			if side := d.sideOf(&others[i]); side.Isolates {
				for j := range side.Rules {
					b.partners[d.name] = append(b.partners[d.name], partner{&others[i], &side.Rules[j]})
				}
			}
		}
	}
	return b
}

// Steps is how many steps have been taken.
func (b *Beside) Steps() int { return maxSteps - max(b.remaining.steps, 0) }

// Openings gives what one of the others opens beyond what ours allow: for each of its rules some connections that are allowed here and
// refused there. Another one may have to open the other end. With an error there may be more. All calls share one bound of steps.
func (b *Beside) Openings(i int) ([]Opening, error) {
	f := &b.others[i]
	if slices.ContainsFunc(b.ours.byNamespace[f.Namespace], func(p Policy) bool { return p.Name == f.Name && p.Says(*f) }) {
		return nil, nil // it is ours
	}
	var found []Opening
	for _, d := range []direction{egress, ingress} {
		side := d.sideOf(f)
		if !side.Isolates {
			continue
		}
		var selected []named // where no rule is about pods: the same for each
		for j := range side.Rules {
			of, err := b.rule(d, f, &side.Rules[j], &selected)
			found = append(found, of...)
			if err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// rule looks for what one rule opens for each of its peers: alone, and where that is nothing for sure with each rule that may open the
// other end.
func (b *Beside) rule(d direction, f *Policy, rule *Rule, selected *[]named) ([]Opening, error) {
	var found []Opening
	enough := func() bool {
		return len(found) >= maxOpenings || slices.ContainsFunc(found, func(o Opening) bool { return !o.Possibly })
	}
	add := func(more []Opening) {
		for _, o := range more {
			if !slices.ContainsFunc(found, o.same) {
				found = append(found, o)
			}
		}
	}
	peers := rule.each()
	for i := range peers {
		more, err := b.with(d, f, &peers[i], nil, f.endsOf(&peers[i]), selected)
		if add(more); err != nil || len(found) >= maxOpenings {
			return found, err
		}
	}
	for i := range peers {
		ends := f.endsOf(&peers[i])
		if !slices.ContainsFunc(ends, Ends.ofPods) {
			continue
		}
		for _, g := range b.partners[d.opposite().name] {
			if enough() {
				return found, nil
			}
			if err := b.remaining.spend(1 + len(ends)*(1+len(g.policy.Pods)) + len(g.rule.Peers)*(1+len(f.Pods))); err != nil {
				return found, err
			}
			meeting := g.among(ends)
			if len(meeting) == 0 || !g.meets(f) {
				continue
			}
			more, err := b.with(d, f, &peers[i], &g, meeting, selected)
			if add(more); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// each gives a rule for each peer, which together say the same.
func (r *Rule) each() []Rule {
	if len(r.Peers) < 2 {
		return []Rule{*r}
	}
	out := make([]Rule, len(r.Peers))
	for i := range r.Peers {
		out[i] = *r
		out[i].Peers = r.Peers[i : i+1]
	}
	return out
}

// with looks for what one rule opens, of which another opens the other end.
func (b *Beside) with(d direction, f *Policy, rule *Rule, g *partner, ends []Ends, selected *[]named) ([]Opening, error) {
	added := []Policy{f.only(d, rule)}
	o := opener{refusing: b.ours, policy: added[0], steps: &b.remaining}
	if g != nil {
		added, o.partner = append(added, g.policy.only(d.opposite(), g.rule)), g.policy
	}
	if err := b.remaining.spend(len(b.tell.byNamespace[f.Namespace])); err != nil {
		return nil, err
	}
	o.all, o.both = b.open.plus(added), b.tell.plus(added)
	pods := *selected
	if pods == nil || slices.ContainsFunc(ends, Ends.ofPods) {
		var err error
		if pods, err = o.pods(d, ends); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(ends, Ends.ofPods) {
		*selected = pods
	}
	err := o.rule(d, rule, ends, pods)
	return o.found, err
}

func (e Ends) ofPods() bool { return len(e.Namespaces) > 0 }

// only is a policy with one of its rules.
func (p *Policy) only(d direction, rule *Rule) Policy {
	one := *p
	one.Egress.Rules, one.Ingress.Rules = nil, nil
	d.sideOf(&one).Rules = []Rule{*rule}
	return one
}

// plus gives the policies and some more.
func (p *Policies) plus(more []Policy) *Policies {
	all := &Policies{byNamespace: maps.Clone(p.byNamespace)}
	for _, policy := range more {
		all.byNamespace[policy.Namespace] = append(slices.Clip(all.byNamespace[policy.Namespace]), policy)
	}
	return all
}

// among gives those of some ends that the policy of the partner may be about, with the labels that each pod of both has.
func (g *partner) among(ends []Ends) []Ends {
	var out []Ends
	for _, e := range ends {
		if !slices.Contains(e.Namespaces, g.policy.Namespace) && !slices.Contains(e.Namespaces, AnyNamespace) {
			continue
		}
		rest, ok := g.policy.Pods.residual(e.Pod.Labels)
		if !ok {
			continue
		}
		labels := rest.fixed()
		maps.Copy(labels, e.Pod.Labels)
		out = append(out, Ends{Further: true, Pod: End{Labels: labels}, Namespaces: []string{g.policy.Namespace}})
	}
	return out
}

// meets reports whether the rule of the partner may be about pods that a policy selects.
func (g *partner) meets(f *Policy) bool {
	own := f.Pods.fixed()
	return len(g.rule.Peers) == 0 || slices.ContainsFunc(g.rule.Peers, func(peer Peer) bool {
		if peer.Block != nil {
			return true // a pod may have any address
		}
		_, ok := peer.Pods.residual(own)
		return ok && peer.matchNamespace(g.policy, End{Namespace: f.Namespace}) != no
	})
}

// same reports whether two openings read the same.
func (o Opening) same(p Opening) bool {
	return o.Location == p.Location && o.Egress == p.Egress && o.Possibly == p.Possibly && o.Partly == p.Partly &&
		o.Pods == p.Pods && o.Other == p.Other && o.Ports == p.Ports
}

// Says reports whether two policies say the same, wherever they are written.
func (p Policy) Says(q Policy) bool { return reflect.DeepEqual(p.said(), q.said()) }

// said is a policy without where it is written.
func (p Policy) said() Policy {
	sides := func(s Side) Side {
		s.Rules = slices.Clone(s.Rules)
		for i := range s.Rules {
			s.Rules[i].Location = Location{}
			s.Rules[i].Peers = slices.Clone(s.Rules[i].Peers)
			for j, peer := range s.Rules[i].Peers {
				if peer.Block == nil {
					continue
				}
				block := Block{Prefix: peer.Block.Prefix}
				for _, e := range peer.Block.Except {
					block.Except = append(block.Except, Exception{Prefix: e.Prefix})
				}
				s.Rules[i].Peers[j].Block = &block
			}
		}
		return s
	}
	p.Location, p.Ingress, p.Egress = Location{}, sides(p.Ingress), sides(p.Egress)
	return p
}

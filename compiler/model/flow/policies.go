package flow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// ofConnections are the controls of connections.
func ofConnections() []*control.Control {
	return slices.DeleteFunc(control.Controls(), func(c *control.Control) bool { return !c.Namespaced })
}

// Kind says which pods a policy selects, and what for.
type Kind int

// The kinds of policies. The zero Kind belongs to no policy.
const (
	_ Kind = iota
	// DefaultDeny isolates every pod, in both directions or one, and allows nothing.
	DefaultDeny
	// DNS allows every pod to ask the cluster's resolver.
	DNS
	// EveryPod has what every pod may do beside.
	EveryPod
	// OfUndeclared has what pods may do that no workload describes.
	OfUndeclared
	// OfWorkload has what the pods of one workload may do.
	OfWorkload
)

// Policy is one network policy. It is the same in every namespace of
// flow.Namespaces. Policies add up: a connection is allowed in a direction where
// one of those that select the pod allows it.
type Policy struct {
	Kind     Kind
	Name     string           // unique within a namespace; a DNS subdomain
	Workload *policy.Workload // of OfWorkload
	Selector Selector
	At       hcl.Range // what the policy comes from
	Until    string    // the last day, as 2006-01-02, of an exception that loosened it; "" where none did
	// Egress and Ingress are nil where the policy does not isolate in that direction.
	Egress, Ingress *Rules
	// Closed are the settings that refuse what the policy does not allow.
	Closed []Closing
	// Implied are, of DefaultDeny, the settings of other controls that need no
	// rule of their own because everything is refused.
	Implied []Closing
}

// Selector selects pods by their labels. The zero Selector selects every pod.
type Selector struct {
	Labels map[string]string // labels that the pod has
	NotIn  []NotIn           // sorted by key
}

// NotIn is a label that the pod does not have, or has with another value.
type NotIn struct {
	Key    string
	Values []string // sorted
}

// Rules are those of one direction.
type Rules struct {
	All  bool // everything is allowed, and List is empty
	List []Rule
}

// Closing is a control that refuses connections, and where it is set.
type Closing struct {
	Control control.ID
	At      hcl.Range
	Egress  bool // those from the pods; else those to them
}

// Policies lists the network policies of a policy: the refusal of everything,
// what every pod may do, and what each kind of pod may do beside. There are none
// where no control refuses any connection.
func Policies(p *policy.Policy) []Policy {
	all := subjects(p)
	baseEgress, baseIngress := refusesByDefault(p, all, true), refusesByDefault(p, all, false)
	egress, ingress := common(p, all, baseEgress, true), common(p, all, baseIngress, false)
	var result []Policy
	if baseEgress || baseIngress {
		result = append(result, defaultDeny(p, all, baseEgress, baseIngress))
	}
	result = append(result, forEveryPod(p, all, egress, ingress)...)
	sharedEgress, sharedIngress := egress.keys(), ingress.keys()
	for _, s := range all {
		o := own(p, s)
		o.Egress = s.egress.beside(sharedEgress, baseEgress || egress != nil)
		o.Ingress = s.ingress.beside(sharedIngress, baseIngress || ingress != nil)
		if o.Egress.allowsAny() || o.Ingress.allowsAny() {
			result = append(result, o)
		}
	}
	return result
}

// forEveryPod gives what every pod may do: names from the resolver in a policy
// of their own, as it is the one that clusters differ in, and the rest in another.
func forEveryPod(p *policy.Policy, all []*subject, egress, ingress *Rules) []Policy {
	var result []Policy
	dns, egress := resolverRules(egress)
	if dns != nil {
		result = append(result, Policy{
			Kind: DNS, Name: name(p, "dns"), At: dns.List[0].At, Until: until(all...), Egress: dns, Closed: closings(all...),
		})
	}
	if egress != nil || ingress != nil {
		result = append(result, Policy{
			Kind: EveryPod, Name: name(p, "every-pod"), At: p.Range, Until: until(all...), Egress: egress, Ingress: ingress, Closed: closings(all...),
		})
	}
	return result
}

// name is that of a policy: dots keep apart what labels of the language, which have none, cannot.
func name(p *policy.Policy, parts ...string) string {
	return "bulkhead." + p.Name + "." + strings.Join(parts, ".")
}

// refusesByDefault reports whether any pod of the namespaces is to be isolated in a
// direction. The policy's own value counts too: it holds for pods that no
// workload describes and that admission refuses.
func refusesByDefault(p *policy.Policy, all []*subject, egress bool) bool {
	for _, s := range all {
		if slices.ContainsFunc(s.side(egress).closed, isDefault) {
			return true
		}
	}
	s := p.Settings[byDirection(egress)]
	warned := slices.ContainsFunc(p.Exceptions, func(e *policy.Exception) bool {
		return e.Kind == policy.ExceptionWarn && e.Covers(s.Source(byDirection(egress)), "")
	})
	return !warned && s.Text == control.Deny
}

// defaultDeny isolates every pod in one direction or both, and allows nothing.
func defaultDeny(p *policy.Policy, all []*subject, egress, ingress bool) Policy {
	o := Policy{Kind: DefaultDeny, Name: name(p, "default-deny"), Implied: implied(all, egress)}
	for _, side := range []struct {
		egress, closed bool
		rules          **Rules
	}{{true, egress, &o.Egress}, {false, ingress, &o.Ingress}} {
		if !side.closed {
			continue
		}
		*side.rules = &Rules{}
		s := p.Settings[byDirection(side.egress)]
		own := slices.DeleteFunc(closings(all...), func(c Closing) bool { return c.Egress != side.egress || !isDefault(c.Control) })
		if len(own) == 0 {
			own = []Closing{{s.Source(byDirection(side.egress)), s.Range, side.egress}}
		}
		o.Closed = append(o.Closed, own...)
		if s.Stated() || o.At.Filename == "" {
			o.At = s.Range
		}
	}
	return o
}

// implied are the controls that need nothing of their own where everything is
// refused by default, in both directions or only to pods.
func implied(all []*subject, egress bool) []Closing {
	var result []Closing
	for _, s := range all {
		for _, c := range ofConnections() {
			if set := s.container.Enforced(c.ID); !isDefault(c.ID) && (egress || bothWays(c.ID)) && c.Restricts(set.Value) {
				result = append(result, Closing{Control: c.ID, At: set.Range})
			}
		}
	}
	return distinct(result)
}

// closings are the controls that refuse something to one of the subjects.
func closings(all ...*subject) []Closing {
	var result []Closing
	for _, s := range all {
		for _, egress := range []bool{true, false} {
			for _, id := range s.side(egress).closed {
				result = append(result, Closing{id, s.container.Enforced(id).Range, egress})
			}
		}
	}
	return distinct(result)
}

func distinct(list []Closing) []Closing {
	compare := func(a, b Closing) int {
		return cmp.Or(cmp.Compare(a.Control, b.Control), cmp.Compare(a.At.Filename, b.At.Filename), cmp.Compare(a.At.Start.Line, b.At.Start.Line),
			cmp.Compare(direction(a.Egress), direction(b.Egress)))
	}
	slices.SortFunc(list, compare)
	return slices.CompactFunc(list, func(a, b Closing) bool { return compare(a, b) == 0 })
}

func direction(egress bool) int {
	if egress {
		return 0
	}
	return 1
}

// common are the rules that hold for each pod, undeclared ones too; nil where
// there are none. Where undeclared pods are refused they get nothing, so nothing
// holds for every pod. Where some pods need no isolation, nothing may isolate
// every pod unless something does so already.
func common(p *policy.Policy, all []*subject, base, egress bool) *Rules {
	closed := slices.DeleteFunc(slices.Clone(all), func(s *subject) bool { return s.side(egress).open() })
	if p.Undeclared == nil || OnHostNetwork(p.Undeclared) || len(closed) == 0 || len(closed) < len(all) && !base {
		return nil
	}
	count := map[string]int{}
	for _, s := range closed {
		for key := range (&Rules{List: s.side(egress).rules}).keys() {
			count[key]++
		}
	}
	result := &Rules{}
	for _, rule := range closed[0].side(egress).rules {
		if count[rule.key()] == len(closed) {
			result.List = append(result.List, rule)
		}
	}
	if len(result.List) == 0 {
		return nil
	}
	return result
}

// resolverRules separates the rules of the cluster's resolvers from others; either is nil where there are none.
func resolverRules(r *Rules) (dns, rest *Rules) {
	if r == nil {
		return nil, nil
	}
	for _, rule := range r.List {
		into := &rest
		if rule.Control == control.NetworkDNS {
			into = &dns
		}
		if *into == nil {
			*into = &Rules{}
		}
		(*into).List = append((*into).List, rule)
	}
	return dns, rest
}

// own is the policy of one kind of pod, without its rules.
func own(p *policy.Policy, s *subject) Policy {
	o := Policy{At: p.Range, Until: until(s), Closed: closings(s)}
	if !s.container.Declared() {
		o.Kind, o.Name, o.Selector = OfUndeclared, name(p, "undeclared"), undeclaredSelector(p)
		return o
	}
	w := s.workload()
	o.Kind, o.Workload, o.Name, o.Selector, o.At = OfWorkload, w, name(p, "workload", w.Name), Selector{Labels: w.Match}, w.Range
	return o
}

// beside are a side's rules without those that every pod has; nil where the pod
// needs no isolation and no other policy isolates it.
func (s side) beside(shared map[string]bool, isolated bool) *Rules {
	switch {
	case !s.open():
		return &Rules{List: slices.DeleteFunc(slices.Clone(s.rules), func(a Rule) bool { return shared[a.key()] })}
	case isolated:
		return &Rules{All: true}
	}
	return nil
}

func (r *Rules) allowsAny() bool { return r != nil && (r.All || len(r.List) > 0) }

// undeclaredSelector selects pods that no workload matches. All of them cannot be
// selected in general. Those are that lack, for each workload, its label with the
// key that most workloads use; the others are restricted more than their ceiling.
func undeclaredSelector(p *policy.Policy) Selector {
	uses := map[string]int{}
	for _, w := range p.Workloads {
		for key := range w.Match {
			uses[key]++
		}
	}
	values := map[string][]string{}
	for _, w := range p.Workloads {
		keys := slices.SortedFunc(maps.Keys(w.Match), func(a, b string) int { return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a, b)) })
		if len(keys) > 0 {
			values[keys[0]] = append(values[keys[0]], w.Match[keys[0]])
		}
	}
	var selector Selector
	for _, key := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[key])
		selector.NotIn = append(selector.NotIn, NotIn{Key: key, Values: slices.Compact(values[key])})
	}
	return selector
}

// until is the last day of the first exception to end among those that loosened
// a network control of the subjects.
func until(all ...*subject) string {
	first := ""
	for _, s := range all {
		for _, c := range ofConnections() {
			set := s.container.Get(c.ID)
			for _, e := range []*policy.Exception{set.Warn, set.Granted} {
				if e != nil && (first == "" || e.Expires < first) {
					first = e.Expires
				}
			}
		}
	}
	return first
}

// key tells rules apart by what they allow and by what they come from.
func (a Rule) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q:%d", a.Title, a.At.Filename, a.At.Start.Line)
	for _, p := range a.Ports {
		b.WriteString(" " + p.String())
	}
	for _, p := range a.Peers {
		if p.Pods != nil {
			fmt.Fprintf(&b, " %q %v %q %v", p.Pods.Namespaces, p.Pods.OutsideResolverNamespace, p.Pods.Labels, p.Pods.NotResolver)
			continue
		}
		b.WriteString(" " + p.Block.String())
		for _, c := range p.Except {
			b.WriteString("-" + c.Prefix.String())
		}
	}
	return b.String()
}

func (r *Rules) keys() map[string]bool {
	result := map[string]bool{}
	if r == nil {
		return result
	}
	for _, rule := range r.List {
		result[rule.key()] = true
	}
	return result
}

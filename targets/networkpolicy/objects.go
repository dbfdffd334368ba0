package networkpolicy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// object is one NetworkPolicy, the same in every namespace but for its peers.
type object struct {
	name     string
	selector metav1.LabelSelector
	comment  []string
	at       hcl.Range
	reason   string
	until    string // the last day of an exception that loosened it, or ""
	// egress and ingress are nil where the policy does not isolate in that direction.
	egress, ingress *rules
	// closed are the settings that refuse what the object does not allow.
	closed []closing
}

// rules are those of one direction.
type rules struct {
	all  bool // one rule that allows everything
	list []allowance
}

// closing is a control, and where it was decided.
type closing struct {
	control control.ID
	at      hcl.Range
}

// objects lists the NetworkPolicies of each namespace: the refusal of everything,
// what every pod may do, and what each kind of pod may do beside.
func objects(p *policy.Policy) []object {
	all := subjects(p)
	base := refusesByDefault(p, all)
	egress, ingress := common(p, all, base, true), common(p, all, base, false)
	var result []object
	if base {
		result = append(result, defaultDeny(p, all))
	}
	result = append(result, forEveryPod(p, all, egress, ingress)...)
	sharedEgress, sharedIngress := egress.keys(), ingress.keys()
	for _, s := range all {
		o := own(p, s)
		o.egress = s.egress.beside(sharedEgress, base || egress != nil)
		o.ingress = s.ingress.beside(sharedIngress, base || ingress != nil)
		if o.egress.allowsAny() || o.ingress.allowsAny() {
			result = append(result, o)
		}
	}
	return result
}

// forEveryPod gives what every pod may do: names from the resolver in an object
// of their own, as it is the one that clusters differ in, and the rest in another.
func forEveryPod(p *policy.Policy, all []*subject, egress, ingress *rules) []object {
	var result []object
	dns, egress := resolverRule(egress)
	if dns != nil {
		result = append(result, object{
			name: name(p, "dns"), comment: []string{"Every pod may ask the cluster's resolver."}, at: dns.at, reason: "names are needed to reach anything",
			until: until(all...), egress: &rules{list: []allowance{*dns}}, closed: closings(all...),
		})
	}
	if egress != nil || ingress != nil {
		result = append(result, object{
			name: name(p, "every-pod"), comment: []string{"What every pod may do."}, at: p.Range, reason: "what every pod that the policy holds may do",
			until: until(all...), egress: egress, ingress: ingress, closed: closings(all...),
		})
	}
	return result
}

// name is that of an object: dots keep apart what labels of the language, which have none, cannot.
func name(p *policy.Policy, parts ...string) string {
	return "bulkhead." + p.Name + "." + strings.Join(parts, ".")
}

// refusesByDefault reports whether any pod of the namespaces is to be isolated
// both ways. The policy's own value counts too: it holds for pods that no
// workload describes and that admission refuses.
func refusesByDefault(p *policy.Policy, all []*subject) bool {
	for _, s := range all {
		if slices.Contains(s.egress.closed, control.NetworkDefault) {
			return true
		}
	}
	warned := slices.ContainsFunc(p.Exceptions, func(e *policy.Exception) bool {
		return e.Kind == policy.ExceptionWarn && e.Covers(control.NetworkDefault, "")
	})
	return !warned && p.Settings[control.NetworkDefault].Text == control.Deny
}

// defaultDeny isolates every pod in both directions and allows nothing.
func defaultDeny(p *policy.Policy, all []*subject) object {
	o := object{name: name(p, "default-deny"), egress: &rules{}, ingress: &rules{}, at: p.Settings[control.NetworkDefault].Range}
	ctrl, _ := control.Lookup(control.NetworkDefault)
	o.reason = ctrl.Reason
	o.comment = []string{"Refuses, both ways, what no other policy allows: NetworkPolicies add up."}
	for _, c := range closings(all...) {
		if c.control == control.NetworkDefault {
			o.closed = append(o.closed, c)
		}
	}
	if len(o.closed) == 0 {
		o.closed = []closing{{control: control.NetworkDefault, at: o.at}}
	}
	for _, c := range append(slices.Clone(o.closed), alsoHeld(all)...) {
		o.comment = append(o.comment, fmt.Sprintf("%s (%s)", c.control, where(c.at)))
	}
	return o
}

// alsoHeld are the controls that need nothing of their own where everything is
// refused by default.
func alsoHeld(all []*subject) []closing {
	var result []closing
	for _, s := range all {
		for _, id := range []control.ID{control.Metadata, control.KubernetesAPI, control.Internet, control.NetworkDNS} {
			ctrl, _ := control.Lookup(id)
			if set := s.container.Enforced(id); ctrl.Restricts(set.Value) {
				result = append(result, closing{control: id, at: set.Range})
			}
		}
	}
	return distinct(result)
}

// closings are the controls that refuse something to one of the subjects.
func closings(all ...*subject) []closing {
	var result []closing
	for _, s := range all {
		for _, id := range append(slices.Clone(s.egress.closed), s.ingress.closed...) {
			result = append(result, closing{control: id, at: s.container.Enforced(id).Range})
		}
	}
	return distinct(result)
}

func distinct(list []closing) []closing {
	compare := func(a, b closing) int {
		return cmp.Or(cmp.Compare(a.control, b.control), cmp.Compare(a.at.Filename, b.at.Filename), cmp.Compare(a.at.Start.Line, b.at.Start.Line))
	}
	slices.SortFunc(list, compare)
	return slices.CompactFunc(list, func(a, b closing) bool { return compare(a, b) == 0 })
}

// common are the rules that hold for each pod, undeclared ones too; nil where
// there are none. Where undeclared pods are refused they get nothing, so nothing
// is said of every pod. Where some pods need no isolation, nothing may isolate
// every pod unless something does so already.
func common(p *policy.Policy, all []*subject, base, egress bool) *rules {
	closed := slices.DeleteFunc(slices.Clone(all), func(s *subject) bool { return s.side(egress).open() })
	if p.Undeclared == nil || onHostNetwork(p.Undeclared) || len(closed) == 0 || len(closed) < len(all) && !base {
		return nil
	}
	count := map[string]int{}
	for _, s := range closed {
		for key := range (&rules{list: s.side(egress).rules}).keys() {
			count[key]++
		}
	}
	result := &rules{}
	for _, rule := range closed[0].side(egress).rules {
		if count[rule.key()] == len(closed) {
			result.list = append(result.list, rule)
		}
	}
	if len(result.list) == 0 {
		return nil
	}
	return result
}

// resolverRule parts the rule of the cluster's resolver from others.
func resolverRule(r *rules) (dns *allowance, rest *rules) {
	if r == nil {
		return nil, nil
	}
	others := slices.Clone(r.list)
	for i, rule := range others {
		if rule.control == control.NetworkDNS {
			others = slices.Delete(others, i, i+1)
			if len(others) == 0 {
				return &rule, nil
			}
			return &rule, &rules{list: others}
		}
	}
	return nil, r
}

// own is the object of one kind of pod, without its rules.
func own(p *policy.Policy, s *subject) object {
	o := object{at: p.Range, until: until(s), closed: closings(s)}
	if !s.container.Declared() {
		o.name, o.selector = name(p, "undeclared"), undeclaredSelector(p)
		o.reason, o.comment = "what pods that no workload describes may do", []string{"Pods that no workload describes."}
		return o
	}
	w := s.workload()
	o.name, o.selector, o.at = name(p, "workload", w.Name), metav1.LabelSelector{MatchLabels: w.Match}, w.Range
	o.reason = "what the flows and controls of the workload " + w.Name + " leave to its pods"
	o.comment = []string{"Workload " + quote(w.Name) + " (" + where(w.Range) + ")."}
	return o
}

// beside are a side's rules without those that every pod has; nil where the pod
// needs no isolation and none of the other objects isolates it.
func (s side) beside(shared map[string]bool, isolated bool) *rules {
	switch {
	case !s.open():
		return &rules{list: slices.DeleteFunc(slices.Clone(s.rules), func(a allowance) bool { return shared[a.key()] })}
	case isolated:
		return &rules{all: true}
	}
	return nil
}

func (r *rules) allowsAny() bool { return r != nil && (r.all || len(r.list) > 0) }

// undeclaredSelector selects pods that no workload matches. All of them cannot be
// selected in general, so those are that lack, for each workload, the label that
// most workloads are told by: others are held tighter than their ceiling.
func undeclaredSelector(p *policy.Policy) metav1.LabelSelector {
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
	var selector metav1.LabelSelector
	for _, key := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[key])
		selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: key, Operator: metav1.LabelSelectorOpNotIn, Values: slices.Compact(values[key]),
		})
	}
	return selector
}

// until is the last day of the first exception to end among those that loosened
// a network control of the subjects.
func until(all ...*subject) string {
	first := ""
	for _, s := range all {
		for _, id := range []control.ID{control.NetworkDefault, control.NetworkDNS, control.Metadata, control.KubernetesAPI, control.Internet} {
			set := s.container.Get(id)
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
func (a allowance) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %s", a.title, where(a.at))
	for _, p := range a.ports {
		b.WriteString(" " + p.String())
	}
	for _, p := range a.peers {
		if p.pods != nil {
			fmt.Fprintf(&b, " %q %v %q %v", p.pods.namespaces, p.pods.butResolver, p.pods.labels, p.pods.notResolver)
			continue
		}
		b.WriteString(" " + p.block.String())
		for _, c := range p.cuts {
			b.WriteString("-" + c.prefix.String())
		}
	}
	return b.String()
}

func (r *rules) keys() map[string]bool {
	result := map[string]bool{}
	if r == nil {
		return result
	}
	for _, rule := range r.list {
		result[rule.key()] = true
	}
	return result
}

// where names the line of a range, for comments and annotations.
func where(at hcl.Range) string {
	if at.Filename == "" {
		return "not stated"
	}
	return fmt.Sprintf("%s:%d", line(at.Filename), at.Start.Line)
}

// line makes one line of printable text of anything: as it is where it is that
// already, and else quoted.
func line(s string) string {
	if q := quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}

// quote puts quotes around what an author named, and escapes what is not printable.
func quote(s string) string { return strconv.QuoteToGraphic(s) }

package manifest

import (
	"net/netip"
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
)

// validator turns one object into a policy, and reports what the API server's validation of NetworkPolicies refuses.
type validator struct {
	*reader
	document document
	path     []any // of the object
}

func (v validator) at(path ...any) reach.Location { return v.document.at(sub(v.path, path...)...) }

func (v validator) fail(path []any, format string, args ...any) {
	v.reader.fail(v.at(path...), format, args...)
}

func (v validator) policy(o *object) reach.Policy {
	p := reach.Policy{Location: v.at(), Namespace: o.Metadata.Namespace, Name: o.Metadata.Name}
	if p.Namespace == "" {
		p.Namespace = v.namespace
	}
	v.metadata(&p)
	p.Pods = v.selector([]any{"spec", "podSelector"}, &o.Spec.PodSelector)
	v.policyTypes(o, &p)
	for i, r := range o.Spec.Ingress {
		p.Ingress.Rules = append(p.Ingress.Rules, v.rule([]any{"spec", "ingress", i}, "from", r.From, r.Ports))
	}
	for i, r := range o.Spec.Egress {
		p.Egress.Rules = append(p.Egress.Rules, v.rule([]any{"spec", "egress", i}, "to", r.To, r.Ports))
	}
	return p
}

func (v validator) metadata(p *reach.Policy) {
	if p.Name == "" {
		v.fail([]any{"metadata"}, "name is missing")
	} else if problems := validation.IsDNS1123Subdomain(p.Name); len(problems) > 0 {
		v.fail([]any{"metadata", "name"}, "name %q: %s", p.Name, strings.Join(problems, "; "))
	}
	if p.Namespace == "" {
		v.fail([]any{"metadata"}, "namespace is missing: write metadata.namespace")
	} else if problems := validation.IsDNS1123Label(p.Namespace); len(problems) > 0 {
		v.fail([]any{"metadata", "namespace"}, "namespace %q: %s", p.Namespace, strings.Join(problems, "; "))
	}
}

// policyTypes applies the API's default: always Ingress, and Egress where there are egress rules.
func (v validator) policyTypes(o *object, p *reach.Policy) {
	types := o.Spec.PolicyTypes
	if len(types) == 0 {
		p.Ingress.Isolates, p.Egress.Isolates = true, len(o.Spec.Egress) > 0
		return
	}
	if len(types) > 2 {
		v.fail([]any{"spec", "policyTypes"}, "policyTypes has %d elements: at most Ingress and Egress", len(types))
	}
	for i, t := range types {
		switch t {
		case networkingv1.PolicyTypeIngress:
			p.Ingress.Isolates = true
		case networkingv1.PolicyTypeEgress:
			p.Egress.Isolates = true
		default:
			v.fail([]any{"spec", "policyTypes", i}, "policy type %q is not known: write Ingress or Egress", t)
		}
	}
}

func (v validator) rule(path []any, field string, peers []networkingv1.NetworkPolicyPeer, list []networkingv1.NetworkPolicyPort) reach.Rule {
	r := reach.Rule{Location: v.at(path...)}
	for i, p := range peers {
		r.Peers = append(r.Peers, v.peer(sub(path, field, i), p))
	}
	for i, p := range list {
		r.Ports = append(r.Ports, v.ports(sub(path, "ports", i), p))
	}
	return r
}

func (v validator) peer(path []any, p networkingv1.NetworkPolicyPeer) reach.Peer {
	if p.IPBlock != nil {
		if p.PodSelector != nil || p.NamespaceSelector != nil {
			v.fail(path, "ipBlock stands with no selector beside it: write two peers")
		}
		return reach.Peer{Block: v.block(sub(path, "ipBlock"), p.IPBlock)}
	}
	if p.PodSelector == nil && p.NamespaceSelector == nil {
		v.fail(path, "peer says nothing: write podSelector, namespaceSelector or ipBlock ({} in one of the selectors means all)")
		return reach.Peer{}
	}
	var result reach.Peer
	if p.NamespaceSelector != nil {
		namespaces := v.selector(sub(path, "namespaceSelector"), p.NamespaceSelector)
		result.Namespaces = &namespaces
	}
	if p.PodSelector != nil {
		result.Pods = v.selector(sub(path, "podSelector"), p.PodSelector)
	}
	return result
}

func (v validator) block(path []any, b *networkingv1.IPBlock) *reach.Block {
	result := &reach.Block{Prefix: v.prefix(sub(path, "cidr"), b.CIDR)}
	for i, text := range b.Except {
		at := sub(path, "except", i)
		except := v.prefix(at, text)
		if !result.Prefix.IsValid() || !except.IsValid() {
			continue
		}
		if except.Bits() <= result.Prefix.Bits() || !result.Prefix.Contains(except.Addr()) {
			v.fail(at, "except %s does not lie strictly within cidr %s", text, b.CIDR)
		}
		result.Except = append(result.Except, reach.Exception{Prefix: except, Location: v.at(at...)})
	}
	return result
}

func (v validator) prefix(path []any, text string) netip.Prefix {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		v.fail(path, "%q is no CIDR, such as 10.0.0.0/8 or fd00::/8", text)
		return netip.Prefix{}
	}
	if prefix.Addr().Is4In6() {
		v.fail(path, "%q is an IPv4 block written as IPv6, which network plugins read differently: write it as IPv4", text)
		return netip.Prefix{}
	}
	return prefix.Masked()
}

func (v validator) ports(path []any, p networkingv1.NetworkPolicyPort) reach.PortRange {
	result := reach.PortRange{Protocol: v.protocol(sub(path, "protocol"), p.Protocol), First: 1, Last: 65535}
	if p.Port == nil {
		if p.EndPort != nil {
			v.fail(sub(path, "endPort"), "endPort stands only beside port")
		}
		return result
	}
	if p.Port.Type == intstr.String {
		if problems := validation.IsValidPortName(p.Port.StrVal); len(problems) > 0 {
			v.fail(sub(path, "port"), "port name %q: %s", p.Port.StrVal, strings.Join(problems, "; "))
		}
		if p.EndPort != nil {
			v.fail(sub(path, "endPort"), "endPort stands only beside a port that is a number")
		}
		return reach.PortRange{Protocol: result.Protocol, Name: p.Port.StrVal}
	}
	last := p.Port.IntVal
	if p.EndPort != nil {
		last = *p.EndPort
		if last < p.Port.IntVal {
			v.fail(sub(path, "endPort"), "endPort %d is below port %d", last, p.Port.IntVal)
		}
	}
	for _, n := range []int32{p.Port.IntVal, last} {
		if n < 1 || n > 65535 {
			v.fail(sub(path, "port"), "port %d is not between 1 and 65535", n)
			return result
		}
	}
	result.First, result.Last = uint16(p.Port.IntVal), uint16(last)
	return result
}

func (v validator) protocol(path []any, p *corev1.Protocol) reach.Protocol {
	if p == nil {
		return reach.TCP // the API's default
	}
	switch *p {
	case corev1.ProtocolTCP:
		return reach.TCP
	case corev1.ProtocolUDP:
		return reach.UDP
	case corev1.ProtocolSCTP:
		return reach.SCTP
	}
	v.fail(path, "protocol %q is not known: write TCP, UDP or SCTP", *p)
	return 0
}

func (v validator) selector(path []any, s *metav1.LabelSelector) reach.Selector {
	var problems []string
	for _, err := range metavalidation.ValidateLabelSelector(s, metavalidation.LabelSelectorValidationOptions{}, nil) {
		problems = append(problems, strings.TrimPrefix(err.Error(), "<nil>: "))
	}
	sort.Strings(problems) // labels come out of a map
	for _, problem := range slices.Compact(problems) {
		v.fail(path, "%s", problem)
	}
	var result reach.Selector
	for key, value := range s.MatchLabels {
		result = append(result, reach.Requirement{Key: key, Operator: reach.In, Values: []string{value}})
	}
	sort.Slice(result, func(i, j int) bool { return result[i].Key < result[j].Key })
	for _, e := range s.MatchExpressions {
		result = append(result, reach.Requirement{Key: e.Key, Operator: operator(e.Operator), Values: e.Values})
	}
	return result
}

func operator(op metav1.LabelSelectorOperator) reach.Operator {
	switch op {
	case metav1.LabelSelectorOpIn:
		return reach.In
	case metav1.LabelSelectorOpNotIn:
		return reach.NotIn
	case metav1.LabelSelectorOpExists:
		return reach.Exists
	case metav1.LabelSelectorOpDoesNotExist:
		return reach.DoesNotExist
	}
	return 0 // refused by ValidateLabelSelector
}

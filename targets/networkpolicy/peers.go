package networkpolicy

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/hcl/v2"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// The cluster's resolver, as kubeadm and the managed services label it.
const (
	resolverNamespace = "kube-system"
	resolverLabel     = "k8s-app"
	resolverName      = "kube-dns"
)

// namespaceName is the label that the API server sets on namespaces (Kubernetes 1.22).
const namespaceName = "kubernetes.io/metadata.name"

// everywhere are all addresses.
var everywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// peer is one element of from or to: pods, or a block of addresses.
type peer struct {
	pods  *pods
	block netip.Prefix
	cuts  []cut // of block, in order
}

// pods are pods of some namespaces with some labels.
type pods struct {
	namespaces  []string // none: all
	butResolver bool     // the namespaces are all but the resolver's
	labels      map[string]string
	notResolver bool // pods that are not the resolver's
}

// cut is a part of a block that a control keeps out.
type cut struct {
	prefix  netip.Prefix
	control control.ID
	at      hcl.Range
}

// peersOf says how an end of a flow is named in the policies of a container's
// pod, which is at the other end. None: it cannot be, or a control of the pod
// leaves nothing of it. An empty list must never be emitted: it means everyone.
func peersOf(p *policy.Policy, c *policy.Container, end policy.End, egress bool) []peer {
	if w := end.Workload; w != nil {
		if onHostNetwork(w) {
			return nil
		}
		return []peer{{pods: &pods{namespaces: namespaces(p), labels: w.Match}}}
	}
	internet := c.Enforced(control.Internet)
	switch end.Peer.Kind {
	case policy.PeerPods:
		return []peer{{pods: podsOf(end.Peer)}}
	case policy.PeerScope:
		return []peer{{pods: &pods{namespaces: namespaces(p)}}}
	case policy.PeerCIDRs:
		cidrs := prefixes(end.Peer.CIDRs)
		if internet.Text == control.Deny {
			cidrs = slices.DeleteFunc(cidrs, func(cidr netip.Prefix) bool { return !isPrivate(cidr) })
		}
		return blocks(cidrs, cutsOf(p, c, egress))
	case policy.PeerInternet:
		if internet.Text == control.Deny {
			return nil
		}
		return blocks(everywhere, append(cutsOf(p, c, egress), privateCuts(c, end.Range)...))
	case policy.PeerKubernetesAPI:
		if c.Enforced(control.KubernetesAPI).Text == control.Deny {
			return nil
		}
		return blocks(prefixes(p.Platform.APIServer), metadataCuts(c, egress))
	}
	return nil // host names
}

func podsOf(p *policy.Peer) *pods {
	result := &pods{labels: p.Labels}
	if !slices.Contains(p.Namespaces, "*") {
		result.namespaces = p.Namespaces
	}
	return result
}

func namespaces(p *policy.Policy) []string {
	names := make([]string, len(p.Namespaces))
	for i, it := range p.Namespaces {
		names[i] = it.Key
	}
	return names
}

// prefixes reads CIDRs that the language has checked. One that it has not is left
// out, which closes. IPv4 written as IPv6 becomes IPv4: what controls keep out
// of it would not be found in it otherwise.
func prefixes(texts []string) []netip.Prefix {
	var result []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		if prefix = prefix.Masked(); prefix.Addr().Is4In6() {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		result = append(result, prefix)
	}
	return result
}

func isPrivate(cidr netip.Prefix) bool {
	return slices.ContainsFunc(policy.PrivateNetworks(), func(in netip.Prefix) bool { return contains(in, cidr) })
}

func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// cutsOf are what the controls of a container's pod keep out of every block of addresses.
func cutsOf(p *policy.Policy, c *policy.Container, egress bool) []cut {
	cuts := metadataCuts(c, egress)
	if api := c.Enforced(control.KubernetesAPI); api.Text != control.Allow {
		for _, prefix := range prefixes(p.Platform.APIServer) {
			cuts = append(cuts, cut{prefix: prefix, control: control.KubernetesAPI, at: api.Range})
		}
	}
	return cuts
}

func metadataCuts(c *policy.Container, egress bool) []cut {
	metadata := c.Enforced(control.Metadata)
	if !egress || metadata.Text == control.Allow {
		return nil
	}
	var cuts []cut
	for _, prefix := range policy.MetadataAddresses() {
		cuts = append(cuts, cut{prefix: prefix, control: control.Metadata, at: metadata.Range})
	}
	return cuts
}

// privateCuts are what is no part of peer.internet. What refuses it is the
// default, or where that allows, the control of the internet.
func privateCuts(c *policy.Container, at hcl.Range) []cut {
	ctrl := control.Internet
	if c.Enforced(control.NetworkDefault).Text == control.Deny {
		ctrl = control.NetworkDefault
	}
	var cuts []cut
	for _, prefix := range slices.Concat(policy.PrivateNetworks(), policy.TranslatedNetworks()) {
		cuts = append(cuts, cut{prefix: prefix, control: ctrl, at: at})
	}
	return cuts
}

// blocks takes the cuts out of the prefixes. A prefix of which nothing is left is
// left out: an exception must lie strictly within its block.
func blocks(list []netip.Prefix, cuts []cut) []peer {
	slices.SortStableFunc(cuts, func(a, b cut) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	cuts = slices.CompactFunc(cuts, func(a, b cut) bool { return a.prefix == b.prefix })
	var result []peer
	for _, prefix := range list {
		if slices.ContainsFunc(cuts, func(c cut) bool { return contains(c.prefix, prefix) }) {
			continue
		}
		p := peer{block: prefix}
		for _, c := range cuts {
			if contains(prefix, c.prefix) {
				p.cuts = append(p.cuts, c)
			}
		}
		result = append(result, p)
	}
	return result
}

// withoutResolver splits pods into those that are not the cluster's resolver and
// those that are; either may be nil.
func (p *pods) withoutResolver() (others []*pods, resolver *pods) {
	if name, fixed := p.labels[resolverLabel]; fixed && name != resolverName {
		return []*pods{p}, nil
	}
	if len(p.namespaces) > 0 && !slices.Contains(p.namespaces, resolverNamespace) {
		return []*pods{p}, nil
	}
	elsewhere := &pods{labels: p.labels, butResolver: true}
	if len(p.namespaces) > 0 {
		rest := slices.DeleteFunc(slices.Clone(p.namespaces), func(ns string) bool { return ns == resolverNamespace })
		elsewhere = &pods{labels: p.labels, namespaces: rest}
	}
	if elsewhere.butResolver || len(elsewhere.namespaces) > 0 {
		others = append(others, elsewhere)
	}
	if _, fixed := p.labels[resolverLabel]; !fixed {
		others = append(others, &pods{namespaces: []string{resolverNamespace}, labels: p.labels, notResolver: true})
	}
	labels := maps.Clone(p.labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[resolverLabel] = resolverName
	return others, &pods{namespaces: []string{resolverNamespace}, labels: labels}
}

// render gives the peer as the API has it, in a policy of a namespace.
func (p peer) render(namespace string) networkingv1.NetworkPolicyPeer {
	if p.pods == nil {
		block := &networkingv1.IPBlock{CIDR: p.block.String()}
		for _, c := range p.cuts {
			block.Except = append(block.Except, c.prefix.String())
		}
		return networkingv1.NetworkPolicyPeer{IPBlock: block}
	}
	result := networkingv1.NetworkPolicyPeer{NamespaceSelector: p.pods.namespaceSelector(namespace)}
	if len(p.pods.labels) > 0 || p.pods.notResolver || result.NamespaceSelector == nil {
		result.PodSelector = &metav1.LabelSelector{MatchLabels: p.pods.labels}
	}
	if p.pods.notResolver {
		result.PodSelector.MatchExpressions = []metav1.LabelSelectorRequirement{
			{Key: resolverLabel, Operator: metav1.LabelSelectorOpNotIn, Values: []string{resolverName}},
		}
	}
	return result
}

// namespaceSelector is nil where the pods are those of the policy's own namespace.
func (p *pods) namespaceSelector(own string) *metav1.LabelSelector {
	requirement := metav1.LabelSelectorRequirement{Key: namespaceName, Operator: metav1.LabelSelectorOpIn, Values: p.namespaces}
	switch {
	case p.butResolver:
		requirement.Operator, requirement.Values = metav1.LabelSelectorOpNotIn, []string{resolverNamespace}
	case len(p.namespaces) == 0:
		return &metav1.LabelSelector{}
	case len(p.namespaces) == 1 && p.namespaces[0] == own:
		return nil
	case len(p.namespaces) == 1:
		return &metav1.LabelSelector{MatchLabels: map[string]string{namespaceName: p.namespaces[0]}}
	}
	return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{requirement}}
}

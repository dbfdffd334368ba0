package flow

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// The cluster's resolver: the pods of this namespace with this label, as kubeadm
// and the managed services install it.
const (
	ResolverNamespace = "kube-system"
	ResolverLabel     = "k8s-app"
	ResolverName      = "kube-dns"
)

// everywhere are all addresses.
var everywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// Peer is what a rule allows connections with: pods, or a block of addresses.
type Peer struct {
	Pods *Pods // nil: Block
	// Block and Except are addresses: those of the block without the exceptions,
	// which lie strictly within it and are sorted.
	Block  netip.Prefix
	Except []Exception
}

// Pods are pods of some namespaces with some labels.
type Pods struct {
	Namespaces               []string // none: all
	OutsideResolverNamespace bool     // the namespaces are all but ResolverNamespace
	Labels                   map[string]string
	NotResolver              bool // only pods that are not the cluster's resolver
}

// Exception is a part of a block that a control refuses.
type Exception struct {
	Prefix  netip.Prefix
	Control control.ID
	At      hcl.Range // where the control is set
}

// peersOf gives the peers of a container's pod at the other end of a flow. None:
// rules cannot name the end, or a control of the pod refuses all of it. An empty
// list must never be printed: in most formats it means every peer.
func peersOf(p *policy.Policy, c *policy.Container, end policy.End, egress bool) []Peer {
	if w := end.Workload; w != nil {
		if OnHostNetwork(w) {
			return nil
		}
		return []Peer{{Pods: &Pods{Namespaces: Namespaces(p), Labels: w.Match}}}
	}
	internet := c.Enforced(control.Internet)
	switch end.Peer.Kind {
	case policy.PeerPods:
		return []Peer{{Pods: podsOf(end.Peer)}}
	case policy.PeerScope:
		return []Peer{{Pods: &Pods{Namespaces: Namespaces(p)}}}
	case policy.PeerCIDRs:
		cidrs := prefixes(end.Peer.CIDRs)
		if internet.Text == control.Deny {
			cidrs = slices.DeleteFunc(cidrs, func(cidr netip.Prefix) bool { return !isPrivate(cidr) })
		}
		return blocks(cidrs, exceptionsOf(p, c, egress))
	case policy.PeerInternet:
		if internet.Text == control.Deny {
			return nil
		}
		return blocks(everywhere, append(exceptionsOf(p, c, egress), privateExceptions(c, end.Range)...))
	case policy.PeerKubernetesAPI:
		if c.Enforced(control.KubernetesAPI).Text == control.Deny {
			return nil
		}
		return blocks(prefixes(platform.APIServer.Of(p.Platform)), metadataExceptions(c, egress))
	}
	return nil // host names
}

func podsOf(p *policy.Peer) *Pods {
	result := &Pods{Labels: p.Labels}
	if !slices.Contains(p.Namespaces, "*") {
		result.Namespaces = p.Namespaces
	}
	return result
}

// prefixes reads CIDRs that the language has checked. One that it has not is left
// out, which closes. IPv4 written as IPv6 becomes IPv4: what controls refuse
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

// exceptionsOf are what the controls of a container's pod refuse of every block of addresses.
func exceptionsOf(p *policy.Policy, c *policy.Container, egress bool) []Exception {
	except := metadataExceptions(c, egress)
	if api := c.Enforced(control.KubernetesAPI); api.Text != control.Allow {
		for _, prefix := range prefixes(platform.APIServer.Of(p.Platform)) {
			except = append(except, Exception{Prefix: prefix, Control: control.KubernetesAPI, At: api.Range})
		}
	}
	return except
}

func metadataExceptions(c *policy.Container, egress bool) []Exception {
	metadata := c.Enforced(control.Metadata)
	if !egress || metadata.Text == control.Allow {
		return nil
	}
	var except []Exception
	for _, prefix := range policy.MetadataAddresses() {
		except = append(except, Exception{Prefix: prefix, Control: control.Metadata, At: metadata.Range})
	}
	return except
}

// privateExceptions are what is no part of peer.internet. What refuses it is the
// default, or where that allows, the control of the internet.
func privateExceptions(c *policy.Container, at hcl.Range) []Exception {
	ctrl := control.Internet
	if c.Enforced(control.NetworkDefault).Text == control.Deny {
		ctrl = control.NetworkDefault
	}
	var except []Exception
	for _, prefix := range slices.Concat(policy.PrivateNetworks(), policy.TranslatedNetworks()) {
		except = append(except, Exception{Prefix: prefix, Control: ctrl, At: at})
	}
	return except
}

// blocks takes the exceptions out of the prefixes. A prefix of which nothing is left is
// left out: an exception must lie strictly within its block.
func blocks(list []netip.Prefix, except []Exception) []Peer {
	slices.SortStableFunc(except, func(a, b Exception) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()))
	})
	except = slices.CompactFunc(except, func(a, b Exception) bool { return a.Prefix == b.Prefix })
	var result []Peer
	for _, prefix := range list {
		if slices.ContainsFunc(except, func(c Exception) bool { return contains(c.Prefix, prefix) }) {
			continue
		}
		p := Peer{Block: prefix}
		for _, c := range except {
			if contains(prefix, c.Prefix) {
				p.Except = append(p.Except, c)
			}
		}
		result = append(result, p)
	}
	return result
}

// withoutResolver splits pods into those that are not the cluster's resolver and
// those that are; either may be nil.
func (p *Pods) withoutResolver() (others []*Pods, resolver *Pods) {
	if name, fixed := p.Labels[ResolverLabel]; fixed && name != ResolverName {
		return []*Pods{p}, nil
	}
	if len(p.Namespaces) > 0 && !slices.Contains(p.Namespaces, ResolverNamespace) {
		return []*Pods{p}, nil
	}
	elsewhere := &Pods{Labels: p.Labels, OutsideResolverNamespace: true}
	if len(p.Namespaces) > 0 {
		rest := slices.DeleteFunc(slices.Clone(p.Namespaces), func(ns string) bool { return ns == ResolverNamespace })
		elsewhere = &Pods{Labels: p.Labels, Namespaces: rest}
	}
	if elsewhere.OutsideResolverNamespace || len(elsewhere.Namespaces) > 0 {
		others = append(others, elsewhere)
	}
	if _, fixed := p.Labels[ResolverLabel]; !fixed {
		others = append(others, &Pods{Namespaces: []string{ResolverNamespace}, Labels: p.Labels, NotResolver: true})
	}
	labels := maps.Clone(p.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[ResolverLabel] = ResolverName
	return others, &Pods{Namespaces: []string{ResolverNamespace}, Labels: labels}
}

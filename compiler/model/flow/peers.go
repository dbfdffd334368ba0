package flow

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
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
			hosts := p.Platform.Hosts()
			cidrs = slices.DeleteFunc(cidrs, func(cidr netip.Prefix) bool { return !address.Within(cidr, hosts) })
		}
		return blocks(cidrs, append(exceptionsOf(p, c, egress), ownExceptions(c, end, egress)...))
	case policy.PeerInternet:
		if internet.Text == control.Deny {
			return nil
		}
		return blocks(everywhere, append(exceptionsOf(p, c, egress), leftOut(c, p.Platform.NotInternet(), end.Range, egress)...))
	case policy.PeerAny:
		list := everywhere
		if internet.Text == control.Deny {
			list = p.Platform.Hosts()
		}
		return append([]Peer{{Pods: &Pods{}}}, blocks(list, exceptionsOf(p, c, egress))...)
	case policy.PeerKubernetesAPI:
		if egress && c.Enforced(control.KubernetesAPI).Text == control.Deny {
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

func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// exceptionsOf are what the controls of a container's pod refuse of every block of addresses. Those about where pods connect to do not
// refuse what connects from there: API servers call webhooks.
func exceptionsOf(p *policy.Policy, c *policy.Container, egress bool) []Exception {
	except := metadataExceptions(c, egress)
	if api := c.Enforced(control.KubernetesAPI); egress && api.Text != control.Allow {
		for _, prefix := range prefixes(platform.APIServer.Of(p.Platform)) {
			except = append(except, Exception{Prefix: prefix, Control: control.KubernetesAPI, At: api.Range})
		}
	}
	if dns := c.Enforced(control.NetworkDNS); egress && !dns.Bool {
		for _, resolver := range platform.Networks.Of(p.Platform).DNS {
			except = append(except, Exception{Prefix: netip.PrefixFrom(resolver.Addr(), resolver.Addr().BitLen()), Control: control.NetworkDNS, At: dns.Range})
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
	for _, prefix := range address.Metadata() {
		except = append(except, Exception{Prefix: prefix, Control: control.Metadata, At: metadata.Range})
	}
	return except
}

// ownExceptions are the networks that a peer itself leaves out.
func ownExceptions(c *policy.Container, end policy.End, egress bool) []Exception {
	return leftOut(c, prefixes(end.Peer.Except), end.Peer.Range, egress)
}

// leftOut are blocks that a flow's end does not mean. What refuses them is the
// default, or where that allows, the control of the internet.
func leftOut(c *policy.Container, blocks []netip.Prefix, at hcl.Range, egress bool) []Exception {
	ctrl := control.Internet
	if byDefault, source := defaultOf(c, egress); byDefault.Text == control.Deny {
		ctrl = source
	}
	var except []Exception
	for _, prefix := range blocks {
		except = append(except, Exception{Prefix: prefix, Control: ctrl, At: at})
	}
	return except
}

// blocks takes the exceptions out of the prefixes. A prefix of which nothing is left is
// left out: an exception must lie strictly within its block. Link-local addresses are
// refused as a whole, but not where the prefix is a part of them: it is then named on
// purpose, and the known services alone are refused.
func blocks(list []netip.Prefix, except []Exception) []Peer {
	slices.SortStableFunc(except, func(a, b Exception) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()))
	})
	except = slices.CompactFunc(except, func(a, b Exception) bool { return a.Prefix == b.Prefix })
	var result []Peer
	for _, prefix := range list {
		if slices.ContainsFunc(except, func(c Exception) bool { return contains(c.Prefix, prefix) && !namedWithin(prefix, c) }) {
			continue
		}
		p := Peer{Block: prefix}
		for _, c := range except {
			said := func(wider Exception) bool { return wider.Control == c.Control && contains(wider.Prefix, c.Prefix) }
			if contains(prefix, c.Prefix) && !slices.ContainsFunc(p.Except, said) {
				p.Except = append(p.Except, c)
			}
		}
		result = append(result, p)
	}
	return result
}

// namedWithin reports whether a prefix is a part of a link-local block that an exception keeps out as a whole.
func namedWithin(prefix netip.Prefix, c Exception) bool {
	return c.Control == control.Metadata && c.Prefix != prefix && slices.Contains(address.With(address.LinkLocal), c.Prefix)
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

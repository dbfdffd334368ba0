package platform

import (
	"net/netip"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// ClusterNetworks are the addresses of a cluster, as far as they are stated.
type ClusterNetworks struct {
	Pods, Services, Nodes []netip.Prefix
	DNS                   []netip.AddrPort // resolvers that pods ask, beside those that are pods
}

// All lists the networks of pods, services and nodes.
func (n ClusterNetworks) All() []netip.Prefix { return slices.Concat(n.Pods, n.Services, n.Nodes) }

// Networks are the networks of the cluster. What is in them is not the internet, whatever the addresses are. They add up.
var Networks = &Fact[ClusterNetworks]{
	Name:   "networks",
	Doc:    "A block with the cluster's networks: `pods`, `services` and `nodes`, lists of CIDRs, which are then no part of `peer.internet`; and `dns`, resolvers that pods ask, each with its port, such as `[\"169.254.20.10:53\"]`. Those of extended policies add up.",
	Fields: []string{"pods", "services", "nodes", "dns"},
	Read: func(r Reader) (ClusterNetworks, bool) {
		var out ClusterNetworks
		lists := r.Lists("What networks gives a kind of network", "A network")
		for _, l := range lists {
			l.Each(func(it control.Item) { out.add(r, l.Name.Key, it) })
		}
		return out, len(lists) > 0
	},
	Combine: func(above, below ClusterNetworks) ClusterNetworks {
		return ClusterNetworks{
			Pods: union(above.Pods, below.Pods), Services: union(above.Services, below.Services), Nodes: union(above.Nodes, below.Nodes),
			DNS: union(above.DNS, below.DNS),
		}
	},
}

// add reads one element of one of the lists.
func (n *ClusterNetworks) add(r Reader, list string, it control.Item) {
	if list == "dns" {
		resolver, err := netip.ParseAddrPort(it.Key)
		if err != nil || resolver.Port() == 0 || resolver.Addr().Zone() != "" || resolver.Addr().Is4In6() {
			r.Error(it.Range, "Not a resolver", "A resolver is an address and a port, such as \"169.254.20.10:53\" or \"[fd00::10]:53\"; %q is not.", it.Key)
			return
		}
		n.DNS = union(n.DNS, []netip.AddrPort{resolver})
		return
	}
	text, problem := ParseNetwork(it.Key)
	if problem != "" {
		r.Error(it.Range, "Not a network", "%s", problem)
		return
	}
	network := netip.MustParsePrefix(text)
	if network.Bits() == 0 || network.Addr().Is4In6() {
		r.Error(it.Range, "Not a network of a cluster", "%s is not the network of a cluster. State the CIDRs that the cluster numbers its %s from, such as \"10.244.0.0/16\".", it.Key, list)
		return
	}
	into := map[string]*[]netip.Prefix{"pods": &n.Pods, "services": &n.Services, "nodes": &n.Nodes}[list]
	*into = union(*into, []netip.Prefix{network})
}

func union[T comparable](above, below []T) []T {
	out := slices.Clip(above)
	for _, v := range below {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// NotInternet lists what is no address of the internet: blocks with a special purpose, and the cluster's networks.
func (f Facts) NotInternet() []netip.Prefix {
	return f.withNetworks(address.NotInternet())
}

// Hosts lists the blocks, other than the internet, in which hosts have addresses: private ones, and the cluster's networks.
func (f Facts) Hosts() []netip.Prefix { return f.withNetworks(address.Hosts()) }

func (f Facts) withNetworks(blocks []netip.Prefix) []netip.Prefix {
	for _, n := range Networks.Of(f).All() {
		if !address.Within(n, blocks) {
			blocks = append(blocks, n)
		}
	}
	return blocks
}

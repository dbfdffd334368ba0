package falco

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// contactTypes name the other end of a connection, or send to it without one;
// fd.sip and fd.sport are the server's.
var contactTypes = []string{"connect", "sendmmsg", "sendmsg", "sendto"}

func watchMetadata(*policy.Policy, *policy.Container, *control.Control) watch {
	var addresses []string
	for _, s := range address.MetadataServices() { // no networks: nodes offer more than metadata on link-local addresses
		addresses = append(addresses, s.Address.String())
	}
	return watch{clauses: []clause{{contactTypes, "fd.sip in " + list(addresses)}}}
}

func watchDNS(*policy.Policy, *policy.Container, *control.Control) watch {
	return watch{
		clauses: []clause{{contactTypes, "fd.sport = 53"}},
		gap:     "names that are asked for over HTTPS or TLS look like any connection",
	}
}

// watchKubernetesAPI watches contact with the API server by workloads that no flow
// leads there.
func watchKubernetesAPI(p *policy.Policy, c *policy.Container, _ *control.Control) watch {
	if leadsTo(p, c, policy.PeerKubernetesAPI) {
		return watch{}
	}
	if len(platform.APIServer.Of(p.Platform)) == 0 {
		return watch{gap: "platform does not state the addresses of the API server"}
	}
	networks := make([]string, len(platform.APIServer.Of(p.Platform)))
	for i, cidr := range platform.APIServer.Of(p.Platform) {
		networks[i] = cidr
		if a, err := netip.ParseAddr(cidr); err == nil {
			networks[i] = netip.PrefixFrom(a, a.BitLen()).String()
		}
	}
	return watch{clauses: []clause{{contactTypes, "fd.snet in " + list(networks)}}}
}

// notInternet lists the networks contact with which is none with the internet. Addresses that stand for IPv4 addresses are none of
// them: they may lead there.
func notInternet(p *policy.Policy) []string {
	var out []string
	for _, n := range slices.Concat(p.Platform.Hosts(), address.With(address.Reserved)) {
		out = append(out, n.String())
	}
	return out
}

// watchInternet watches contact with public addresses that no flow leads to.
func watchInternet(p *policy.Policy, c *policy.Container, _ *control.Control) watch {
	networks := notInternet(p)
	var peers []*policy.Peer
	for _, f := range flowsFrom(p, c.Workload) {
		for _, end := range f.To {
			if end.Peer == nil {
				continue
			}
			switch end.Peer.Kind {
			case policy.PeerInternet, policy.PeerAny:
				return watch{}
			case policy.PeerHosts:
				return watch{gap: "the flow " + f.Name + " leads to hosts by name, whose addresses are not known"}
			case policy.PeerCIDRs:
				peers = append(peers, end.Peer)
			}
		}
	}
	networks = append(networks, platform.APIServer.Of(p.Platform)...)
	left := leftOut(peers, networks)
	for _, peer := range peers {
		networks = append(networks, peer.CIDRs...)
	}
	for i, cidr := range networks {
		if a, err := netip.ParseAddr(cidr); err == nil {
			networks[i] = netip.PrefixFrom(a, a.BitLen()).String()
		}
	}
	slices.Sort(networks)
	w := watch{clauses: []clause{{contactTypes, "fd.sip exists and not fd.snet in " + list(slices.Compact(networks))}}}
	if len(left) > 0 {
		w.clauses = append(w.clauses, clause{contactTypes, "fd.snet in " + list(left)})
	}
	return w
}

// leftOut lists what peers leave out of their networks, and neither another peer nor one of the others leads to.
func leftOut(peers []*policy.Peer, others []string) []string {
	var out []string
	for i, peer := range peers {
		open := slices.Clone(others)
		for j, other := range peers {
			if j != i {
				open = append(open, other.CIDRs...)
			}
		}
		for _, network := range peer.Except {
			if !address.Within(netip.MustParsePrefix(network), prefixes(open)) {
				out = append(out, network)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func prefixes(networks []string) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		if p, err := netip.ParsePrefix(n); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// nodePorts are ports of the services that control a node or a cluster: Docker
// without and with TLS, etcd, kubelet, kubelet without authentication. They are
// reached on the node's address, which network policies of most kinds let through.
var nodePorts = []int{2375, 2376, 2379, 2380, 10250, 10255}

// watchNodeServices watches contact with these ports, where no flow states them.
func watchNodeServices(p *policy.Policy, c *policy.Container, _ *control.Control) watch {
	stated := map[int]bool{}
	for _, f := range flowsFrom(p, c.Workload) {
		for _, port := range f.Ports {
			for _, n := range nodePorts {
				stated[n] = stated[n] || port.From <= n && n <= port.To
			}
		}
	}
	var ports []string
	for _, n := range nodePorts {
		if !stated[n] {
			ports = append(ports, strconv.Itoa(n))
		}
	}
	if len(ports) == 0 {
		return watch{}
	}
	return watch{
		clauses: []clause{{contactTypes, "fd.sport in " + words(ports)}},
		gap:     "events hold addresses and not pods: of what no flow states, only the services that control nodes are known by their ports",
	}
}

// flowsFrom are the flows that start at a workload, or at every pod of the policy.
func flowsFrom(p *policy.Policy, w *policy.Workload) []*policy.Flow {
	starts := policy.Derived(p, startsKey{}, func() map[string][]int { return flowStarts(p) })
	from := slices.Concat(starts[w.Name], starts[everyPod])
	slices.Sort(from)
	var out []*policy.Flow
	for _, i := range slices.Compact(from) {
		out = append(out, p.Flows[i])
	}
	return out
}

type startsKey struct{}

// everyPod is no name of a workload.
const everyPod = "*"

// flowStarts gives the indexes of the flows that start at each workload, by its name, and at every pod.
func flowStarts(p *policy.Policy) map[string][]int {
	starts := map[string][]int{}
	for i, f := range p.Flows {
		for _, e := range f.From {
			switch {
			case e.Workload != nil:
				starts[e.Workload.Name] = append(starts[e.Workload.Name], i)
			case e.Peer != nil && e.Peer.Kind == policy.PeerScope:
				starts[everyPod] = append(starts[everyPod], i)
			}
		}
	}
	return starts
}

func leadsTo(p *policy.Policy, c *policy.Container, kind policy.PeerKind) bool {
	return slices.ContainsFunc(flowsFrom(p, c.Workload), func(f *policy.Flow) bool {
		return slices.ContainsFunc(f.To, func(e policy.End) bool { return e.Peer != nil && e.Peer.Kind == kind })
	})
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

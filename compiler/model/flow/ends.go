package flow

import (
	"net/netip"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Namespaces are the names of the policy's namespaces, in its order.
func Namespaces(p *policy.Policy) []string {
	names := make([]string, len(p.Namespaces))
	for i, it := range p.Namespaces {
		names[i] = it.Key
	}
	return names
}

// OnHostNetwork reports whether the workload's pods are in the node's network
// namespace, where network policies select no pod.
func OnHostNetwork(w *policy.Workload) bool {
	return w.Container(policy.AnyContainer).Enforced(control.HostNetwork).Bool
}

// Managed reports whether an end of a flow is pods of the policy. Only a managed
// end is isolated; at the other end the flow is for others to enforce.
func Managed(end policy.End) bool {
	return end.Workload != nil || end.Peer.Kind == policy.PeerScope
}

// OpensAPIServer finds a flow that opens, for the pods of a workload, addresses
// that may be the API server's, where the platform states none. The range is that
// of the flow's end. Link-local addresses and others that no server is reached at
// from another host are none of them.
func OpensAPIServer(p *policy.Policy, w *policy.Workload) (hcl.Range, bool) {
	anyPort := func(control.Port) bool { return true }
	return opens(p, w, anyPort, func(peer *policy.Peer) bool {
		return everyone(peer) || peer.Kind == policy.PeerCIDRs && slices.ContainsFunc(prefixes(peer.CIDRs), mayServe)
	})
}

// OpensResolver finds a flow that opens, for the pods of a workload, port 53 of
// addresses that may be the cluster resolver's. The range is that of the flow's
// end.
func OpensResolver(p *policy.Policy, w *policy.Workload) (hcl.Range, bool) {
	return opens(p, w, isDNS, func(peer *policy.Peer) bool {
		return peer.Kind == policy.PeerAny || peer.Kind == policy.PeerCIDRs && address.Overlaps(prefixes(peer.CIDRs), mayResolve(p))
	})
}

// opens finds a flow from the workload, on certain ports, to a certain peer.
func opens(p *policy.Policy, w *policy.Workload, port func(control.Port) bool, to func(*policy.Peer) bool) (hcl.Range, bool) {
	for _, f := range p.Flows {
		if !touches(f.From, w) || !slices.ContainsFunc(f.Ports, port) {
			continue
		}
		for _, end := range f.To {
			if end.Peer != nil && to(end.Peer) {
				return end.Range, true
			}
		}
	}
	return hcl.Range{}, false
}

func everyone(peer *policy.Peer) bool {
	return peer.Kind == policy.PeerInternet || peer.Kind == policy.PeerAny
}

// mayServe reports whether a block has addresses that an API server may have.
func mayServe(block netip.Prefix) bool {
	return !address.Within(block, address.With(address.LinkLocal, address.Loopback, address.Reserved))
}

// mayResolve are the blocks in which the cluster's resolver may be.
func mayResolve(p *policy.Policy) []netip.Prefix {
	return append(p.Platform.Hosts(), address.With(address.Translated)...)
}

// ClosedEnd finds an end of which controls of the pods at the other end refuse
// everything.
func ClosedEnd(p *policy.Policy, f *policy.Flow) (hcl.Range, bool) {
	for _, side := range []struct {
		own, other []policy.End
		egress     bool
	}{{f.From, f.To, true}, {f.To, f.From, false}} {
		for _, own := range side.own {
			if own.Workload == nil {
				continue
			}
			c := own.Workload.Container(policy.AnyContainer)
			for _, other := range side.other {
				if len(peersOf(p, c, other, side.egress)) == 0 {
					return other.Range, true
				}
			}
		}
	}
	return hcl.Range{}, false
}

// NamedPortOutside finds an end that is addressed by the name of a port and is no
// pod, and that name. It is empty where there is none.
func NamedPortOutside(f *policy.Flow) (policy.End, string) {
	for _, end := range f.To {
		if end.Workload != nil || end.Peer.Kind == policy.PeerPods || end.Peer.Kind == policy.PeerScope {
			continue
		}
		for _, port := range f.Ports {
			if port.Name != "" {
				return end, port.Name
			}
		}
	}
	return policy.End{}, ""
}

// touches reports whether one of the ends is the workload.
func touches(ends []policy.End, w *policy.Workload) bool {
	for _, end := range ends {
		if end.Workload != nil && end.Workload.Name == w.Name || end.Peer != nil && end.Peer.Kind == policy.PeerScope {
			return true
		}
	}
	return false
}

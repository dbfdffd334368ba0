package policy

import (
	"cmp"
	"net/netip"
	"slices"
)

// flows resolves the ends of flows and holds them to what the workloads' values
// say of where they may connect.
func (r *resolver) flows() {
	for _, b := range r.level.flows {
		f := &Flow{Name: b.Name, Range: b.Range, From: r.ends(b.From), To: r.ends(b.To), Ports: b.Ports}
		r.flowHolds(f)
		r.policy.Flows = append(r.policy.Flows, f)
	}
	slices.SortStableFunc(r.policy.Flows, func(a, b *Flow) int { return cmp.Compare(a.Name, b.Name) })
}

func (r *resolver) ends(refs []EndRef) []End {
	var out []End
	for _, ref := range refs {
		end := End{Peer: ref.Peer, Range: ref.Range}
		if ref.Workload != "" {
			end.Workload, _ = r.policy.Workload(ref.Workload)
		}
		out = append(out, end)
	}
	return out
}

// flowHolds refuses a flow that neither end of which is ours, and one that goes
// where a workload's own value says that no flow may go.
func (r *resolver) flowHolds(f *Flow) {
	ours := func(e End) bool { return e.Workload != nil || e.Peer != nil && e.Peer.Kind == PeerScope }
	if !slices.ContainsFunc(f.From, ours) && !slices.ContainsFunc(f.To, ours) {
		r.errorAt(f.Range, "Flow between strangers", "The flow %q has neither a workload nor peer.scope at an end, so this policy holds no end of it. Name a workload, or leave the flow to whom it belongs.", f.Name)
	}
	for _, side := range [][2][]End{{f.From, f.To}, {f.To, f.From}} {
		for _, us := range side[0] {
			if us.Workload == nil {
				continue
			}
			for _, them := range side[1] {
				r.endHolds(f, us.Workload, them)
			}
		}
	}
}

func (r *resolver) endHolds(f *Flow, w *Workload, them End) {
	if them.Peer == nil {
		return
	}
	settings := w.Container(AnyContainer).Settings
	for _, id := range them.Peer.decidedBy() {
		if s := settings[id]; s.Text == Deny {
			r.errorAt(them.Range, "Flow against the policy", "The flow %q connects the workload %q with %s, and %s is \"deny\" for it (%s). Set it to \"flows\", or drop the flow.",
				f.Name, w.Name, them.Peer.Name, id, where(s.Range))
		}
	}
}

// decidedBy lists the controls that say whether a peer may be in a flow at all.
func (p *Peer) decidedBy() []ID {
	switch p.Kind {
	case PeerInternet, PeerHosts:
		return []ID{Internet}
	case PeerKubernetesAPI:
		return []ID{KubernetesAPI}
	case PeerCIDRs:
		if slices.ContainsFunc(p.CIDRs, isPublic) {
			return []ID{Internet}
		}
	}
	return nil
}

// Private are the networks that are not the internet: RFC 1918, RFC 6598 (shared
// by carriers), link-local (RFC 3927, RFC 4291), unique local (RFC 4193) and
// loopback.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
}

// PrivateNetworks lists the networks that peer.internet leaves out.
func PrivateNetworks() []netip.Prefix { return slices.Clone(private) }

func isPublic(cidr string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && !slices.ContainsFunc(private, func(in netip.Prefix) bool {
		return in.Bits() <= p.Bits() && in.Contains(p.Addr())
	})
}

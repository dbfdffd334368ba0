package policy

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// flows resolves the ends of flows and holds them to what the workloads' values
// say of where they may connect.
func (r *resolver) flows() {
	for _, b := range r.level.flows {
		f := &Flow{Name: b.Name, Range: b.Range, From: r.ends(b.From), To: r.ends(b.To), Ports: b.Ports}
		r.flowHolds(f)
		r.portsKnown(f)
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

// flowHolds refuses a flow without a managed endpoint, and one that goes
// where a workload's own value says that no flow may go.
func (r *resolver) flowHolds(f *Flow) {
	ours := func(e End) bool { return e.Workload != nil || e.Peer != nil && e.Peer.Kind == PeerScope }
	if !slices.ContainsFunc(f.From, ours) && !slices.ContainsFunc(f.To, ours) {
		r.errorAt(f.Range, "Flow has no managed endpoint", "Neither end of the flow %q is a workload of this policy or peer.scope, so nothing can enforce it. Name a workload at one end, or remove the flow.", f.Name)
	}
	for _, side := range []struct {
		us, them []End
		egress   bool
	}{{f.From, f.To, true}, {f.To, f.From, false}} {
		for _, us := range side.us {
			for _, them := range side.them {
				r.endHolds(f, us, them, side.egress)
			}
		}
	}
}

// portsKnown refuses the name of a port that a workload at the flow's end does not
// have, where it states which it has.
func (r *resolver) portsKnown(f *Flow) {
	for _, end := range f.To {
		if end.Workload == nil || end.Workload.Ports == nil {
			continue
		}
		names := slices.Sorted(maps.Keys(end.Workload.Ports))
		for _, port := range f.Ports {
			if port.Name == "" {
				continue
			}
			meant, ok := end.Workload.Ports[port.Name]
			switch {
			case !ok:
				hint := ""
				if nearest := hcltext.Nearest(port.Name, names); nearest != "" {
					hint = fmt.Sprintf(" Did you mean %q?", nearest)
				}
				r.errorAt(f.Range, "Unknown port", "The flow %q leads to the port %q of the workload %q, which has no such port.%s It states: %s.",
					f.Name, port.Name, end.Workload.Name, hint, strings.Join(names, ", "))
			case meant.Protocol != "tcp": // a name is of TCP, as the API's default has it
				r.errorAt(f.Range, "Named port of another protocol", "The flow %q leads to the port %q, and names stand for TCP ports; it is %s. Write %q in the flow.",
					f.Name, port.Name, meant, meant)
			}
		}
	}
}

// endHolds tells of the first workload at our end for which a control says that
// there is no such flow.
func (r *resolver) endHolds(f *Flow, us, them End, egress bool) {
	if them.Peer == nil {
		return
	}
	for _, id := range r.decide(them.Peer, egress) {
		for _, w := range r.atEnd(us) {
			s := w.Container(AnyContainer).Settings[id]
			if s.Text != control.Deny || s.Warn != nil || r.broken[id] {
				continue
			}
			who := "undeclared pods"
			if w.Name != "" {
				who = fmt.Sprintf("the workload %q", w.Name)
			}
			r.errorAt(them.Range, "Flow against the policy", "The flow %q connects %s with %s, and %s is \"deny\" for it (%s). Drop the flow, or allow it there.",
				f.Name, who, them.Peer, id, hcltext.At(s.Range))
			return
		}
	}
}

// atEnd lists the workloads that an end of a flow stands for.
func (r *resolver) atEnd(e End) []*Workload {
	switch {
	case e.Workload != nil:
		return []*Workload{e.Workload}
	case e.Peer.Kind == PeerScope:
		return r.policy.workloads()
	}
	return nil
}

// String names a peer for messages.
func (p *Peer) String() string {
	if strings.HasPrefix(p.Name, "peer.") { // built in
		return p.Name
	}
	return fmt.Sprintf("the peer %q", p.Name)
}

// decide lists the controls that say whether a peer may be in a flow at all: of an API server, only whether pods connect to it.
func (r *resolver) decide(p *Peer, egress bool) []control.ID {
	switch p.Kind {
	case PeerInternet, PeerHosts, PeerAny:
		return []control.ID{control.Internet}
	case PeerKubernetesAPI:
		if !egress {
			return nil
		}
		return []control.ID{control.KubernetesAPI}
	}
	var ids []control.ID
	if slices.ContainsFunc(p.CIDRs, r.isPublic) {
		ids = append(ids, control.Internet)
	}
	if egress && slices.ContainsFunc(p.CIDRs, func(c string) bool { return inside(c, platform.APIServer.Of(r.policy.Platform)) }) {
		ids = append(ids, control.KubernetesAPI)
	}
	return ids
}

// inside reports whether a network lies within one of the others.
func inside(cidr string, outer []string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && slices.ContainsFunc(outer, func(o string) bool {
		q, err := netip.ParsePrefix(o)
		return err == nil && q.Bits() <= p.Bits() && q.Contains(p.Addr())
	})
}

// isPublic reports whether some of a network's addresses are in no block of hosts elsewhere than in the internet.
func (r *resolver) isPublic(cidr string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && !address.Within(p, r.policy.Platform.Hosts())
}

package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

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
	for _, side := range [][2][]End{{f.From, f.To}, {f.To, f.From}} {
		for _, us := range side[0] {
			for _, them := range side[1] {
				r.endHolds(f, us, them)
			}
		}
	}
}

// endHolds tells of the first workload at our end for which a control says that
// there is no such flow.
func (r *resolver) endHolds(f *Flow, us, them End) {
	if them.Peer == nil {
		return
	}
	for _, id := range r.decide(them.Peer) {
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

// decide lists the controls that say whether a peer may be in a flow at all.
func (r *resolver) decide(p *Peer) []control.ID {
	switch p.Kind {
	case PeerInternet, PeerHosts:
		return []control.ID{control.Internet}
	case PeerKubernetesAPI:
		return []control.ID{control.KubernetesAPI}
	}
	var ids []control.ID
	if slices.ContainsFunc(p.CIDRs, isPublic) {
		ids = append(ids, control.Internet)
	}
	if slices.ContainsFunc(p.CIDRs, func(c string) bool { return inside(c, platform.APIServer.Of(r.policy.Platform)) }) {
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

// private are the networks that are not the internet: RFC 1918, RFC 6598 (shared
// by carriers), link-local (RFC 3927, RFC 4291), unique local (RFC 4193) and
// loopback.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
}

// PrivateNetworks lists the networks that are not the internet.
func PrivateNetworks() []netip.Prefix { return slices.Clone(private) }

// TranslatedNetworks lists those whose addresses each stand for an IPv4 address,
// a private one as well as a public one (RFC 6052, RFC 3056): they are neither
// private nor what peer.internet means.
func TranslatedNetworks() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2002::/16")}
}

// metadataAddresses are those of the clouds' instance metadata services and of
// what hands out credentials beside them: AWS, Azure, Google and most others
// (169.254.169.254, fd00:ec2::254, fd20:ce::254), Amazon's for containers and
// pods (169.254.170.2, 169.254.170.23, fd00:ec2::23), Azure's host
// (168.63.129.16), Alibaba (100.100.100.200).
var metadataAddresses = []netip.Prefix{
	netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("169.254.169.254/32"),
	netip.MustParsePrefix("169.254.170.2/32"), netip.MustParsePrefix("169.254.170.23/32"),
	netip.MustParsePrefix("fd00:ec2::23/128"), netip.MustParsePrefix("fd00:ec2::254/128"), netip.MustParsePrefix("fd20:ce::254/128"),
}

// MetadataAddresses lists what network.metadata keeps out.
func MetadataAddresses() []netip.Prefix { return slices.Clone(metadataAddresses) }

func isPublic(cidr string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && !slices.ContainsFunc(private, func(in netip.Prefix) bool {
		return in.Bits() <= p.Bits() && in.Contains(p.Addr())
	})
}

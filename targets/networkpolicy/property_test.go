package networkpolicy_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy"
)

// place is an end of a connection, with what the policy's words say of it.
type place struct {
	end      attempt.End
	workload string // "" for no pod of the policy's
	ours     bool
	pod      bool
	resolver bool
	metadata bool
	link     bool // link-local, and no known metadata service
	api      bool
	public   bool
	// translated: it stands for an IPv4 address, private or not, or is reserved: neither private nor of the internet
	translated bool
}

// Pods have addresses that no drawn CIDR holds, so that a pod is known by its labels only.
func places() []place {
	withIP := func(e attempt.End, ip string) attempt.End { e.IP = ip; return e }
	return []place{
		{end: withIP(pod("payments", "api"), "192.168.0.1"), workload: "api", ours: true, pod: true},
		{end: withIP(pod("payments", "db"), "192.168.0.2"), workload: "db", ours: true, pod: true},
		{end: withIP(pod("payments", "jobs"), "192.168.0.3"), workload: "jobs", ours: true, pod: true},
		{end: withIP(pod("payments", "unknown"), "192.168.0.4"), ours: true, pod: true},
		{end: withIP(pod("monitoring", "prometheus"), "192.168.0.5"), pod: true},
		{end: withIP(pod("elsewhere", "api"), "192.168.0.6"), pod: true},
		{end: withIP(resolver(), "192.168.0.7"), pod: true, resolver: true},
		{end: address("169.254.169.254"), metadata: true},
		{end: address("168.63.129.16"), metadata: true, public: true},
		{end: address("fd00:ec2::254"), metadata: true},
		{end: address("169.254.169.252"), metadata: true},
		{end: address("fe80::a9fe:a9fe"), metadata: true},
		{end: address("169.254.25.10"), link: true},
		{end: address("fe80::1"), link: true},
		{end: address("240.1.2.3"), translated: true},
		{end: address("10.0.0.1"), api: true},
		{end: address("10.0.0.2")},
		{end: address("172.16.0.1")},
		{end: address("203.0.113.1"), public: true},
		{end: address("198.51.100.1"), public: true},
		{end: address("2001:db8::1"), public: true},
		{end: address("64:ff9b::203.0.113.1"), translated: true},
		{end: address("2002:cb00:7101::1"), translated: true},
	}
}

func drawEndRef(t *rapid.T) policy.EndRef {
	switch rapid.IntRange(0, 9).Draw(t, "end") {
	case 0, 1, 2:
		return workload(rapid.SampledFrom([]string{"api", "db", "jobs"}).Draw(t, "workload"))
	case 3:
		return to(scope)
	case 4:
		return to(internet)
	case 5:
		return to(kubernetesAPI)
	case 6:
		return to(rapid.SampledFrom([]policy.Peer{
			podsOf("*", nil), podsOf("kube-system", nil), podsOf("monitoring", map[string]string{"app": "prometheus"}), podsOf("*", map[string]string{"app": "api"}),
		}).Draw(t, "pods"))
	case 7:
		return to(policy.Peer{Name: "peer.any", Kind: policy.PeerAny})
	case 8:
		return to(rapid.SampledFrom([]policy.Peer{
			without(cidrs("10.0.0.0/8"), "10.0.0.2/31"), without(cidrs("203.0.113.0/24", "198.51.100.0/24"), "203.0.113.0/30"),
			cidrs("169.254.0.0/17", "fe80::/64"), cidrs("169.254.168.0/21"),
		}).Draw(t, "parts"))
	}
	return to(rapid.SampledFrom([]policy.Peer{
		cidrs("10.0.0.0/8"), cidrs("10.0.0.0/30", "172.16.0.0/16"), cidrs("169.254.0.0/16"), cidrs("203.0.113.0/24"), cidrs("168.63.0.0/16", "fd00::/8"),
	}).Draw(t, "cidrs"))
}

func without(p policy.Peer, except ...string) policy.Peer {
	p.Except = except
	return p
}

// drawPolicy draws settings, exceptions of single workloads from them, and flows. What the language refuses is not used.
func drawPolicy(t *rapid.T) *policy.Policy {
	enum := func(id control.ID, values ...string) policy.Setting {
		return text(11, rapid.SampledFrom(values).Draw(t, string(id)))
	}
	draw := func() policy.Settings {
		s := policy.Settings{
			control.HostNetwork:    boolean(10, false),
			control.NetworkDefault: enum(control.NetworkDefault, "deny", "allow"),
			control.NetworkDNS:     boolean(12, rapid.Bool().Draw(t, "dns")),
			control.Metadata:       enum(control.Metadata, "deny", "deny", "allow"),
			control.KubernetesAPI:  enum(control.KubernetesAPI, "deny", "flows", "allow"),
			control.Internet:       enum(control.Internet, "deny", "flows", "allow"),
		}
		for _, id := range []control.ID{control.NetworkIngress, control.NetworkEgress} {
			s[id] = enum(id, "deny", "allow")
		}
		return s
	}
	doc := document(draw())
	for _, id := range []control.ID{control.NetworkIngress, control.NetworkEgress} {
		if rapid.Bool().Draw(t, "follows") {
			doc.Values[id] = doc.Values[control.NetworkDefault]
		}
	}
	doc.Values[control.Undeclared] = enum(control.Undeclared, "deny", "ceiling")
	if rapid.Bool().Draw(t, "apart") {
		doc.Ceilings = maps.Clone(doc.Values)
		for id, s := range draw() {
			if ctrl, _ := control.Lookup(id); ctrl.Within(doc.Values[id].Value, s.Value) {
				doc.Ceilings[id] = s
			}
		}
		for _, w := range doc.Workloads {
			w.Settings = policy.Settings{}
			for id, s := range draw() {
				if ctrl, _ := control.Lookup(id); ctrl.Within(s.Value, doc.Ceilings[id].Value) {
					w.Settings[id] = s
				}
			}
			for _, id := range []control.ID{control.NetworkIngress, control.NetworkEgress} {
				if _, ok := w.Settings[id]; !ok {
					delete(w.Settings, control.NetworkDefault) // which would set it
				}
			}
		}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "flows") {
		f := flow(30+i, fmt.Sprintf("f%d", i), drawEndRef(t), drawEndRef(t), rapid.SampledFrom([]string{"tcp/443", "udp/53", "tcp/1-65535", "udp/50-60"}).Draw(t, "ports"))
		doc.Flows = append(doc.Flows, f)
		if _, diags := policy.Resolve(doc, now); diags.HasErrors() {
			doc.Flows = doc.Flows[:len(doc.Flows)-1]
		}
	}
	return resolve(t, doc)
}

// says is what the policy means for a connection, from its words alone: both
// ends that are ours must let it through.
func says(p *policy.Policy, from, to place, port control.Port) bool {
	return lets(p, from, to, port, true) && lets(p, to, from, port, false)
}

func lets(p *policy.Policy, own, other place, port control.Port, egress bool) bool {
	if !own.ours {
		return true
	}
	c := settingsOf(p, own)
	if c == nil {
		return !refusesAll(p, egress) // a pod that is refused: nothing is said for it but the default
	}
	stated, apiStated, narrow, everyone := false, false, false, false
	for _, f := range p.Flows {
		ends, others := f.To, f.From
		if egress {
			ends, others = f.From, f.To
		}
		if !slices.ContainsFunc(ends, func(e policy.End) bool { return isOurs(e) && is(e, own) }) || !slices.ContainsFunc(f.Ports, func(p control.Port) bool { return covers(p, port) }) {
			continue
		}
		for _, e := range others {
			stated = stated || is(e, other)
			everyone = everyone || e.Peer != nil && e.Peer.Kind == policy.PeerAny
			narrow = narrow || is(e, other) && e.Peer != nil && slices.ContainsFunc(e.Peer.CIDRs, func(cidr string) bool { return isLinkPart(cidr) && holds(cidr, other) })
			apiStated = apiStated || e.Peer != nil && e.Peer.Kind == policy.PeerKubernetesAPI && is(e, other)
		}
	}
	name := egress && other.resolver && port.From == 53 && port.Protocol != "sctp"
	switch {
	case egress && other.metadata && c.Enforced(control.Metadata).Text == control.Deny:
		return false
	case egress && other.link && c.Enforced(control.Metadata).Text == control.Deny && !narrow:
		return false
	case egress && other.api && c.Enforced(control.KubernetesAPI).Text == control.Deny:
		return false
	case egress && other.api && c.Enforced(control.KubernetesAPI).Text == control.ByFlows && !apiStated:
		return false
	case (other.public || other.translated) && c.Enforced(control.Internet).Text == control.Deny:
		return false
	case (other.public || other.translated) && c.Enforced(control.Internet).Text == control.ByFlows && !stated:
		return false
	case name && !c.Enforced(control.NetworkDNS).Bool:
		return everyone // of all addresses, which Support reports as a part that is not enforced
	case c.Enforced(directionOf(egress)).Text == control.Deny:
		return stated || name
	case egress && !other.pod && port.From == 53 && port.Protocol != "sctp" && !c.Enforced(control.NetworkDNS).Bool:
		return stated // the resolver may be behind any address
	}
	return true
}

func settingsOf(p *policy.Policy, own place) *policy.Container {
	if w, ok := p.Workload(own.workload); ok {
		return w.Container(policy.AnyContainer)
	}
	if p.Undeclared == nil {
		return nil
	}
	return p.Undeclared.Container(policy.AnyContainer)
}

func refusesAll(p *policy.Policy, egress bool) bool {
	id := directionOf(egress)
	return p.Settings[id].Text == control.Deny || slices.ContainsFunc(p.Workloads, func(w *policy.Workload) bool {
		return w.Container(policy.AnyContainer).Enforced(id).Text == control.Deny
	})
}

func directionOf(egress bool) control.ID {
	if egress {
		return control.NetworkEgress
	}
	return control.NetworkIngress
}

// isOurs: with a peer only our end is held, even where some of its pods are ours.
func isOurs(e policy.End) bool { return e.Workload != nil || e.Peer.Kind == policy.PeerScope }

// is reports whether a place is an end of a flow.
func is(e policy.End, at place) bool {
	if e.Workload != nil {
		return at.workload == e.Workload.Name
	}
	switch e.Peer.Kind {
	case policy.PeerAny:
		return true
	case policy.PeerScope:
		return at.ours
	case policy.PeerInternet:
		return at.public
	case policy.PeerKubernetesAPI:
		return at.api
	case policy.PeerPods:
		labelled := true
		for key, value := range e.Peer.Labels {
			labelled = labelled && at.end.Labels[key] == value
		}
		return at.pod && labelled && (slices.Contains(e.Peer.Namespaces, "*") || slices.Contains(e.Peer.Namespaces, at.end.Namespace))
	}
	in := func(cidr string) bool { return holds(cidr, at) }
	return !at.pod && slices.ContainsFunc(e.Peer.CIDRs, in) && !slices.ContainsFunc(e.Peer.Except, in)
}

func holds(cidr string, at place) bool {
	return netip.MustParsePrefix(cidr).Contains(netip.MustParseAddr(at.end.IP))
}

// isLinkPart reports whether a block is a part of the link-local ones.
func isLinkPart(cidr string) bool {
	p := netip.MustParsePrefix(cidr)
	return p.Addr().IsLinkLocalUnicast() && (p.Addr().Is4() && p.Bits() > 16 || p.Addr().Is6() && p.Bits() > 10)
}

func covers(p, port control.Port) bool {
	return p.Protocol == port.Protocol && p.From <= port.From && port.From <= p.To
}

// TestArtifactsSayWhatThePolicySays holds the emitted bytes, read back, to the meaning of the policy.
func TestArtifactsSayWhatThePolicySays(t *testing.T) {
	all := places()
	seen := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		artifacts := emit(t, p)
		judge := load(t, artifacts)
		for _, from := range all {
			for _, to := range all {
				if !from.ours && !to.ours {
					continue
				}
				for _, text := range []string{"tcp/443", "udp/53", "tcp/53", "tcp/80", "sctp/53"} {
					port, _ := control.ParsePort(text)
					want := says(p, from, to, port)
					seen[want]++
					v := ask(t, judge, from.end, to.end, text)
					if v.Outcome == target.Undecided || (v.Outcome == target.Allow) != want {
						t.Fatalf("%v to %v, %s: %v by %v, but the policy says %v\n%s", from.end, to.end, text, v.Outcome, v.Findings, want, bodies(artifacts))
					}
				}
			}
		}
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("only one outcome was drawn: %v", seen)
	}
}

func bodies(artifacts []target.Artifact) []byte {
	var all [][]byte
	for _, a := range artifacts {
		all = append(all, a.Body)
	}
	return bytes.Join(all, nil)
}

// TestLoosenedNeverRefusesMore is the law of tightening, seen from the other end.
func TestLoosenedNeverRefusesMore(t *testing.T) {
	all := places()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		id := rapid.SampledFrom([]control.ID{
			control.NetworkDefault, control.NetworkIngress, control.NetworkEgress, control.NetworkDNS, control.Metadata, control.KubernetesAPI, control.Internet,
		}).Draw(t, "loosened")
		tight, loose := load(t, emit(t, p)), load(t, emit(t, p.Without(control.Ref{ID: id})))
		for _, from := range all {
			for _, to := range all {
				for _, port := range []string{"tcp/443", "udp/53"} {
					if ask(t, tight, from.end, to.end, port).Outcome == target.Allow && ask(t, loose, from.end, to.end, port).Outcome != target.Allow {
						t.Fatalf("without %s, %v to %v on %s is refused, and with it not", id, from.end, to.end, port)
					}
				}
			}
		}
	})
}

func TestEmissionIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		if !bytes.Equal(bodies(emit(t, p)), bodies(emit(t, p))) {
			t.Fatal("two emissions differ")
		}
	})
}

func many(n int) *policy.Document {
	doc := document(closed())
	doc.Workloads = nil
	for i := range n {
		name := fmt.Sprintf("w%d", i)
		doc.Workloads = append(doc.Workloads, &policy.WorkloadBlock{Name: name, OS: "linux", Match: map[string]string{"app": name}, Range: at(100 + i)})
		doc.Flows = append(doc.Flows, flow(2000+i, "f"+name, workload(name), workload(fmt.Sprintf("w%d", (i+1)%n)), "tcp/443"))
	}
	return doc
}

func BenchmarkEmit(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, diags := policy.Resolve(many(n), now)
			if diags.HasErrors() {
				b.Fatal(diags)
			}
			for b.Loop() {
				if _, err := (networkpolicy.Target{}).Emit(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package flow_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/flow"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

func at(line int) hcl.Range {
	return hcl.Range{Filename: "policy.hcl", Start: hcl.Pos{Line: line, Column: 1}}
}

func text(line int, value string) policy.Setting {
	return policy.Setting{Value: control.Value{Text: value}, Range: at(line)}
}

func boolean(line int, value bool) policy.Setting {
	return policy.Setting{Value: control.Value{Bool: value}, Range: at(line)}
}

// resolve makes a policy with the workloads api and db, of which api may reach db on tcp/5432, and 10.0.0.0/8 on tcp/443.
func resolve(t *testing.T, byDefault, metadata string, dns bool) *policy.Policy {
	t.Helper()
	port := func(s string) control.Port {
		p, err := control.ParsePort(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	network := &policy.Peer{Name: "network", Kind: policy.PeerCIDRs, CIDRs: []string{"10.0.0.0/8", "169.254.0.0/16", "169.254.168.0/21"}, Range: at(40)}
	p, diags := policy.Resolve(&policy.Document{
		Source: policy.Source{Name: "shop"}, Range: at(1), Namespaces: []control.Item{{Key: "shop", Range: at(2)}},
		Platform: platform.APIServer.With(platform.Facts{}, []string{"10.0.0.1/32"}),
		Values: policy.Settings{
			control.HostNetwork: boolean(10, false), control.NetworkDefault: text(11, byDefault), control.NetworkDNS: boolean(12, dns),
			control.Metadata: text(13, metadata), control.KubernetesAPI: text(14, "flows"), control.Internet: text(15, "allow"),
			control.Undeclared: text(16, control.Deny),
		},
		Workloads: []*policy.WorkloadBlock{
			{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(20)},
			{Name: "db", Match: map[string]string{"app": "db"}, OS: "linux", Range: at(21)},
		},
		Flows: []*policy.FlowBlock{
			{Name: "query", Range: at(30), From: []policy.EndRef{{Workload: "api"}}, To: []policy.EndRef{{Workload: "db"}}, Ports: []control.Port{port("tcp/5432")}},
			{Name: "network", Range: at(31), From: []policy.EndRef{{Workload: "api"}}, To: []policy.EndRef{{Peer: network, Range: at(40)}}, Ports: []control.Port{port("tcp/443")}},
		},
	}, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// summary writes policies on one line for each rule.
func summary(policies []flow.Policy) []string {
	var lines []string
	for _, p := range policies {
		for _, d := range []struct {
			name  string
			rules *flow.Rules
		}{{"egress", p.Egress}, {"ingress", p.Ingress}} {
			if d.rules == nil {
				continue
			}
			head := p.Name + " " + d.name
			switch {
			case d.rules.All:
				lines = append(lines, head+": all")
			case len(d.rules.List) == 0:
				lines = append(lines, head+": none")
			}
			for _, r := range d.rules.List {
				lines = append(lines, fmt.Sprintf("%s: %s (%s:%d)", head, peers(r), r.Control, r.At.Start.Line))
			}
		}
	}
	return lines
}

func peers(r flow.Rule) string {
	var out []string
	for _, p := range r.Peers {
		if p.Pods != nil {
			out = append(out, fmt.Sprintf("%v%v", p.Pods.Namespaces, p.Pods.Labels))
			continue
		}
		s := p.Block.String()
		for _, e := range p.Except {
			s += fmt.Sprintf("-%s(%s)", e.Prefix, e.Control)
		}
		out = append(out, s)
	}
	for _, p := range r.Ports {
		out = append(out, p.String())
	}
	return strings.Join(out, " ")
}

func TestClosedByDefault(t *testing.T) {
	got := flow.Policies(resolve(t, "deny", "deny", true))
	want := []string{
		"bulkhead.shop.default-deny egress: none", "bulkhead.shop.default-deny ingress: none",
		"bulkhead.shop.workload.api egress: [kube-system]map[k8s-app:kube-dns] udp/53 tcp/53 (network.dns:12)",
		"bulkhead.shop.workload.api egress: 10.0.0.0/8-10.0.0.1/32(network.kubernetes_api) " +
			"169.254.168.0/21-169.254.169.252/32(network.metadata)-169.254.169.254/32(network.metadata)-169.254.170.2/32(network.metadata)-169.254.170.23/32(network.metadata) tcp/443 (network.default:31)",
		"bulkhead.shop.workload.api egress: [shop]map[app:db] tcp/5432 (network.default:30)",
		"bulkhead.shop.workload.api ingress: none",
		"bulkhead.shop.workload.db egress: [kube-system]map[k8s-app:kube-dns] udp/53 tcp/53 (network.dns:12)",
		"bulkhead.shop.workload.db ingress: [shop]map[app:api] tcp/5432 (network.default:30)",
	}
	if d := cmp.Diff(want, summary(got)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	implied := []control.ID{}
	for _, c := range got[0].Implied {
		implied = append(implied, c.Control)
	}
	if got[0].Kind != flow.DefaultDeny || !slices.Contains(implied, control.Metadata) || len(got[0].Closed) != 2 || got[0].Closed[0].At != at(11) || !got[0].Closed[0].Egress || got[0].Closed[1].Egress {
		t.Errorf("the refusal of everything is %+v", got[0])
	}
}

func TestOpenByDefault(t *testing.T) {
	for _, line := range summary(flow.Policies(resolve(t, "allow", "deny", true))) {
		if strings.Contains(line, "0.0.0.0/0") && strings.Contains(line, " egress: ") && !strings.Contains(line, "-169.254.0.0/16(network.metadata)") {
			t.Errorf("the metadata service can be reached: %s", line)
		}
	}
	p := resolve(t, "allow", "allow", true)
	if got := flow.Policies(p.Without(control.Ref{ID: control.KubernetesAPI})); len(got) != 0 {
		t.Errorf("nothing is refused, and there are policies: %v", summary(got))
	}
}

func TestOpens(t *testing.T) {
	p := resolve(t, "deny", "deny", true)
	api, _ := p.Workload("api")
	db, _ := p.Workload("db")
	if at, ok := flow.OpensAPIServer(p, api); !ok || at.Start.Line != 40 {
		t.Errorf("api opens addresses: %v %v", at, ok)
	}
	if _, ok := flow.OpensAPIServer(p, db); ok {
		t.Error("db opens no address")
	}
	if _, ok := flow.OpensResolver(p, api); ok {
		t.Error("no flow is on port 53")
	}
}

// cluster gives a policy of which api reaches the internet and the resolvers, and its platform states its networks.
func cluster(t *testing.T, internet string, dns bool) *policy.Policy {
	t.Helper()
	p := resolve(t, "deny", "deny", dns)
	networks := platform.ClusterNetworks{
		Pods:  []netip.Prefix{netip.MustParsePrefix("2600:1f14::/40")},
		Nodes: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/25")},
		DNS:   []netip.AddrPort{netip.MustParseAddrPort("169.254.20.10:53"), netip.MustParseAddrPort("10.1.0.2:5353"), netip.MustParseAddrPort("[fd00::a]:53")},
	}
	p.Platform = platform.Networks.With(p.Platform, networks)
	api, _ := p.Workload("api")
	p.Flows = append(p.Flows, &policy.Flow{
		Name: "out", Range: at(32), From: []policy.End{{Workload: api}}, Ports: []control.Port{{Protocol: "tcp", From: 443, To: 443}},
		To: []policy.End{{Peer: &policy.Peer{Name: "peer.internet", Kind: policy.PeerInternet}, Range: at(41)}},
	})
	for _, c := range api.Containers {
		c.Settings[control.Internet] = text(15, internet)
	}
	return p
}

// TestInternet holds that no block with a special purpose is left in the internet, nor a network of the cluster.
func TestInternet(t *testing.T) {
	var lines []string
	for _, line := range summary(flow.Policies(cluster(t, "allow", true))) {
		if strings.Contains(line, ":32)") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 {
		t.Fatalf("the flow gives %d rules: %v", len(lines), lines)
	}
	for _, block := range append(address.NotInternet(), netip.MustParsePrefix("2600:1f14::/40"), netip.MustParsePrefix("198.51.100.0/25"), netip.MustParsePrefix("168.63.129.16/32")) {
		if !strings.Contains(lines[0], "-"+block.String()+"(") {
			t.Errorf("%v is part of the internet: %s", block, lines[0])
		}
	}
}

// TestResolvers holds that resolvers are reached on their ports, and are closed with names, whatever else is open.
func TestResolvers(t *testing.T) {
	all := strings.Join(summary(flow.Policies(cluster(t, "allow", true))), "\n")
	for _, want := range []string{"169.254.20.10/32 fd00::a/128 udp/53 tcp/53 (network.dns:12)", "10.1.0.2/32 udp/5353 tcp/5353 (network.dns:12)"} {
		if !strings.Contains(all, want) {
			t.Errorf("no rule %q in\n%s", want, all)
		}
	}
	all = strings.Join(summary(flow.Policies(cluster(t, "allow", false))), "\n")
	if !strings.Contains(all, "-10.1.0.2/32(network.dns)") || strings.Contains(all, "udp/5353") {
		t.Errorf("the resolver is open:\n%s", all)
	}
}

package networkpolicy_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy"
)

var update = flag.Bool("update", false, "record the golden files anew")

// payments uses every kind of peer that a NetworkPolicy can name.
func payments(values policy.Settings) *policy.Document {
	doc := document(values,
		flow(30, "api to db", workload("api"), workload("db"), "tcp/5432"),
		flow(31, "shoppers", to(internet), workload("api"), "tcp/8080"),
		flow(32, "charges", workload("api"), to(cidrs("203.0.113.0/24", "10.0.0.0/8")), "tcp/443", "udp/4000-4100"),
		flow(33, "metrics", to(podsOf("monitoring", map[string]string{"app": "prometheus"})), to(scope), "metrics"),
		flow(34, "updates", workload("jobs"), to(internet), "tcp/443"),
		flow(35, "watch", workload("jobs"), to(kubernetesAPI), "tcp/6443"),
		flow(36, "backends", workload("jobs"), to(podsOf("*", map[string]string{"exposed": "true"})), "tcp/1-65535"),
	)
	doc.Namespaces = append(doc.Namespaces, control.Item{Key: "payments-eu", Range: at(2)})
	return doc
}

func TestGolden(t *testing.T) {
	for name, values := range map[string]policy.Settings{
		"deny":  closed(),
		"allow": with(closed(), policy.Settings{control.NetworkDefault: text(11, "allow"), control.NetworkDNS: boolean(12, false)}),
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			for _, a := range emit(t, resolve(t, payments(values))) {
				got.WriteString("# file " + a.Path + "\n")
				got.Write(a.Body)
			}
			file := filepath.Join("testdata", name+".golden.yaml")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("the artifacts differ from %s; if they should, run: go test ./targets/networkpolicy -run TestGolden -update", file)
			}
		})
	}
}

type question struct {
	from, to attempt.End
	port     string
	want     target.Outcome
}

func TestConnections(t *testing.T) {
	prometheus, other := pod("monitoring", "prometheus"), pod("elsewhere", "x")
	api, db, jobs, unknown := pod("payments", "api"), pod("payments", "db"), pod("payments", "jobs"), pod("payments", "unknown")
	apiEU := pod("payments-eu", "api")
	named := db
	named.Ports = map[string]string{"metrics": "tcp/9090"}
	metadata := []attempt.End{
		address("169.254.169.254"), address("169.254.170.2"), address("169.254.170.23"), address("168.63.129.16"),
		address("100.100.100.200"), address("fd00:ec2::254"), address("fd00:ec2::23"), address("fd20:ce::254"),
	}
	for name, c := range map[string]struct {
		values    policy.Settings
		questions []question
	}{
		"denied by default": {closed(), []question{
			{api, db, "tcp/5432", target.Allow},
			{apiEU, db, "tcp/5432", target.Allow},
			{api, db, "tcp/5433", target.Deny},
			{api, db, "udp/5432", target.Deny},
			{db, api, "tcp/5432", target.Deny},
			{jobs, db, "tcp/5432", target.Deny},
			{unknown, db, "tcp/5432", target.Deny},
			{other, db, "tcp/5432", target.Deny},
			{api, resolver(), "udp/53", target.Allow},
			{unknown, resolver(), "tcp/53", target.Allow},
			{api, resolver(), "tcp/54", target.Deny},
			{api, pod("kube-system", "x"), "udp/53", target.Deny},
			{prometheus, named, "tcp/9090", target.Allow},
			{prometheus, named, "metrics", target.Allow},
			{other, named, "metrics", target.Deny},
			{address("198.51.100.1"), api, "tcp/8080", target.Allow},
			{address("2001:db8::1"), api, "tcp/8080", target.Allow},
			{address("192.168.1.1"), api, "tcp/8080", target.Deny},
			{address("100.64.0.1"), api, "tcp/8080", target.Deny},
			{address("10.0.0.1"), api, "tcp/8080", target.Deny},
			{api, address("203.0.113.9"), "tcp/443", target.Allow},
			{api, address("203.0.113.9"), "udp/4100", target.Allow},
			{api, address("203.0.113.9"), "udp/4101", target.Deny},
			{api, address("198.51.100.1"), "tcp/443", target.Deny},
			{api, address("10.2.3.4"), "tcp/443", target.Allow},
			{api, address("10.0.0.1"), "tcp/443", target.Deny}, // the API server is reached by peer.kubernetes_api only
			{jobs, address("10.0.0.1"), "tcp/6443", target.Allow},
			{jobs, address("198.51.100.1"), "tcp/443", target.Allow},
			{jobs, address("169.254.1.1"), "tcp/443", target.Deny},
			{jobs, address("64:ff9b::10.0.0.9"), "tcp/443", target.Deny}, // translated to IPv4, private or not
			{jobs, address("64:ff9b::169.254.169.254"), "tcp/443", target.Deny},
			{jobs, address("2002:a00:9::1"), "tcp/443", target.Deny},
			{api, other, "tcp/1", target.Deny},
			{jobs, attempt.End{Namespace: "elsewhere", Labels: map[string]string{"exposed": "true"}}, "tcp/65535", target.Allow},
		}},
		"allowed by default": {with(closed(), policy.Settings{control.NetworkDefault: text(11, "allow")}), []question{
			{db, api, "tcp/1", target.Allow},
			{unknown, other, "sctp/1", target.Allow},
			{other, unknown, "tcp/1", target.Allow},
			{api, resolver(), "udp/53", target.Allow},
			{api, address("10.2.3.4"), "tcp/1", target.Allow},
			{api, address("10.0.0.1"), "tcp/1", target.Deny},
			{address("10.0.0.1"), api, "tcp/1", target.Allow}, // it calls webhooks
			{jobs, address("10.0.0.1"), "tcp/6443", target.Allow},
			{jobs, address("10.0.0.1"), "tcp/443", target.Deny},
			{api, address("198.51.100.1"), "tcp/443", target.Deny},
			{api, address("64:ff9b::198.51.100.1"), "tcp/443", target.Deny},
			{api, address("2002:c633:6401::1"), "tcp/443", target.Deny},
			{jobs, address("198.51.100.1"), "tcp/443", target.Allow},
			{jobs, address("198.51.100.1"), "tcp/80", target.Deny},
		}},
		"only metadata refused": {policy.Settings{control.HostNetwork: boolean(10, false), control.Metadata: text(13, "deny")}, []question{
			{api, address("198.51.100.1"), "tcp/80", target.Allow},
			{api, address("10.0.0.1"), "tcp/80", target.Allow},
			{address("169.254.169.254"), api, "tcp/80", target.Allow},
			{api, db, "tcp/1", target.Allow},
		}},
		"names refused": {with(closed(), policy.Settings{control.NetworkDefault: text(11, "allow"), control.NetworkDNS: boolean(12, false)}), []question{
			{api, resolver(), "udp/53", target.Deny},
			{api, resolver(), "tcp/53", target.Deny},
			{api, resolver(), "udp/54", target.Allow},
			{api, resolver(), "sctp/53", target.Allow},
			{api, pod("kube-system", "x"), "udp/53", target.Allow},
			{api, other, "udp/53", target.Allow},
			{api, address("10.96.0.10"), "udp/53", target.Deny},
			{api, address("10.96.0.10"), "udp/54", target.Allow},
		}},
	} {
		judge := load(t, emit(t, resolve(t, payments(c.values))))
		for _, q := range c.questions {
			if v := ask(t, judge, q.from, q.to, q.port); v.Outcome != q.want || len(v.Findings) == 0 {
				t.Errorf("%s: from %v to %v, %s: %v by %v, want %v", name, q.from, q.to, q.port, v.Outcome, v.Findings, q.want)
			}
		}
		for _, from := range []attempt.End{api, db, jobs, unknown} {
			for _, to := range metadata {
				for _, port := range []string{"tcp/80", "tcp/443"} {
					if v := ask(t, judge, from, to, port); v.Outcome != target.Deny {
						t.Errorf("%s: %v reaches the metadata service at %v, %s", name, from.Labels, to.IP, port)
					}
				}
			}
		}
	}
}

// TestRefusalsNameTheirControl: the places that a refusal names lead, by the
// origins, to the control that has to be loosened.
func TestRefusalsNameTheirControl(t *testing.T) {
	api, jobs := pod("payments", "api"), pod("payments", "jobs")
	byDefault := with(closed(), policy.Settings{control.NetworkDefault: text(11, "allow"), control.NetworkDNS: boolean(12, false)})
	noEgress := with(closed(), policy.Settings{control.NetworkDefault: text(11, "allow"), control.NetworkEgress: text(12, "deny")})
	noIngress := with(closed(), policy.Settings{control.NetworkIngress: text(12, "deny"), control.NetworkEgress: text(13, "allow")})
	apart := with(closed(), policy.Settings{control.NetworkIngress: text(12, "deny")})
	for name, c := range map[string]struct {
		values   policy.Settings
		from, to attempt.End
		port     string
		want     []control.ID
	}{
		"no flow":                  {closed(), jobs, pod("payments", "db"), "tcp/5432", []control.ID{control.NetworkDefault}},
		"from pods only":           {noEgress, jobs, pod("payments", "db"), "tcp/5432", []control.ID{control.NetworkEgress}},
		"to pods only":             {noIngress, jobs, pod("payments", "db"), "tcp/5432", []control.ID{control.NetworkIngress}},
		"overridden, from pods":    {apart, jobs, address("192.168.7.7"), "tcp/80", []control.ID{control.NetworkDefault}},
		"overridden, to pods":      {apart, address("192.168.7.7"), jobs, "tcp/80", []control.ID{control.NetworkIngress}},
		"metadata among addresses": {closed(), jobs, address("168.63.129.16"), "tcp/443", []control.ID{control.Metadata}},
		"metadata, no flow":        {closed(), api, address("169.254.169.254"), "tcp/80", []control.ID{control.NetworkDefault}},
		"the API server by a CIDR": {closed(), api, address("10.0.0.1"), "tcp/443", []control.ID{control.KubernetesAPI}},
		"metadata, allowed":        {byDefault, api, address("100.100.100.200"), "tcp/80", []control.ID{control.Metadata}},
		"link-local, allowed": {byDefault, api, address("169.254.169.254"), "tcp/80", // of the block nothing is left, so that what isolates decides
			[]control.ID{control.NetworkDNS, control.Internet, control.KubernetesAPI, control.Metadata}},
		"the API server, allowed": {byDefault, api, address("10.0.0.1"), "tcp/80", []control.ID{control.KubernetesAPI}},
		"names, allowed": {byDefault, api, resolver(), "udp/53",
			[]control.ID{control.NetworkDNS, control.Internet, control.KubernetesAPI, control.Metadata}},
	} {
		artifacts := emit(t, resolve(t, payments(c.values)))
		v := ask(t, load(t, artifacts), c.from, c.to, c.port)
		var got []control.ID
		for _, f := range v.Findings {
			found := false
			for _, a := range artifacts {
				for _, o := range a.Mappings {
					if a.Path == f.Artifact && o.Location == f.Location {
						found = true
						got = append(got, o.Control.ID)
						if o.Range.Filename == "" {
							t.Errorf("%s: the origin of %s has no range", name, f.Location)
						}
					}
				}
			}
			if !found {
				t.Errorf("%s: nothing in the origins is at %q", name, f.Location)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if got = slices.Compact(got); v.Outcome != target.Deny || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v by %v (%v), want a refusal by %v", name, v.Outcome, got, v.Findings, c.want)
		}
	}
}

// TestOneDirection: what only one direction closes leaves the other as it is.
func TestOneDirection(t *testing.T) {
	web, other := pod("payments", "web"), pod("elsewhere", "x")
	for name, c := range map[string]struct {
		values  policy.Settings
		out, in target.Outcome
	}{
		"egress":            {with(policy.Settings{control.HostNetwork: boolean(10, false)}, policy.Settings{control.NetworkEgress: text(11, "deny")}), target.Deny, target.Allow},
		"ingress":           {with(policy.Settings{control.HostNetwork: boolean(10, false)}, policy.Settings{control.NetworkIngress: text(11, "deny")}), target.Allow, target.Deny},
		"all but egress":    {with(policy.Settings{control.HostNetwork: boolean(10, false)}, policy.Settings{control.NetworkDefault: text(11, "deny"), control.NetworkEgress: text(12, "allow")}), target.Allow, target.Deny},
		"both":              {with(policy.Settings{control.HostNetwork: boolean(10, false)}, policy.Settings{control.NetworkDefault: text(11, "deny")}), target.Deny, target.Deny},
		"both, but neither": {with(policy.Settings{control.HostNetwork: boolean(10, false)}, policy.Settings{control.NetworkDefault: text(11, "deny"), control.NetworkIngress: text(12, "allow"), control.NetworkEgress: text(13, "allow")}), target.Allow, target.Allow},
	} {
		judge := load(t, emit(t, resolve(t, payments(c.values))))
		if out, in := ask(t, judge, web, other, "tcp/80").Outcome, ask(t, judge, other, web, "tcp/80").Outcome; out != c.out || in != c.in {
			t.Errorf("%s: from pods %v, want %v; to pods %v, want %v", name, out, c.out, in, c.in)
		}
	}
}

// TestAPIServerCalls: what keeps pods from connecting to API servers and metadata services refuses nothing that comes from there.
func TestAPIServerCalls(t *testing.T) {
	api := pod("payments", "api")
	for name, c := range map[string]struct {
		peer     policy.Peer
		internet target.Outcome // from there
	}{
		"everyone":                {policy.Peer{Name: "peer.any", Kind: policy.PeerAny}, target.Allow},
		"every address":           {cidrs("0.0.0.0/0"), target.Allow},
		"addresses around it":     {cidrs("10.0.0.0/8", "169.254.0.0/16"), target.Deny},
		"its addresses":           {cidrs("10.0.0.1/32", "169.254.0.0/16"), target.Deny},
		"every address but a few": {without(cidrs("0.0.0.0/0"), "10.9.0.0/16"), target.Allow},
	} {
		for _, access := range []string{"deny", "flows"} {
			doc := document(with(closed(), policy.Settings{control.KubernetesAPI: text(14, access)}))
			doc.Flows = []*policy.FlowBlock{flow(30, "hooks", to(c.peer), workload("api"), "tcp/8443")}
			judge := load(t, emit(t, resolve(t, doc)))
			for from, want := range map[string]target.Outcome{"10.0.0.1": target.Allow, "169.254.7.7": target.Allow, "203.0.113.1": c.internet, "10.9.0.1": target.Deny} {
				if from == "10.9.0.1" && len(c.peer.Except) == 0 {
					continue
				}
				if v := ask(t, judge, address(from), api, "tcp/8443"); v.Outcome != want {
					t.Errorf("%s, kubernetes_api %q: from %s %v by %v, want %v", name, access, from, v.Outcome, v.Findings, want)
				}
			}
			for _, closed := range []string{"10.0.0.1", "169.254.169.254"} {
				if v := ask(t, judge, api, address(closed), "tcp/8443"); v.Outcome != target.Deny {
					t.Errorf("%s, kubernetes_api %q: to %s %v by %v", name, access, closed, v.Outcome, v.Findings)
				}
			}
		}
	}
}

func TestNothingRefusedIsNothingEmitted(t *testing.T) {
	p := resolve(t, payments(policy.Settings{control.HostNetwork: boolean(10, false)}))
	artifacts := emit(t, p)
	if len(artifacts) != 0 {
		t.Fatalf("a policy that refuses no connection opens what others closed: %s", artifacts[0].Body)
	}
	if v := ask(t, load(t, artifacts), pod("payments", "api"), address("169.254.169.254"), "tcp/80"); v.Outcome != target.Allow {
		t.Errorf("without any NetworkPolicy, the outcome is %v", v.Outcome)
	}
}

func TestUndeclaredPods(t *testing.T) {
	open := with(closed(), policy.Settings{control.NetworkDefault: text(11, "allow"), control.Metadata: text(13, "allow"),
		control.KubernetesAPI: text(14, "allow"), control.Internet: text(15, "allow")})
	doc := document(open, flow(30, "scraped", to(podsOf("monitoring", nil)), to(scope), "tcp/9090"))
	doc.Workloads[0].Settings = policy.Settings{control.NetworkDefault: text(23, "deny")}
	t.Run("as their ceiling", func(t *testing.T) {
		judge := load(t, emit(t, resolve(t, doc)))
		for _, q := range []question{
			{pod("payments", "api"), pod("payments", "db"), "tcp/1", target.Deny},
			{pod("monitoring", "x"), pod("payments", "api"), "tcp/9090", target.Allow},
			{pod("payments", "db"), pod("payments", "unknown"), "tcp/1", target.Allow},
			{pod("payments", "unknown"), address("169.254.169.254"), "tcp/80", target.Allow},
			{attempt.End{Namespace: "payments", Labels: map[string]string{}, NamespaceLabels: map[string]string{}}, pod("x", "x"), "tcp/1", target.Allow},
		} {
			if v := ask(t, judge, q.from, q.to, q.port); v.Outcome != q.want {
				t.Errorf("from %v to %v: %v, want %v", q.from, q.to, v.Outcome, q.want)
			}
		}
	})
	t.Run("refused", func(t *testing.T) {
		doc := payments(with(closed(), policy.Settings{control.Undeclared: text(5, "deny")}))
		judge := load(t, emit(t, resolve(t, doc)))
		for _, q := range []question{
			{pod("payments", "unknown"), resolver(), "udp/53", target.Deny},
			{pod("monitoring", "prometheus"), pod("payments", "unknown"), "metrics", target.Deny},
			{pod("payments", "api"), resolver(), "udp/53", target.Allow},
		} {
			q.to.Ports = map[string]string{"metrics": "tcp/9090"}
			if v := ask(t, judge, q.from, q.to, q.port); v.Outcome != q.want {
				t.Errorf("from %v to %v: %v, want %v", q.from, q.to, v.Outcome, q.want)
			}
		}
	})
}

func TestSupport(t *testing.T) {
	onHost := func(doc *policy.Document) {
		doc.Ceilings = policy.Settings{control.HostNetwork: boolean(16, true)}
		doc.Workloads[0].Settings = policy.Settings{control.HostNetwork: boolean(24, true)}
	}
	noServer := func(doc *policy.Document) { doc.Platform = platform.APIServer.With(doc.Platform, nil) }
	hosts := policy.Peer{Name: "stripe", Kind: policy.PeerHosts, Hosts: []string{"api.example.com"}}
	for name, c := range map[string]struct {
		change func(*policy.Document)
		values policy.Settings
		flows  []*policy.FlowBlock
		of     string // the control in workload api, or "flow"
		level  target.Level
		reason string
		line   int
	}{
		"default":            {of: "network.default", level: target.Full},
		"metadata":           {of: "network.metadata", level: target.Full},
		"internet":           {of: "network.internet", level: target.Full},
		"API server":         {of: "network.kubernetes_api", level: target.Full},
		"another layer":      {of: "host.network", level: target.NotApplicable},
		"the node's network": {change: onHost, of: "network.default", level: target.None, reason: "host.network", line: 24},
		"unknown API server": {change: noServer, of: "network.kubernetes_api", level: target.Full},
		"unknown API server among addresses": {change: noServer, flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(cidrs("10.0.0.0/8")), "tcp/1")},
			of: "network.kubernetes_api", level: target.Partial, reason: "platform.api_server", line: 91},
		"unknown API server, allowed by default": {change: noServer, values: policy.Settings{control.NetworkDefault: text(11, "allow")},
			of: "network.kubernetes_api", level: target.None, reason: "platform.api_server"},
		"no names": {values: policy.Settings{control.NetworkDNS: boolean(12, false)}, of: "network.dns", level: target.Full},
		"no names, but port 53": {values: policy.Settings{control.NetworkDNS: boolean(12, false)},
			flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(cidrs("10.0.0.0/8")), "tcp/1-99")}, of: "network.dns", level: target.Partial, line: 91},
		"both ends":         {flows: []*policy.FlowBlock{flow(30, "f", workload("api"), workload("db"), "tcp/1")}, of: "flow", level: target.Full},
		"one end":           {flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(internet), "tcp/1")}, of: "flow", level: target.Full, reason: "only this policy's end"},
		"host names":        {flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(hosts), "tcp/1")}, of: "flow", level: target.None, reason: "no host names", line: 91},
		"an unknown server": {change: noServer, flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(kubernetesAPI), "tcp/1")}, of: "flow", level: target.None, reason: "platform.api_server", line: 91},
		"an end on the node": {change: onHost, flows: []*policy.FlowBlock{flow(30, "f", workload("db"), workload("api"), "tcp/1")},
			of: "flow", level: target.None, reason: "no NetworkPolicy selects its pods", line: 90},
		"a name of addresses": {flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(internet), "metrics")}, of: "flow", level: target.None, reason: "only pods name their ports", line: 91},
		"the metadata service": {flows: []*policy.FlowBlock{flow(30, "f", workload("api"), to(cidrs("169.254.169.254/32")), "tcp/80")},
			of: "flow", level: target.None, reason: "network.metadata", line: 91},
	} {
		t.Run(name, func(t *testing.T) {
			doc := document(with(closed(), c.values), c.flows...)
			if c.change != nil {
				c.change(doc)
			}
			p := resolve(t, doc)
			s, ok := statement(p, c.of)
			if !ok {
				t.Fatalf("no statement of %s", c.of)
			}
			got := networkpolicy.Target{}.Support(p, s)
			if got.Level != c.level || !strings.Contains(got.Reason, c.reason) || got.Range.Start.Line != c.line {
				t.Errorf("%v %q at line %d, want %v with %q at line %d", got.Level, got.Reason, got.Range.Start.Line, c.level, c.reason, c.line)
			}
			if got.Level == target.Full && got.Mode != control.Prevents {
				t.Errorf("held, but in the manner %v", got.Mode)
			}
		})
	}
}

// statement finds the flow, or a control of the workload api.
func statement(p *policy.Policy, of string) (policy.Statement, bool) {
	for s := range p.Statements() {
		if s.Flow != nil && of == "flow" || s.Container != nil && s.Container.Workload.Name == "api" && string(s.Control.ID) == of {
			return s, true
		}
	}
	return policy.Statement{}, false
}

// TestFullMeansSomething: where all else is loose, loosening a control that is held changes the artifacts.
func TestFullMeansSomething(t *testing.T) {
	ids := []control.ID{control.NetworkDefault, control.NetworkDNS, control.Metadata, control.KubernetesAPI, control.Internet}
	values := with(closed(), policy.Settings{control.NetworkDNS: boolean(12, false)})
	p := resolve(t, payments(values))
	for _, id := range ids {
		var others []control.Ref
		for _, other := range ids {
			if other != id {
				others = append(others, control.Ref{ID: other})
			}
		}
		alone := p.Without(others...)
		if len(emit(t, alone)) == 0 {
			t.Errorf("%s alone changes nothing", id)
		}
		if len(emit(t, alone.Without(control.Ref{ID: id}))) != 0 {
			t.Errorf("with nothing restricted, something is emitted")
		}
	}
}

// TestMappedAddresses: IPv4 written as IPv6 hides nothing from the controls.
func TestMappedAddresses(t *testing.T) {
	f := flow(30, "f", workload("api"), to(cidrs("::ffff:169.254.168.0/117")), "tcp/80")
	judge := load(t, emit(t, resolve(t, document(with(closed(), policy.Settings{control.Internet: text(15, "flows")}), f))))
	for ip, want := range map[string]target.Outcome{"169.254.168.1": target.Allow, "169.254.169.254": target.Deny, "::ffff:169.254.169.254": target.Deny} {
		if v := ask(t, judge, pod("payments", "api"), address(ip), "tcp/80"); v.Outcome != want {
			t.Errorf("%s: %v, want %v", ip, v.Outcome, want)
		}
	}
}

func TestWarningsAreLetThrough(t *testing.T) {
	doc := document(closed())
	doc.Exceptions = []*policy.Exception{{
		Name: "announced", Kind: policy.ExceptionWarn, Controls: []control.Item{{Key: "network.default"}, {Key: "network.metadata"}},
		Owner: "o", Reason: "r", Ticket: "t", Expires: "2027-01-31", Policy: "payments", Range: at(70),
	}}
	artifacts := emit(t, resolve(t, doc))
	judge := load(t, artifacts)
	if v := ask(t, judge, pod("payments", "api"), address("169.254.169.254"), "tcp/80"); v.Outcome != target.Allow {
		t.Errorf("metadata: %v", v.Outcome)
	}
	if v := ask(t, judge, pod("payments", "api"), address("198.51.100.1"), "tcp/80"); v.Outcome != target.Deny {
		t.Errorf("internet: %v", v.Outcome)
	}
	if !bytes.Contains(artifacts[0].Body, []byte("bulkhead/until: \"2027-01-31\"")) {
		t.Errorf("the day until which the artifact holds is missing:\n%s", artifacts[0].Body)
	}
}

// TestNamesAreData: whatever a flow or file is called, it is a comment and nothing else.
func TestNamesAreData(t *testing.T) {
	for _, name := range []string{"a\nspec: {}", "\"}'{{", "# - ---\n---\n", "\u2028x", "${x}", "\x00\x7f\u200b", "ünïcode", strings.Repeat("x", 5000)} {
		f := flow(30, name, workload("api"), workload("db"), "tcp/1")
		f.Range.Filename = name
		p := resolve(t, document(closed(), f))
		judge := load(t, emit(t, p))
		if v := ask(t, judge, pod("payments", "api"), pod("payments", "db"), "tcp/1"); v.Outcome != target.Allow {
			t.Errorf("%q: %v", name, v.Outcome)
		}
		if v := ask(t, judge, pod("payments", "db"), pod("payments", "api"), "tcp/1"); v.Outcome != target.Deny {
			t.Errorf("%q: %v", name, v.Outcome)
		}
	}
}

// TestLabelsAreTexts: what YAML 1.1 or 1.2 could take for another type stays the text that it is.
func TestLabelsAreTexts(t *testing.T) {
	for _, value := range []string{"y", "no", "on", "null", "1", "0x1f", "1e3", "0o7", "1_000", "2026-01-01", "", "true"} {
		doc := document(closed(), flow(30, "f", workload("api"), workload("db"), "tcp/1"))
		doc.Workloads[1].Match = map[string]string{"app": value}
		judge := load(t, emit(t, resolve(t, doc)))
		if v := ask(t, judge, pod("payments", "api"), pod("payments", value), "tcp/1"); v.Outcome != target.Allow {
			t.Errorf("%q: %v by %v", value, v.Outcome, v.Findings)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("api to db", "policy.hcl")
	f.Add("a\nspec: {}", "---\r\n")
	f.Fuzz(func(t *testing.T, name, file string) {
		b := flow(30, name, workload("api"), workload("db"), "tcp/1")
		b.Range.Filename = file
		judge := load(t, emit(t, resolve(t, document(closed(), b))))
		if v := ask(t, judge, pod("payments", "db"), pod("payments", "api"), "tcp/1"); v.Outcome != target.Deny {
			t.Errorf("%v", v.Outcome)
		}
	})
}

func TestLoadRefuses(t *testing.T) {
	_, err := networkpolicy.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "a.yaml", Body: []byte("kind: [")}})
	if err == nil || !strings.Contains(err.Error(), "a.yaml:1:1") {
		t.Errorf("error %v", err)
	}
	if _, err := (networkpolicy.Target{}).Load(target.Environment{}, []target.Artifact{{Path: "a.yaml"}}); err == nil {
		t.Error("an empty artifact is loaded")
	}
}

func TestJudgeRefuses(t *testing.T) {
	judge := load(t, emit(t, resolve(t, document(closed()))))
	for name, c := range map[string]attempt.Connection{
		"an address":     {From: address("1.2.3"), To: pod("payments", "api"), Port: "tcp/1"},
		"a port":         {From: pod("payments", "api"), To: pod("payments", "db"), Port: "icmp/1"},
		"a port's name":  {From: pod("payments", "api"), To: attempt.End{Namespace: "a", Ports: map[string]string{"x": "metrics"}}, Port: "tcp/1"},
		"a port's value": {From: pod("payments", "api"), To: attempt.End{Namespace: "a", Ports: map[string]string{"x": "9"}}, Port: "tcp/1"},
		"an end":         {From: attempt.End{}, To: pod("payments", "db"), Port: "tcp/1"},
	} {
		if v, err := judge.Judge(t.Context(), c); err == nil || v.Outcome != target.Undecided {
			t.Errorf("%s: %v, %v", name, v.Outcome, err)
		}
	}
	if v, err := judge.Judge(t.Context(), attempt.Capability{Name: "CHOWN"}); err != nil || v.Outcome != target.Inapplicable {
		t.Errorf("another layer's attempt: %v, %v", v.Outcome, err)
	}
}

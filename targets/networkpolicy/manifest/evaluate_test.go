package manifest_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/manifest"
)

func outside(ip string) reach.End { return reach.End{IP: netip.MustParseAddr(ip)} }

func parsePort(t testing.TB, s string) reach.Port {
	t.Helper()
	port, err := reach.ParsePort(s)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func read(t testing.TB, body string) *reach.Policies {
	t.Helper()
	p, err := manifest.Read("", manifest.Source{Name: "f.yaml", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return reach.New(p.Policies)
}

// The ends of the tables below. Their namespaces have the label team; their pods the label app.
func pod(namespace, app string) reach.End {
	return reach.End{
		Namespace: namespace, NamespaceLabels: map[string]string{"team": namespace}, Labels: map[string]string{"app": app},
		Ports: map[string]reach.ContainerPort{"http": {Protocol: reach.TCP, Number: 8080}, "dns": {Protocol: reach.UDP, Number: 5353}},
	}
}

func at(end reach.End, ip string) reach.End {
	end.IP = netip.MustParseAddr(ip)
	return end
}

func bare(namespace string) reach.End { return reach.End{Namespace: namespace} }

type question struct {
	from, to reach.End
	port     string
	want     string
}

func TestConnect(t *testing.T) {
	for name, c := range map[string]struct {
		spec      string
		questions []question
	}{
		"policyTypes default to Ingress": {"  podSelector: {}\n  egress: []\n", []question{
			{pod("b", "x"), pod("a", "y"), "tcp/1", "deny"},
			{pod("a", "x"), pod("b", "y"), "tcp/1", "allow"},
			{pod("a", "x"), pod("a", "y"), "tcp/1", "deny"},
			{outside("1.2.3.4"), pod("a", "y"), "tcp/1", "deny"},
			{outside("1.2.3.4"), pod("b", "y"), "tcp/1", "allow"},
			{outside("1.2.3.4"), outside("1.2.3.5"), "tcp/1", "allow"},
		}},
		"policyTypes default to both with egress rules": {"  podSelector: {}\n  egress: [{to: [{podSelector: {}}]}]\n", []question{
			{pod("a", "x"), pod("b", "y"), "tcp/1", "deny"},
			{pod("a", "x"), outside("1.2.3.4"), "tcp/1", "deny"},
			{pod("b", "x"), pod("a", "y"), "tcp/1", "deny"},
		}},
		"egress rules count for nothing without the type": {"  podSelector: {}\n  policyTypes: [Ingress]\n  egress: [{to: [{podSelector: {}}]}]\n", []question{
			{pod("a", "x"), pod("b", "y"), "tcp/1", "allow"},
		}},
		"deny all egress": {"  podSelector: {}\n  policyTypes: [Egress]\n", []question{
			{pod("a", "x"), pod("a", "y"), "tcp/1", "deny"},
			{pod("b", "x"), pod("a", "y"), "tcp/1", "allow"},
		}},
		"an empty rule allows everyone": {"  podSelector: {}\n  ingress: [{}]\n", []question{
			{outside("1.2.3.4"), pod("a", "y"), "sctp/1", "allow"},
		}},
		"empty lists allow everyone": {"  podSelector: {}\n  ingress: [{from: [], ports: []}]\n", []question{
			{outside("1.2.3.4"), pod("a", "y"), "tcp/1", "allow"},
		}},
		"pod selectors stay in their namespace": {"  podSelector: {}\n  ingress: [{from: [{podSelector: {}}]}]\n", []question{
			{pod("a", "x"), pod("a", "y"), "tcp/1", "allow"},
			{pod("b", "x"), pod("a", "y"), "tcp/1", "deny"},
			{bare("a"), pod("a", "y"), "tcp/1", "allow"},
		}},
		"selectors in one peer are a conjunction": {"  podSelector: {}\n  ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: x}}}]}]\n", []question{
			{pod("b", "x"), pod("a", "y"), "tcp/1", "allow"},
			{pod("b", "z"), pod("a", "y"), "tcp/1", "deny"},
			{pod("c", "x"), pod("a", "y"), "tcp/1", "deny"},
			{bare("b"), pod("a", "y"), "tcp/1", "unknown"},
		}},
		"selectors in two peers are alternatives": {"  podSelector: {}\n  ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}, {podSelector: {matchLabels: {app: x}}}]}]\n", []question{
			{pod("b", "z"), pod("a", "y"), "tcp/1", "allow"},
			{pod("a", "x"), pod("a", "y"), "tcp/1", "allow"},
			{pod("c", "x"), pod("a", "y"), "tcp/1", "deny"},
		}},
		"the name of a namespace is its label": {"  podSelector: {}\n  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]\n", []question{
			{bare("b"), pod("a", "y"), "tcp/1", "allow"},
			{bare("c"), pod("a", "y"), "tcp/1", "deny"},
		}},
		"every namespace is no end outside": {"  podSelector: {}\n  ingress: [{from: [{namespaceSelector: {}}]}]\n", []question{
			{bare("c"), bare("a"), "tcp/1", "allow"},
			{outside("10.0.0.1"), pod("a", "y"), "tcp/1", "deny"},
		}},
		"blocks": {"  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]\n", []question{
			{pod("a", "x"), outside("10.0.0.1"), "tcp/1", "allow"},
			{pod("a", "x"), outside("::ffff:10.0.0.1"), "tcp/1", "allow"},
			{pod("a", "x"), outside("10.1.0.1"), "tcp/1", "deny"},
			{pod("a", "x"), outside("11.0.0.1"), "tcp/1", "deny"},
			{pod("a", "x"), outside("fd00::1"), "tcp/1", "deny"},
			{pod("a", "x"), at(pod("b", "y"), "10.0.0.1"), "tcp/1", "allow"},
			{pod("a", "x"), pod("b", "y"), "tcp/1", "unknown"},
		}},
		"an unmasked block holds its network": {"  podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8}}]}]\n", []question{
			{outside("10.9.9.9"), pod("a", "y"), "tcp/1", "allow"},
		}},
		"ports": {"  podSelector: {}\n  ingress: [{ports: [{port: 80}, {port: 100, endPort: 200, protocol: UDP}, {protocol: SCTP}]}]\n", []question{
			{pod("b", "x"), pod("a", "y"), "tcp/80", "allow"},
			{pod("b", "x"), pod("a", "y"), "udp/80", "deny"},
			{pod("b", "x"), pod("a", "y"), "udp/99", "deny"},
			{pod("b", "x"), pod("a", "y"), "udp/100", "allow"},
			{pod("b", "x"), pod("a", "y"), "udp/200", "allow"},
			{pod("b", "x"), pod("a", "y"), "udp/201", "deny"},
			{pod("b", "x"), pod("a", "y"), "sctp/65535", "allow"},
			{pod("b", "x"), bare("a"), "http", "unknown"},
			{pod("b", "x"), bare("a"), "sctp/http", "allow"},
			{pod("b", "x"), pod("a", "y"), "http", "deny"},
		}},
		"named ports are the destination's": {"  podSelector: {}\n  ingress: [{ports: [{port: http}]}]\n", []question{
			{pod("b", "x"), pod("a", "y"), "tcp/8080", "allow"},
			{pod("b", "x"), pod("a", "y"), "udp/8080", "deny"},
			{pod("b", "x"), pod("a", "y"), "tcp/80", "deny"},
			{pod("b", "x"), pod("a", "y"), "http", "allow"},
			{pod("b", "x"), bare("a"), "tcp/8080", "unknown"},
			{pod("b", "x"), bare("a"), "http", "allow"},
			{pod("b", "x"), bare("a"), "metrics", "unknown"},
			{pod("b", "x"), bare("a"), "udp/http", "deny"},
		}},
		"named ports lead nowhere outside": {"  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: http}]}]\n", []question{
			{pod("a", "x"), outside("1.2.3.4"), "tcp/8080", "deny"},
			{pod("a", "x"), pod("b", "y"), "tcp/8080", "allow"},
		}},
		"operators": {"  podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [z]}, {key: old, operator: DoesNotExist}]}\n  ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [w, x]}, {key: app, operator: Exists}]}}]}]\n", []question{
			{pod("a", "x"), pod("a", "y"), "tcp/1", "allow"},
			{pod("a", "v"), pod("a", "y"), "tcp/1", "deny"},
			{pod("a", "v"), pod("a", "z"), "tcp/1", "allow"},
			{pod("a", "v"), reach.End{Namespace: "a", Labels: map[string]string{}}, "tcp/1", "deny"},
			{pod("a", "v"), reach.End{Namespace: "a", Labels: map[string]string{"old": ""}}, "tcp/1", "allow"},
			{pod("a", "v"), bare("a"), "tcp/1", "unknown"},
			{pod("a", "x"), bare("a"), "tcp/1", "allow"}, // isolated or not, x may
		}},
	} {
		p := read(t, policyWith(c.spec))
		for _, q := range c.questions {
			answer, err := p.Connect(q.from, q.to, parsePort(t, q.port))
			if err != nil || answer.Outcome.String() != q.want {
				t.Errorf("%s: from %v to %v, %s: %v, %v, want %s", name, q.from, q.to, q.port, answer.Outcome, err, q.want)
			}
		}
	}
}

const twoPolicies = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: a}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: a}
spec:
  podSelector: {matchLabels: {app: 'y'}}
  ingress:
  - ports: [{port: 1}]
  - from:
    - podSelector: {matchLabels: {app: x}}
`

func TestReasonsNameThePlace(t *testing.T) {
	p := read(t, twoPolicies)
	places := func(d reach.Decision) string {
		var all []string
		for _, r := range d.Reasons {
			all = append(all, r.Policy+" "+r.Location.String())
		}
		return strings.Join(all, ", ")
	}
	for _, c := range []struct {
		question
		egress, ingress string
	}{
		{question{pod("b", "x"), pod("a", "y"), "tcp/1", "allow"}, "", "a/open f.yaml:14:5 (/spec/ingress/0)"},
		{question{pod("b", "x"), pod("a", "y"), "tcp/2", "deny"}, "", "a/closed f.yaml:1:1, a/open f.yaml:8:1"},
		{question{pod("a", "x"), pod("a", "y"), "tcp/1", "deny"}, "a/closed f.yaml:1:1", "a/open f.yaml:14:5 (/spec/ingress/0), a/open f.yaml:15:5 (/spec/ingress/1)"},
		{question{bare("b"), bare("a"), "tcp/1", "unknown"}, "", "a/open f.yaml:14:5 (/spec/ingress/0)"},
	} {
		answer, err := p.Connect(c.from, c.to, parsePort(t, c.port))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Outcome.String() != c.want || places(answer.Egress) != c.egress || places(answer.Ingress) != c.ingress {
			t.Errorf("from %v to %v, %s: %v by %q and %q, want %s by %q and %q", c.from, c.to, c.port,
				answer.Outcome, places(answer.Egress), places(answer.Ingress), c.want, c.egress, c.ingress)
		}
	}
}

func TestExceptionsAreTheReason(t *testing.T) {
	p := read(t, policyWith("  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n  - to:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16, 10.1.0.0/16]}\n    ports: [{port: 80}]\n"))
	for port, want := range map[string]string{"tcp/80": "f.yaml:11:57 (/spec/egress/0/to/0/ipBlock/except/1)", "tcp/81": "f.yaml:1:1"} {
		answer, err := p.Connect(pod("a", "x"), outside("10.1.2.3"), parsePort(t, port))
		if err != nil || answer.Outcome != reach.Deny || len(answer.Egress.Reasons) != 1 || answer.Egress.Reasons[0].Location.String() != want {
			t.Errorf("%s: %+v, %v, want a refusal at %s", port, answer.Egress, err, want)
		}
	}
}

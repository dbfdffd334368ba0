package reach_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
)

func outside(ip string) reach.End { return reach.End{IP: netip.MustParseAddr(ip)} }

// The policies and ends drawn here share few names, so that most rules decide something.

func label(key string, operator reach.Operator, values ...string) reach.Selector {
	return reach.Selector{{Key: key, Operator: operator, Values: values}}
}

func drawSelector(t *rapid.T) reach.Selector {
	return rapid.SampledFrom([]reach.Selector{
		nil, label("app", reach.In, "p"), label("app", reach.In, "q"), label("app", reach.NotIn, "p"), label("app", reach.Exists),
		label("tier", reach.DoesNotExist), label("kubernetes.io/metadata.name", reach.In, "b"), label("team", reach.In, "red"),
	}).Draw(t, "selector")
}

func drawPeer(t *rapid.T) reach.Peer {
	switch rapid.IntRange(0, 3).Draw(t, "peer") {
	case 0:
		return reach.Peer{Pods: drawSelector(t)}
	case 1:
		selector := drawSelector(t)
		return reach.Peer{Namespaces: &selector}
	case 2:
		selector := drawSelector(t)
		return reach.Peer{Namespaces: &selector, Pods: drawSelector(t)}
	}
	block := func(prefix string, except ...string) *reach.Block {
		b := &reach.Block{Prefix: netip.MustParsePrefix(prefix)}
		for _, e := range except {
			b.Except = append(b.Except, reach.Exception{Prefix: netip.MustParsePrefix(e)})
		}
		return b
	}
	return reach.Peer{Block: rapid.SampledFrom([]*reach.Block{
		block("10.0.0.0/8"), block("10.0.0.0/8", "10.1.0.0/16"), block("0.0.0.0/0"),
	}).Draw(t, "block")}
}

func drawRule(t *rapid.T) reach.Rule {
	var rule reach.Rule
	if rapid.Bool().Draw(t, "peers") {
		rule.Peers = []reach.Peer{drawPeer(t), drawPeer(t)}
	}
	if rapid.Bool().Draw(t, "ports") {
		rule.Ports = rapid.SampledFrom([][]reach.PortRange{
			{{Protocol: reach.TCP, First: 80, Last: 80}}, {{Protocol: reach.TCP, First: 80, Last: 90}}, {{Protocol: reach.TCP, Name: "http"}},
			{{Protocol: reach.UDP, First: 1, Last: 65535}}, {{Protocol: reach.UDP, First: 80, Last: 80}, {Protocol: reach.UDP, Name: "dns"}},
		}).Draw(t, "port")
	}
	return rule
}

func drawPolicies(t *rapid.T) []reach.Policy {
	var all []reach.Policy
	for i := range rapid.IntRange(1, 4).Draw(t, "policies") {
		p := reach.Policy{
			Name: fmt.Sprintf("p%d", i), Namespace: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "namespace"), Pods: drawSelector(t),
		}
		isolates := rapid.IntRange(1, 3).Draw(t, "isolates")
		p.Ingress.Isolates, p.Egress.Isolates = isolates&1 != 0, isolates&2 != 0
		for range rapid.IntRange(0, 2).Draw(t, "ingress") {
			p.Ingress.Rules = append(p.Ingress.Rules, drawRule(t))
		}
		for range rapid.IntRange(0, 2).Draw(t, "egress") {
			p.Egress.Rules = append(p.Egress.Rules, drawRule(t))
		}
		all = append(all, p)
	}
	return all
}

// isolated isolates the pods of a namespace in both directions.
func isolated(name, namespace string, pods reach.Selector) reach.Policy {
	closed := reach.Side{Isolates: true}
	return reach.Policy{Name: name, Namespace: namespace, Pods: pods, Ingress: closed, Egress: closed}
}

func drawEnd(t *rapid.T) reach.End {
	if rapid.IntRange(0, 3).Draw(t, "outside") == 0 {
		return outside(rapid.SampledFrom([]string{"10.0.0.1", "10.1.0.1", "192.0.2.1", "2001:db8::1"}).Draw(t, "ip"))
	}
	end := reach.End{
		Namespace: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "namespace"), NamespaceLabels: map[string]string{}, Labels: map[string]string{},
		Ports: map[string]reach.ContainerPort{},
	}
	if rapid.Bool().Draw(t, "red") {
		end.NamespaceLabels["team"] = "red"
	}
	for _, label := range strings.Split(rapid.SampledFrom([]string{"app=p", "app=q", "tier=x", "app=p,tier=x"}).Draw(t, "labels"), ",") {
		key, value, _ := strings.Cut(label, "=")
		end.Labels[key] = value
	}
	if rapid.Bool().Draw(t, "http") {
		end.Ports["http"] = reach.ContainerPort{Protocol: reach.TCP, Number: uint16(rapid.SampledFrom([]int{80, 81}).Draw(t, "number"))}
	}
	end.IP = netip.MustParseAddr(rapid.SampledFrom([]string{"10.0.0.9", "10.1.0.9", "fd00::9"}).Draw(t, "podIP"))
	return end
}

func connect(t *rapid.T, policies []reach.Policy, from, to reach.End, port string) reach.Outcome {
	parsed, err := reach.ParsePort(port)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := reach.New(policies).Connect(from, to, parsed)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Outcome
}

func drawPort(t *rapid.T) string {
	return rapid.SampledFrom([]string{"tcp/80", "tcp/81", "tcp/443", "udp/80"}).Draw(t, "asked")
}

// fixedDraws is how many draws of fixed seeds show that every outcome is met, whatever the seed of a check.
const fixedDraws = 100

func TestFullKnowledgeDecides(t *testing.T) {
	outcomes := rapid.Custom(func(t *rapid.T) reach.Outcome {
		return connect(t, drawPolicies(t), drawEnd(t), drawEnd(t), drawPort(t))
	})
	rapid.Check(t, func(t *rapid.T) {
		if outcomes.Draw(t, "outcome") == reach.Unknown {
			t.Fatal("unknown, although all is known")
		}
	})
	seen := map[reach.Outcome]int{}
	for seed := range fixedDraws {
		seen[outcomes.Example(seed)]++
	}
	if seen[reach.Allow] == 0 || seen[reach.Deny] == 0 {
		t.Errorf("only one outcome was drawn: %v", seen)
	}
}

// TestKnowingMoreNeverChangesADecision: what is decided while something is not known stays so whatever it turns out to be.
func TestKnowingMoreNeverChangesADecision(t *testing.T) {
	decisions := rapid.Custom(func(t *rapid.T) reach.Outcome {
		policies, from, to, port := drawPolicies(t), drawEnd(t), drawEnd(t), drawPort(t)
		lessFrom, lessTo := forget(t, from), forget(t, to)
		less, full := connect(t, policies, lessFrom, lessTo, port), connect(t, policies, from, to, port)
		if less != reach.Unknown && less != full {
			t.Fatalf("%v while little is known, %v in the end\nfrom %+v\nto %+v\n%+v", less, full, from, to, policies)
		}
		return less
	})
	rapid.Check(t, func(t *rapid.T) { decisions.Draw(t, "decision") })
	seen := map[reach.Outcome]int{}
	for seed := range fixedDraws {
		seen[decisions.Example(seed)]++
	}
	if len(seen) != 3 {
		t.Errorf("not every outcome was drawn: %v", seen)
	}
}

// forget drops some of what is known about a pod.
func forget(t *rapid.T, end reach.End) reach.End {
	if end.Namespace == "" {
		return end
	}
	if rapid.Bool().Draw(t, "forgetLabels") {
		end.Labels = nil
	}
	if rapid.Bool().Draw(t, "forgetNamespaceLabels") {
		end.NamespaceLabels = nil
	}
	if rapid.Bool().Draw(t, "forgetPorts") {
		end.Ports = nil
	}
	if rapid.Bool().Draw(t, "forgetIP") {
		end.IP = reach.End{}.IP
	}
	return end
}

func TestPolicyOfOthersChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policies, from, to, port := drawPolicies(t), drawEnd(t), drawEnd(t), drawPort(t)
		before := connect(t, policies, from, to, port)
		elsewhere, nobody := isolated("other", "elsewhere", nil), isolated("other", "a", label("app", reach.In, "nobody"))
		if after := connect(t, append(policies, elsewhere, nobody), from, to, port); after != before {
			t.Fatalf("%v became %v", before, after)
		}
	})
}

func TestRuleNeverRemovesAConnection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policies, from, to, port := drawPolicies(t), forget(t, drawEnd(t)), forget(t, drawEnd(t)), drawPort(t)
		before := connect(t, policies, from, to, port)
		more := slices.Clone(policies)
		i := rapid.IntRange(0, len(more)-1).Draw(t, "added to")
		more[i].Ingress.Rules = append(slices.Clone(more[i].Ingress.Rules), drawRule(t))
		more[i].Egress.Rules = append(slices.Clone(more[i].Egress.Rules), drawRule(t))
		after := connect(t, more, from, to, port)
		if before == reach.Allow && after != reach.Allow || before == reach.Unknown && after == reach.Deny {
			t.Fatalf("%v became %v\n%+v", before, after, more)
		}
	})
}

func TestPolicyOnlyAddsWhereAllIsIsolated(t *testing.T) {
	closed := []reach.Policy{isolated("closed", "a", nil), isolated("closed", "b", nil)}
	rapid.Check(t, func(t *rapid.T) {
		policies, from, to, port := append(drawPolicies(t), closed...), forget(t, drawEnd(t)), forget(t, drawEnd(t)), drawPort(t)
		before := connect(t, policies[1:], from, to, port)
		after := connect(t, policies, from, to, port)
		if before == reach.Allow && after != reach.Allow || before == reach.Unknown && after == reach.Deny {
			t.Fatalf("where everything is isolated, one more policy made of %v %v\n%+v", before, after, policies)
		}
	})
}

func TestOrderOfPoliciesIsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policies, from, to, port := drawPolicies(t), forget(t, drawEnd(t)), forget(t, drawEnd(t)), drawPort(t)
		before := connect(t, policies, from, to, port)
		slices.Reverse(policies)
		if after := connect(t, policies, from, to, port); after != before {
			t.Fatalf("%v became %v in reverse order\n%+v", before, after, policies)
		}
	})
}

// BenchmarkConnectAmong1000 asks one question of a namespace with 1,000 policies.
func BenchmarkConnectAmong1000(b *testing.B) {
	var policies []reach.Policy
	for i := range 1000 {
		policies = append(policies, reach.Policy{
			Name: fmt.Sprintf("p%d", i), Namespace: "a", Pods: label("app", reach.In, fmt.Sprintf("w%d", i)), Egress: reach.Side{Isolates: true},
			Ingress: reach.Side{Isolates: true, Rules: []reach.Rule{{
				Peers: []reach.Peer{{Pods: label("app", reach.In, fmt.Sprintf("w%d", i+1))}}, Ports: []reach.PortRange{{Protocol: reach.TCP, First: 80, Last: 80}},
			}}},
		})
	}
	p := reach.New(policies)
	from, to := pod("a", "w501"), pod("a", "w500")
	for b.Loop() {
		if answer, err := p.Connect(from, to, reach.Port{Protocol: reach.TCP, Number: 80}); err != nil || answer.Outcome != reach.Deny {
			b.Fatal(answer, err)
		}
	}
}

package reach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/reach"
)

// The policies and ends drawn here share few names, so that most rules decide something.

func drawSelector(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"{}", "{matchLabels: {app: p}}", "{matchLabels: {app: q}}", "{matchExpressions: [{key: app, operator: NotIn, values: [p]}]}",
		"{matchExpressions: [{key: app, operator: Exists}]}", "{matchExpressions: [{key: tier, operator: DoesNotExist}]}",
		"{matchLabels: {kubernetes.io/metadata.name: b}}", "{matchLabels: {team: red}}",
	}).Draw(t, "selector")
}

func drawPeer(t *rapid.T) string {
	switch rapid.IntRange(0, 3).Draw(t, "peer") {
	case 0:
		return "{podSelector: " + drawSelector(t) + "}"
	case 1:
		return "{namespaceSelector: " + drawSelector(t) + "}"
	case 2:
		return "{namespaceSelector: " + drawSelector(t) + ", podSelector: " + drawSelector(t) + "}"
	}
	return rapid.SampledFrom([]string{
		"{ipBlock: {cidr: 10.0.0.0/8}}", "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}", "{ipBlock: {cidr: 0.0.0.0/0}}",
	}).Draw(t, "block")
}

func drawRule(t *rapid.T, field string) string {
	var parts []string
	if rapid.Bool().Draw(t, "peers") {
		parts = append(parts, field+": ["+drawPeer(t)+", "+drawPeer(t)+"]")
	}
	if rapid.Bool().Draw(t, "ports") {
		parts = append(parts, "ports: ["+rapid.SampledFrom([]string{
			"{port: 80}", "{port: 80, endPort: 90}", "{port: http}", "{protocol: UDP}", "{port: 80, protocol: UDP}, {port: dns, protocol: UDP}",
		}).Draw(t, "port")+"]")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// drawnPolicy is a policy that can still be added to.
type drawnPolicy struct {
	name, namespace, selector, types string
	ingress, egress                  []string
}

func (p drawnPolicy) String() string {
	return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: %s}\n"+
		"spec: {podSelector: %s, policyTypes: %s, ingress: [%s], egress: [%s]}\n",
		p.name, p.namespace, p.selector, p.types, strings.Join(p.ingress, ", "), strings.Join(p.egress, ", "))
}

func drawPolicies(t *rapid.T) []drawnPolicy {
	var all []drawnPolicy
	for i := range rapid.IntRange(1, 4).Draw(t, "policies") {
		p := drawnPolicy{
			name: fmt.Sprintf("p%d", i), namespace: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "namespace"), selector: drawSelector(t),
			types: rapid.SampledFrom([]string{"[Ingress]", "[Egress]", "[Ingress, Egress]"}).Draw(t, "types"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "ingress") {
			p.ingress = append(p.ingress, drawRule(t, "from"))
		}
		for range rapid.IntRange(0, 2).Draw(t, "egress") {
			p.egress = append(p.egress, drawRule(t, "to"))
		}
		all = append(all, p)
	}
	return all
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
	return at(end, rapid.SampledFrom([]string{"10.0.0.9", "10.1.0.9", "fd00::9"}).Draw(t, "podIP"))
}

func text(policies []drawnPolicy) string {
	var b strings.Builder
	for _, p := range policies {
		b.WriteString(p.String())
	}
	return b.String()
}

func connect(t *rapid.T, policies []drawnPolicy, from, to reach.End, port string) reach.Outcome {
	p, err := reach.Read("", reach.Source{Name: "f.yaml", Body: []byte(text(policies))})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text(policies))
	}
	parsed, err := reach.ParsePort(port)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Connect(from, to, parsed)
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
		if outcomes.Draw(t, "outcome") == reach.Undecided {
			t.Fatal("undecided, although all is known")
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
		if less != reach.Undecided && less != full {
			t.Fatalf("%v while little is known, %v in the end\nfrom %+v\nto %+v\n%s", less, full, from, to, text(policies))
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
		elsewhere := drawnPolicy{name: "other", namespace: "elsewhere", selector: "{}", types: "[Ingress, Egress]"}
		nobody := drawnPolicy{name: "other", namespace: "a", selector: "{matchLabels: {app: nobody}}", types: "[Ingress, Egress]"}
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
		more[i].ingress = append(slices.Clone(more[i].ingress), drawRule(t, "from"))
		more[i].egress = append(slices.Clone(more[i].egress), drawRule(t, "to"))
		after := connect(t, more, from, to, port)
		if before == reach.Allow && after != reach.Allow || before == reach.Undecided && after == reach.Deny {
			t.Fatalf("%v became %v\n%s", before, after, text(more))
		}
	})
}

func TestPolicyOnlyAddsWhereAllIsIsolated(t *testing.T) {
	closed := []drawnPolicy{
		{name: "closed", namespace: "a", selector: "{}", types: "[Ingress, Egress]"}, {name: "closed", namespace: "b", selector: "{}", types: "[Ingress, Egress]"},
	}
	rapid.Check(t, func(t *rapid.T) {
		policies, from, to, port := append(drawPolicies(t), closed...), forget(t, drawEnd(t)), forget(t, drawEnd(t)), drawPort(t)
		before := connect(t, policies[1:], from, to, port)
		after := connect(t, policies, from, to, port)
		if before == reach.Allow && after != reach.Allow || before == reach.Undecided && after == reach.Deny {
			t.Fatalf("where everything is isolated, one more policy made of %v %v\n%s", before, after, text(policies))
		}
	})
}

func TestOrderOfPoliciesIsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policies, from, to, port := drawPolicies(t), forget(t, drawEnd(t)), forget(t, drawEnd(t)), drawPort(t)
		before := connect(t, policies, from, to, port)
		slices.Reverse(policies)
		if after := connect(t, policies, from, to, port); after != before {
			t.Fatalf("%v became %v in reverse order\n%s", before, after, text(policies))
		}
	})
}

func manyPolicies(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p%d\n  namespace: a\nspec:\n"+
			"  podSelector:\n    matchLabels:\n      app: w%d\n  policyTypes: [Ingress, Egress]\n"+
			"  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          app: w%d\n    ports:\n    - port: 80\n      protocol: TCP\n", i, i, i+1)
	}
	return b.String()
}

func BenchmarkRead1000(b *testing.B) {
	source := reach.Source{Name: "f.yaml", Body: []byte(manyPolicies(1000))}
	b.SetBytes(int64(len(source.Body)))
	for b.Loop() {
		if _, err := reach.Read("", source); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConnectAmong1000(b *testing.B) {
	p := read(b, manyPolicies(1000))
	from, to, port := pod("a", "w501"), pod("a", "w500"), parsePort(b, "tcp/80")
	for b.Loop() {
		if answer, err := p.Connect(from, to, port); err != nil || answer.Outcome != reach.Deny {
			b.Fatal(answer, err)
		}
	}
}

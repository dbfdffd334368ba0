package reach_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
)

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// TestDivideMissesNothing: every connection between two ends has the outcome of one of the parts, and every part is one of the connections.
func TestDivideMissesNothing(t *testing.T) {
	networks, except := prefixes("10.0.0.0/7", "192.0.2.0/24", "2001:db8::/32"), prefixes("10.2.0.0/15")
	rapid.Check(t, func(t *rapid.T) {
		policies := drawPolicies(t)
		pod := drawEnd(t)
		if pod.Namespace == "" {
			return
		}
		pods := reach.Ends{Pod: pod, Further: rapid.Bool().Draw(t, "further"), Namespaces: []string{reach.AnyNamespace}}
		if pods.Further && rapid.Bool().Draw(t, "unlabelled") {
			pods.Pod.Labels = nil
		}
		outside := reach.Ends{Networks: networks, Except: except}
		ports := reach.Ports{Protocols: []reach.Protocol{reach.TCP, reach.UDP}, First: 70, Last: 500}
		ends := [][2]reach.Ends{{pods, outside}, {outside, pods}, {pods, pods}}[rapid.IntRange(0, 2).Draw(t, "ends")]
		parts, err := reach.New(policies).Divide(ends[0], ends[1], ports, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[reach.Outcome]bool{}
		for _, p := range parts {
			answer, err := reach.New(policies).Connect(p.From, p.To, p.Port)
			if err != nil {
				t.Fatal(err)
			}
			seen[answer.Outcome] = true
			for _, e := range []reach.End{p.From, p.To} {
				in := func(list []netip.Prefix) bool {
					return slices.ContainsFunc(list, func(n netip.Prefix) bool { return n.Contains(e.IP) })
				}
				if e.Namespace == "" && (!in(networks) || in(except)) {
					t.Fatalf("%v is no address of the end", e.IP)
				}
			}
		}
		any := func(e reach.Ends) reach.End {
			if e.Networks != nil {
				return reach.End{IP: netip.MustParseAddr(rapid.SampledFrom([]string{
					"10.0.0.1", "10.1.0.1", "10.1.255.255", "10.255.0.1", "11.0.0.0", "192.0.2.255", "2001:db8::1",
				}).Draw(t, "ip"))}
			}
			end := e.Pod
			end.Namespace = rapid.SampledFrom([]string{"a", "b", "c", "other"}).Draw(t, "in")
			if e.Further {
				end.Labels = drawFurther(t, end.Labels)
			}
			return end
		}
		port := rapid.SampledFrom([]string{"tcp/70", "tcp/80", "tcp/85", "tcp/91", "tcp/500", "udp/80", "udp/81"}).Draw(t, "asked")
		from, to := any(ends[0]), any(ends[1])
		if outcome := connect(t, policies, from, to, port); !seen[outcome] {
			t.Fatalf("%v from %+v to %+v on %s, but no part of %d is\n%+v", outcome, from, to, port, len(parts), policies)
		}
	})
}

// drawFurther draws labels beyond those given.
func drawFurther(t *rapid.T, labels map[string]string) map[string]string {
	out := map[string]string{}
	for _, label := range []struct {
		key    string
		values []string
	}{{"app", []string{"", "p", "q", "r"}}, {"tier", []string{"", "x"}}, {"team", []string{"", "red", "blue"}}, {"kubernetes.io/metadata.name", []string{"", "b"}}} {
		if value := rapid.SampledFrom(label.values).Draw(t, label.key); value != "" {
			out[label.key] = value
		}
	}
	maps.Copy(out, labels)
	return out
}

func TestDivideNamesParts(t *testing.T) {
	block := func(prefix string, except ...string) reach.Peer {
		b := &reach.Block{Prefix: netip.MustParsePrefix(prefix)}
		for _, e := range prefixes(except...) {
			b.Except = append(b.Except, reach.Exception{Prefix: e})
		}
		return reach.Peer{Block: b}
	}
	policies := reach.New([]reach.Policy{{
		Name: "p", Namespace: "a", Egress: reach.Side{Isolates: true, Rules: []reach.Rule{{
			Peers: []reach.Peer{block("10.0.0.0/8", "10.0.0.0/9", "10.200.0.0/16"), block("fd00::/8")},
			Ports: []reach.PortRange{{Protocol: reach.TCP, First: 80, Last: 89}, {Protocol: reach.TCP, Name: "pg"}},
		}}},
	}})
	one := reach.Ends{Pod: reach.End{Labels: map[string]string{}}, Namespaces: []string{"a"}}
	two := one
	two.Namespaces = []string{"a", "b"}
	db := two
	db.Pod.Ports = map[string]reach.ContainerPort{"pg": {Protocol: reach.TCP, Number: 85}}
	tcp := func(first, last uint16) reach.Ports {
		return reach.Ports{Protocols: []reach.Protocol{reach.TCP}, First: first, Last: last}
	}
	for name, c := range map[string]struct {
		from, to reach.Ends
		ports    reach.Ports
		want     string
	}{
		"one":    {one, reach.Ends{Networks: prefixes("192.0.2.0/24")}, tcp(80, 80), ""},
		"within": {one, reach.Ends{Networks: prefixes("10.200.1.0/24")}, tcp(443, 443), ""},
		"blocks": {one, reach.Ends{Networks: prefixes("0.0.0.0/0")}, tcp(1, 79),
			"to 0.0.0.0/0 without 10.0.0.0/8|to 10.0.0.0/8 without 10.0.0.0/9, 10.200.0.0/16|to 10.0.0.0/9|to 10.200.0.0/16"},
		"families":     {one, reach.Ends{Networks: prefixes("10.200.0.0/24", "fd00::/16")}, tcp(1, 1), "to 10.200.0.0/24|to fd00::/16"},
		"holes":        {one, reach.Ends{Networks: prefixes("10.128.0.0/9"), Except: prefixes("10.128.0.0/10")}, tcp(1, 1), "to 10.128.0.0/9 without 10.128.0.0/10, 10.200.0.0/16|to 10.200.0.0/16"},
		"namespaces":   {two, reach.Ends{Networks: prefixes("192.0.2.0/24")}, tcp(80, 80), "from namespace a|from namespace b"},
		"ports":        {one, one, tcp(1, 100), "on tcp/1-79|on tcp/80-89|on tcp/90-100"},
		"part of them": {one, one, tcp(85, 100), "on tcp/85-89|on tcp/90-100"},
		"named ports":  {one, db, tcp(85, 86), "to namespace a on tcp/85|to namespace a on tcp/86|to namespace b on tcp/85|to namespace b on tcp/86"},
	} {
		parts, err := policies.Divide(c.from, c.to, c.ports, nil)
		var got []string
		for _, p := range parts {
			got = append(got, p.Name)
		}
		if s := strings.Join(got, "|"); err != nil || s != c.want {
			t.Errorf("%s: %q %v, want %q", name, s, err, c.want)
		}
	}
}

// TestDivideFurtherLabels: a name that stands for pods with some labels stands for those with more.
func TestDivideFurtherLabels(t *testing.T) {
	label := func(pairs ...string) reach.Selector {
		var out reach.Selector
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, reach.Requirement{Key: pairs[i], Operator: reach.In, Values: []string{pairs[i+1]}})
		}
		return out
	}
	not := func(key string, values ...string) reach.Requirement {
		return reach.Requirement{Key: key, Operator: reach.NotIn, Values: values}
	}
	closed := func(namespace, name string, pods reach.Selector, from ...reach.Selector) reach.Policy {
		side := reach.Side{Isolates: true}
		for _, s := range from {
			side.Rules = append(side.Rules, reach.Rule{Peers: []reach.Peer{{Namespaces: &reach.Selector{}, Pods: s}}})
		}
		return reach.Policy{Namespace: namespace, Name: name, Pods: pods, Ingress: side}
	}
	end := func(namespace string, labels map[string]string) reach.Ends {
		return reach.Ends{Pod: reach.End{Labels: labels}, Further: true, Namespaces: []string{namespace}}
	}
	web, db := end("out", map[string]string{"app": "web"}), end("in", map[string]string{"app": "db"})
	for name, c := range map[string]struct {
		policies []reach.Policy
		from, to reach.Ends
		want     string
	}{
		"none":            {[]reach.Policy{closed("in", "p", label("app", "db"), label("app", "web"))}, web, db, "allow"},
		"others":          {[]reach.Policy{closed("in", "p", label("app", "db"), label("app", "api", "tier", "x"))}, web, db, "deny"},
		"of the source":   {[]reach.Policy{closed("in", "p", label("app", "db"), label("app", "web", "tier", "x"))}, web, db, "from namespace out deny|from namespace out with tier=x allow"},
		"of every source": {[]reach.Policy{closed("in", "p", nil, label("tier", "x"))}, end("out", nil), db, "from namespace out deny|from namespace out with tier=x allow"},
		"of the target":   {[]reach.Policy{closed("in", "p", label("shard", "1"))}, web, db, "to namespace in allow|to namespace in with shard=1 deny"},
		"of both": {[]reach.Policy{closed("in", "p", nil), closed("in", "q", label("shard", "1"), label("tier", "x"))}, web, db,
			"from namespace out to namespace in deny|from namespace out to namespace in with shard=1 deny|from namespace out with tier=x to namespace in deny|from namespace out with tier=x to namespace in with shard=1 allow"},
		"not": {[]reach.Policy{closed("in", "p", nil, reach.Selector{not("tier", "x", "y")})}, web, db, "from namespace out allow|from namespace out with tier=x deny"},
		"two keys": {[]reach.Policy{closed("in", "p", nil, label("tier", "x", "zone", "1"), label("tier", "y"))}, web, db,
			"from namespace out deny|from namespace out with tier=y allow|from namespace out with tier=x, zone=1 allow"},
	} {
		policies := reach.New(c.policies)
		parts, err := policies.Divide(c.from, c.to, reach.Ports{Protocols: []reach.Protocol{reach.TCP}, First: 80, Last: 80}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, p := range parts {
			answer, err := policies.Connect(p.From, p.To, p.Port)
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.TrimSpace(p.Name + " " + answer.Outcome.String()); !slices.Contains(got, said) {
				got = append(got, said)
			}
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

func TestDivideIsBounded(t *testing.T) {
	many := reach.Ends{Pod: reach.End{Labels: map[string]string{}}}
	for i := range 400 {
		many.Namespaces = append(many.Namespaces, fmt.Sprintf("n%d", i))
	}
	if parts, err := reach.New(nil).Divide(many, many, reach.Ports{Protocols: []reach.Protocol{reach.TCP}, First: 1, Last: 1}, nil); err == nil {
		t.Errorf("%d parts", len(parts))
	}
}

package reach_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
)

// TestOpeningsMissNothing: where a policy of others makes a difference to any connection, an opening says so; and every opening is one.
func TestOpeningsMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ours := drawPolicies(t)
		theirs := drawPolicies(t)[0]
		theirs.Name = "theirs"
		refusing, together := reach.New(ours), reach.New(append(ours[:len(ours):len(ours)], theirs))
		openings, err := together.Openings(theirs, refusing)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range openings {
			before, err := refusing.Connect(o.From, o.To, o.Port)
			if err != nil {
				t.Fatal(err)
			}
			after, err := together.Connect(o.From, o.To, o.Port)
			if err != nil {
				t.Fatal(err)
			}
			if before.Outcome == reach.Allow || after.Outcome == reach.Deny || o.Possibly != (before.Outcome == reach.Unknown) {
				t.Fatalf("%+v: %v before, %v after", o, before.Outcome, after.Outcome)
			}
		}
		for range 20 {
			from, to := drawEnd(t), drawEnd(t)
			for _, end := range []*reach.End{&from, &to} {
				if end.Namespace != "" {
					end.Labels = drawFurther(t, nil)
				}
			}
			port, err := reach.ParsePort(rapid.SampledFrom([]string{"tcp/80", "tcp/85", "tcp/443", "udp/80", "udp/81"}).Draw(t, "port"))
			if err != nil {
				t.Fatal(err)
			}
			before, err := refusing.Connect(from, to, port)
			if err != nil {
				t.Fatal(err)
			}
			after, err := together.Connect(from, to, port)
			if err != nil {
				t.Fatal(err)
			}
			if before.Outcome == reach.Deny && after.Outcome == reach.Allow && len(openings) == 0 {
				t.Fatalf("nothing is opened, but from %+v to %+v on %s is\n%+v\n%+v", from, to, port, ours, theirs)
			}
		}
	})
}

// TestOpenings: what is opened is named, as far as it goes and once.
func TestOpenings(t *testing.T) {
	label := func(key, value string) reach.Selector {
		return reach.Selector{{Key: key, Operator: reach.In, Values: []string{value}}}
	}
	block := func(prefix string) reach.Peer {
		return reach.Peer{Block: &reach.Block{Prefix: netip.MustParsePrefix(prefix)}}
	}
	tcp := func(first, last uint16) []reach.PortRange {
		return []reach.PortRange{{Protocol: reach.TCP, First: first, Last: last}}
	}
	ours := []reach.Policy{
		{Namespace: "shop", Name: "all", Ingress: reach.Side{Isolates: true}, Egress: reach.Side{Isolates: true}},
		{Namespace: "shop", Name: "web", Pods: label("app", "web"), Egress: reach.Side{Isolates: true, Rules: []reach.Rule{
			{Peers: []reach.Peer{block("192.0.2.0/24")}, Ports: tcp(443, 443)}, {Peers: []reach.Peer{{Pods: label("app", "db")}}, Ports: tcp(5432, 5432)}}}},
		{Namespace: "shop", Name: "db", Pods: label("app", "db"), Ingress: reach.Side{Isolates: true, Rules: []reach.Rule{
			{Peers: []reach.Peer{{Pods: label("app", "web")}}, Ports: tcp(5432, 5432)}}}},
	}
	allow := func(name, app string, egress bool, rules ...reach.Rule) reach.Policy {
		side := reach.Side{Isolates: true, Rules: rules}
		p := reach.Policy{Namespace: "shop", Name: name, Pods: label("app", app)}
		if egress {
			p.Egress = side
		} else {
			p.Ingress = side
		}
		return p
	}
	for name, c := range map[string]struct {
		theirs []reach.Policy // the first is asked about
		want   string
	}{
		"nothing":    {[]reach.Policy{allow("t", "web", true)}, ""},
		"the same":   {[]reach.Policy{allow("t", "web", true, reach.Rule{Peers: []reach.Peer{block("192.0.2.0/25")}, Ports: tcp(443, 443)})}, ""},
		"more ports": {[]reach.Policy{allow("t", "web", true, reach.Rule{Peers: []reach.Peer{block("192.0.2.0/24")}, Ports: tcp(440, 450)})}, "egress pods of the namespace shop with app=web, 192.0.2.0/24, tcp/440-442, tcp/444-450"},
		"an address": {[]reach.Policy{allow("t", "db", false, reach.Rule{Peers: []reach.Peer{block("203.0.113.0/24")}})}, "ingress pods of the namespace shop with app=db, 203.0.113.0/24, every port"},
		"one end":    {[]reach.Policy{allow("t", "web", true, reach.Rule{Peers: []reach.Peer{{Pods: label("app", "mail")}}, Ports: tcp(25, 25)})}, ""},
		"both ends": {[]reach.Policy{allow("t", "web", true, reach.Rule{Peers: []reach.Peer{{Pods: label("app", "mail")}}, Ports: tcp(25, 25)}), allow("u", "mail", false, reach.Rule{})},
			"egress pods of the namespace shop with app=web, pods of the namespace shop with app=mail, tcp/25"},
		"others": {[]reach.Policy{allow("t", "db", false, reach.Rule{Peers: []reach.Peer{{Namespaces: &reach.Selector{{Key: "team", Operator: reach.Exists}}}}, Ports: tcp(1, 9)})},
			"ingress pods of the namespace shop with app=db, pods of other namespaces, tcp/1-9, partly"},
	} {
		openings, err := reach.New(append(ours[:len(ours):len(ours)], c.theirs...)).Openings(c.theirs[0], reach.New(ours))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, o := range openings {
			text := "ingress "
			if o.Egress {
				text = "egress "
			}
			text += strings.Join([]string{o.Pods, o.Other, o.Ports}, ", ")
			if o.Partly {
				text += ", partly"
			}
			got = append(got, text)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

// TestOpeningsAreBounded: where there are too many pods and peers to ask about, an error says so.
func TestOpeningsAreBounded(t *testing.T) {
	ours := []reach.Policy{{Namespace: "shop", Name: "all", Ingress: reach.Side{Isolates: true}, Egress: reach.Side{Isolates: true}}}
	for i := range 300 {
		ours = append(ours, reach.Policy{Namespace: "shop", Name: fmt.Sprint(i), Pods: reach.Selector{{Key: "app", Operator: reach.In, Values: []string{fmt.Sprint(i)}}}, Ingress: reach.Side{Isolates: true}, Egress: reach.Side{Isolates: true}})
	}
	theirs := reach.Policy{Namespace: "shop", Name: "theirs", Ingress: reach.Side{Isolates: true, Rules: []reach.Rule{{Peers: []reach.Peer{{}}}}}}
	if found, err := reach.New(append(ours[:len(ours):len(ours)], theirs)).Openings(theirs, reach.New(ours)); err == nil {
		t.Errorf("no error, and %d openings", len(found))
	}
}

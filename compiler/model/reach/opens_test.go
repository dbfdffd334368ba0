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

// TestOpeningsMissNothing: where a policy of others makes a difference to any connection, an opening says so; and every opening is one.
func TestOpeningsMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ours := drawPolicies(t)
		theirs := drawPolicies(t)[0]
		theirs.Name = "theirs"
		refusing, together := reach.New(ours), reach.New(append(ours[:len(ours):len(ours)], theirs))
		openings, err := reach.NewBeside(ours, []reach.Policy{theirs}).Openings(0)
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

// TestOpeningsOfSeveralMissNothing: where policies of others together make a difference to any connection, an opening of one of them says
// so, whichever of them opens which end.
func TestOpeningsOfSeveralMissNothing(t *testing.T) {
	opened := rapid.Custom(func(t *rapid.T) bool {
		ours, theirs := drawPolicies(t), drawPolicies(t)
		for i := range theirs {
			theirs[i].Name = fmt.Sprintf("theirs%d", i)
		}
		beside, count := reach.NewBeside(ours, theirs), 0
		for i := range theirs {
			openings, err := beside.Openings(i)
			if err != nil {
				t.Fatal(err)
			}
			count += len(openings)
		}
		refusing, together := reach.New(ours), reach.New(slices.Concat(ours, theirs))
		for range 20 {
			from, to, port := drawEnd(t), drawEnd(t), reach.Port{Protocol: reach.TCP, Number: uint16(rapid.SampledFrom([]int{80, 85, 443}).Draw(t, "port"))}
			before, err := refusing.Connect(from, to, port)
			if err != nil {
				t.Fatal(err)
			}
			after, err := together.Connect(from, to, port)
			if err != nil {
				t.Fatal(err)
			}
			if before.Outcome == reach.Deny && after.Outcome == reach.Allow && count == 0 {
				t.Fatalf("nothing is opened, but from %+v to %+v on %s is\n%+v\n%+v", from, to, port, ours, theirs)
			}
		}
		return count > 0
	})
	rapid.Check(t, func(t *rapid.T) { opened.Draw(t, "opened") })
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
		openings, err := reach.NewBeside(ours, c.theirs).Openings(0)
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

// closed isolates all pods of the namespace shop, and those of two workloads.
func closed() []reach.Policy {
	return []reach.Policy{isolated("all", "shop", nil), isolated("web", "shop", label("app", reach.In, "web")), isolated("db", "shop", label("app", reach.In, "db"))}
}

// onePeer is a rule about one address block or workload, at one port.
func onePeer(i int, pods bool) reach.Rule {
	peer := reach.Peer{Pods: label(fmt.Sprintf("l%d", i+1), reach.In, "v")}
	if !pods {
		peer = reach.Peer{Block: &reach.Block{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)}}
	}
	return reach.Rule{Location: reach.Location{Path: fmt.Sprintf("/spec/ingress/%d", i)}, Peers: []reach.Peer{peer}, Ports: []reach.PortRange{{Protocol: reach.TCP, First: uint16(i + 1), Last: uint16(i + 1)}}}
}

// manyPolicies are n that select by a key each, for addresses or for pods of the next one, at both ends.
func manyPolicies(n int, pods bool) []reach.Policy {
	var out []reach.Policy
	for i := range n {
		side := reach.Side{Isolates: true, Rules: []reach.Rule{onePeer(i, pods)}}
		out = append(out, reach.Policy{Namespace: "shop", Name: fmt.Sprint("theirs", i), Pods: label(fmt.Sprintf("l%d", i), reach.In, "v"), Ingress: side, Egress: side})
	}
	return out
}

// manyRules is one policy with n rules.
func manyRules(n int) []reach.Policy {
	p := reach.Policy{Namespace: "shop", Name: "theirs", Pods: label("app", reach.In, "web"), Ingress: reach.Side{Isolates: true}}
	for i := range n {
		p.Ingress.Rules = append(p.Ingress.Rules, onePeer(i, false))
	}
	return []reach.Policy{p}
}

// stepsOf asks about all policies, and gives the steps that it took and how many had no answer.
func stepsOf(ours, theirs []reach.Policy) (steps, undecided int) {
	beside := reach.NewBeside(ours, theirs)
	for i := range theirs {
		if found, err := beside.Openings(i); err != nil {
			undecided++
		} else if len(found) == 0 {
			panic("nothing is opened")
		}
	}
	return beside.Steps(), undecided
}

// TestOpeningsGrowSlowly: the steps grow as the policies and rules do, and not as what all of them tell apart does.
func TestOpeningsGrowSlowly(t *testing.T) {
	for name, make := range map[string]func(int) []reach.Policy{
		"policies with a key each": func(n int) []reach.Policy { return manyPolicies(n, false) },
		"rules of one policy":      manyRules,
	} {
		few, _ := stepsOf(closed(), make(100))
		many, undecided := stepsOf(closed(), make(1000))
		if many > 11*few || undecided > 0 {
			t.Errorf("%s: %d steps for 100, %d for 1000, of which %d are undecided", name, few, many, undecided)
		}
	}
	// Any two may be about the two ends of one connection, so each pair is looked at.
	few, _ := stepsOf(closed(), manyPolicies(10, true))
	if many, undecided := stepsOf(closed(), manyPolicies(40, true)); many > 20*few || undecided > 0 {
		t.Errorf("pods: %d steps for 10, %d for 40, of which %d are undecided", few, many, undecided)
	}
}

// TestOpeningsShareOneBound: after too many steps for one policy nothing is left for the others, and no answer is the answer to each.
func TestOpeningsShareOneBound(t *testing.T) {
	ours := closed()
	for i := range 300 {
		ours = append(ours, isolated(fmt.Sprint(i), "shop", label("app", reach.In, fmt.Sprint(i))))
	}
	theirs := []reach.Policy{{Namespace: "shop", Name: "wide", Ingress: reach.Side{Isolates: true, Rules: []reach.Rule{{Peers: []reach.Peer{{}}}}}}}
	theirs = append(theirs, manyPolicies(5, false)...)
	beside := reach.NewBeside(ours, theirs)
	for i := range theirs {
		if _, err := beside.Openings(i); err == nil || !strings.Contains(err.Error(), "check fewer of them at once") {
			t.Errorf("%s: %v", theirs[i].Name, err)
		}
	}
	steps := beside.Steps()
	if _, err := beside.Openings(0); err == nil || beside.Steps() != steps {
		t.Errorf("%d steps, then %d: %v", steps, beside.Steps(), err)
	}
}

// BenchmarkOpenings asks about what trials took minutes for.
func BenchmarkOpenings(b *testing.B) {
	for name, theirs := range map[string][]reach.Policy{
		"1000Policies": manyPolicies(1000, false), "1000Rules": manyRules(1000), "100PoliciesOfPods": manyPolicies(100, true),
	} {
		b.Run(name, func(b *testing.B) {
			steps := 0
			for b.Loop() {
				steps, _ = stepsOf(closed(), theirs)
			}
			b.ReportMetric(float64(steps), "steps/op")
		})
	}
}

// TestOpeningsAreBounded: where there are too many pods and peers to ask about, an error says so.
func TestOpeningsAreBounded(t *testing.T) {
	ours := []reach.Policy{{Namespace: "shop", Name: "all", Ingress: reach.Side{Isolates: true}, Egress: reach.Side{Isolates: true}}}
	for i := range 300 {
		ours = append(ours, reach.Policy{Namespace: "shop", Name: fmt.Sprint(i), Pods: reach.Selector{{Key: "app", Operator: reach.In, Values: []string{fmt.Sprint(i)}}}, Ingress: reach.Side{Isolates: true}, Egress: reach.Side{Isolates: true}})
	}
	theirs := reach.Policy{Namespace: "shop", Name: "theirs", Ingress: reach.Side{Isolates: true, Rules: []reach.Rule{{Peers: []reach.Peer{{}}}}}}
	if found, err := reach.NewBeside(ours, []reach.Policy{theirs}).Openings(0); err == nil {
		t.Errorf("no error, and %d openings", len(found))
	}
}

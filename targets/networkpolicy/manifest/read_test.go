package manifest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/manifest"
)

// policyWith is a policy whose spec is given, indented by two.
func policyWith(spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\n  namespace: a\nspec:\n" + spec
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"nothing":            {"", "no NetworkPolicy in the input"},
		"comments":           {"# nothing\n---\n---\n# more\n", "no NetworkPolicy in the input"},
		"another kind":       {"apiVersion: v1\nkind: Service\n", "no NetworkPolicy in the input"},
		"a text":             {"hello", "f.yaml:1:1: is no Kubernetes object"},
		"a sequence":         {"- a\n", "f.yaml:1:1: is no Kubernetes object"},
		"binary":             {"\x00\x01", "is not UTF-8 text"},
		"UTF-16":             {"\xff\xfea\x00", "is not UTF-8 text"},
		"broken YAML":        {"---\na: 1\n---\na: [\n", "f.yaml:3:1: cannot be read as YAML"},
		"tabs":               {"kind:\tNetworkPolicy\n\tapiVersion: v1\n", "cannot be read as YAML"},
		"kind is no text":    {"apiVersion: v1\nkind: 1\n", "apiVersion and kind must be texts"},
		"an old version":     {"apiVersion: extensions/v1beta1\nkind: NetworkPolicy\n", `write networking.k8s.io/v1`},
		"an unmodelled kind": {"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n", "is not modelled"},
		"an admin policy":    {"apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\n", "is not modelled"},
		"a cluster policy":   {"apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\n", "is not modelled"},
		"a Calico policy":    {"apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n", "is not modelled"},
		"no name":            {"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  namespace: a\n", "f.yaml:4:3 (/metadata): name is missing"},
		"no namespace":       {"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: a\n", "namespace is missing"},
		"a bad name":         {strings.Replace(policyWith("  podSelector: {}\n"), "name: p", "name: 'p q'", 1), "f.yaml:4:9 (/metadata/name)"},
		"a bad namespace":    {strings.Replace(policyWith("  podSelector: {}\n"), "namespace: a", "namespace: a.b", 1), "(/metadata/namespace)"},
		"an unknown field":   {policyWith("  podselector: {}\n"), `unknown field "spec.podselector"`},
		"a field's case":     {policyWith("  PodSelector: {}\n"), `unknown field "spec.PodSelector"`},
		"a duplicate key":    {policyWith("  podSelector: {}\n  podSelector: {}\n"), "f.yaml:1:1: "},
		"a duplicate in JSON": {
			`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"a"},"spec":{"podSelector":{},"podSelector":{"matchLabels":{"a":"b"}}}}`, "f.yaml:1:1: ",
		},
		"a number as label":  {policyWith("  podSelector:\n    matchLabels: {a: 1}\n"), "is not a NetworkPolicy"},
		"a bad label":        {policyWith("  podSelector:\n    matchLabels: {a: 'b c'}\n"), "f.yaml:8:5 (/spec/podSelector): matchLabels"},
		"In without values":  {policyWith("  podSelector:\n    matchExpressions: [{key: a, operator: In}]\n"), "must be specified when `operator` is 'In'"},
		"Exists with values": {policyWith("  podSelector:\n    matchExpressions: [{key: a, operator: Exists, values: [b]}]\n"), "may not be specified"},
		"an operator":        {policyWith("  podSelector:\n    matchExpressions: [{key: a, operator: Gt, values: ['1']}]\n"), "not a valid selector operator"},
		"a policy type":      {policyWith("  podSelector: {}\n  policyTypes: [Both]\n"), `(/spec/policyTypes/0): policy type "Both"`},
		"three types":        {policyWith("  podSelector: {}\n  policyTypes: [Ingress, Egress, Egress]\n"), "at most Ingress and Egress"},
		"an empty peer":      {policyWith("  podSelector: {}\n  ingress:\n  - from: [{}]\n"), "f.yaml:9:12 (/spec/ingress/0/from/0): peer says nothing"},
		"a mixed peer":       {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]\n"), "ipBlock stands with no selector"},
		"a bad cidr":         {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: 10.0.0.0}}]\n"), "(/spec/ingress/0/from/0/ipBlock/cidr): \"10.0.0.0\" is no CIDR"},
		"leading zeros":      {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: 010.0.0.0/8}}]\n"), "is no CIDR"},
		"mapped IPv4":        {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}]\n"), "write it as IPv4"},
		"no cidr":            {policyWith("  ingress:\n  - from: [{ipBlock: {}}]\n"), "is no CIDR"},
		"except outside":     {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]\n"), "does not lie strictly within"},
		"except as large":    {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]\n"), "does not lie strictly within"},
		"except of IPv6":     {policyWith("  ingress:\n  - from: [{ipBlock: {cidr: 0.0.0.0/0, except: ['fd00::/8']}}]\n"), "does not lie strictly within"},
		"a protocol":         {policyWith("  ingress:\n  - ports: [{protocol: ICMP}]\n"), `protocol "ICMP" is not known`},
		"lower protocol":     {policyWith("  ingress:\n  - ports: [{protocol: tcp}]\n"), `protocol "tcp" is not known`},
		"port 0":             {policyWith("  ingress:\n  - ports: [{port: 0}]\n"), "port 0 is not between"},
		"port 65536":         {policyWith("  ingress:\n  - ports: [{port: 65536}]\n"), "port 65536 is not between"},
		"port as text":       {policyWith("  ingress:\n  - ports: [{port: '80'}]\n"), `port name "80"`},
		"endPort alone":      {policyWith("  ingress:\n  - ports: [{endPort: 80}]\n"), "endPort stands only beside port"},
		"endPort of a name":  {policyWith("  ingress:\n  - ports: [{port: http, endPort: 80}]\n"), "a port that is a number"},
		"endPort below":      {policyWith("  ingress:\n  - ports: [{port: 80, endPort: 79}]\n"), "endPort 79 is below port 80"},
		"endPort too large":  {policyWith("  ingress:\n  - ports: [{port: 80, endPort: 70000}]\n"), "port 70000 is not between"},
		"twice":              {policyWith("  podSelector: {}\n") + "---\n" + policyWith("  podSelector: {}\n"), "f.yaml:9:1: NetworkPolicy a/p is already at f.yaml:1:1"},
		"a nested List":      {strings.Repeat("{apiVersion: v1, kind: List, items: [", 6) + strings.Repeat("]}", 6), "more than 4 deep"},
		"a List's item":      {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n", "f.yaml:4:3 (/items/0): is no Kubernetes object"},
		"aliases": {
			"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
				"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n" +
				"g: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n" + policyWith("  podSelector: {}\n"), "f.yaml:1:1: ",
		},
		"a cycle":                            {"a: &a [*a]\n" + policyWith("  podSelector: {}\n"), "f.yaml:1:1: "},
		"depth":                              {strings.Repeat("[", 200_000), "f.yaml:1:1: "},
		"a second document without a marker": {"a: 1\n...\n" + policyWith("  podSelector: {}\n"), "holds a second document"},
	} {
		_, err := manifest.Read("", manifest.Source{Name: "f.yaml", Body: []byte(c.body)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestReadReportsEveryMistake(t *testing.T) {
	body := policyWith("  ingress:\n  - from: [{}]\n    ports: [{port: 0}, {protocol: x}]\n") + "---\nkind: [\n"
	_, err := manifest.Read("", manifest.Source{Name: "f.yaml", Body: []byte(body)})
	if err == nil || len(strings.Split(err.Error(), "\n")) < 4 {
		t.Errorf("not every mistake is reported: %v", err)
	}
}

func TestReadTakes(t *testing.T) {
	const meta = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %, namespace: a}\n"
	named := func(name string) string { return strings.Replace(meta, "%", name, 1) }
	for name, c := range map[string]struct {
		body         string
		count, skips int
	}{
		"one":                 {policyWith("  podSelector: {}\n"), 1, 0},
		"no spec":             {named("p"), 1, 0},
		"an old status":       {named("p") + "status: {}\n", 1, 0},
		"documents":           {"---\n" + named("p") + "--- # again\n" + named("q") + "---\n---\n", 2, 0},
		"Windows lines":       {strings.ReplaceAll("---\n"+named("p")+"---\n"+named("q"), "\n", "\r\n"), 2, 0},
		"a marker in text":    {named("p") + "---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    ---\n    b\n", 1, 1},
		"anchors":             {named("p") + "spec:\n  podSelector: &s {matchLabels: {a: b}}\n  ingress: [{from: [{podSelector: *s}]}]\n", 1, 0},
		"a List":              {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n  metadata: {name: p, namespace: a}\n- {apiVersion: v1, kind: Pod}\n", 1, 1},
		"a NetworkPolicyList": {"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nmetadata: {resourceVersion: '1'}\nitems:\n- metadata: {name: p, namespace: a}\n", 1, 0},
		"JSON with tabs":      {"{\n\t\"apiVersion\": \"networking.k8s.io/v1\",\n\t\"kind\": \"NetworkPolicy\",\n\t\"metadata\": {\"name\": \"p\", \"namespace\": \"a\"}\n}\n", 1, 0},
		"server's metadata":   {strings.Replace(policyWith("  podSelector: {}\n"), "  name: p", "  name: p\n  creationTimestamp: null\n  generation: 1\n  managedFields: []\n  uid: x", 1), 1, 0},
	} {
		p, err := manifest.Read("", manifest.Source{Name: "f.yaml", Body: []byte(c.body)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(p.Policies) != c.count || len(p.Skipped) != c.skips {
			t.Errorf("%s: %d policies and %d skipped, want %d and %d", name, len(p.Policies), len(p.Skipped), c.count, c.skips)
		}
	}
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
	source := manifest.Source{Name: "f.yaml", Body: []byte(manyPolicies(1000))}
	b.SetBytes(int64(len(source.Body)))
	for b.Loop() {
		if _, err := manifest.Read("", source); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(policyWith("  podSelector: {}\n  policyTypes: [Ingress, Egress]\n  egress:\n  - to:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}\n    ports: [{port: 80, endPort: 90}, {port: dns, protocol: UDP}]\n")))
	f.Add([]byte(policyWith("  ingress:\n  - from:\n    - namespaceSelector: {matchExpressions: [{key: a, operator: NotIn, values: [b]}]}\n      podSelector: &a {}\n    - podSelector: *a\n")))
	f.Add([]byte(`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"a"}}]}`))
	f.Add([]byte("--- \na: &a [*a]\n...\n%YAML 1.1\n---\n<<: {}\n"))
	ends := []reach.End{
		{Namespace: "a"},
		{Namespace: "a", Labels: map[string]string{"a": "b"}, NamespaceLabels: map[string]string{}},
		outside("10.1.2.3"),
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		read, err := manifest.Read("a", manifest.Source{Name: "f.yaml", Body: body})
		if err != nil {
			return
		}
		if len(read.Policies) == 0 {
			t.Fatal("no error, and no policy")
		}
		// Policies add up: each of them twice, in the other order, allows the same.
		twice := slices.Concat(read.Policies, read.Policies)
		slices.Reverse(twice)
		p, again := reach.New(read.Policies), reach.New(twice)
		for _, from := range ends {
			for _, to := range ends {
				for _, port := range []string{"tcp/80", "udp/53"} {
					first, err := p.Connect(from, to, parsePort(t, port))
					if err != nil {
						t.Fatal(err)
					}
					second, err := again.Connect(from, to, parsePort(t, port))
					if err != nil || first.Outcome != second.Outcome {
						t.Fatalf("%v from %v to %v, and with all policies twice %v, %v", first, from, to, second, err)
					}
				}
			}
		}
	})
}

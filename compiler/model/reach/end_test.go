package reach_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
)

// pod is a pod whose labels are all known, and that names no port.
func pod(namespace, app string) reach.End {
	return reach.End{
		Namespace: namespace, NamespaceLabels: map[string]string{}, Labels: map[string]string{"app": app}, Ports: map[string]reach.ContainerPort{},
	}
}

func TestConnectRefusesWhatMakesNoSense(t *testing.T) {
	p := reach.New(nil)
	tcp := reach.Port{Protocol: reach.TCP, Number: 1}
	named := reach.Port{Protocol: reach.TCP, Name: "nothing"}
	for name, c := range map[string]struct {
		from, to reach.End
		port     reach.Port
	}{
		"an empty end":           {reach.End{}, pod("a", "y"), tcp},
		"labels without a pod":   {reach.End{IP: netip.MustParseAddr("1.2.3.4"), Labels: map[string]string{}}, pod("a", "y"), tcp},
		"a namespace's label":    {reach.End{Namespace: "a", NamespaceLabels: map[string]string{"kubernetes.io/metadata.name": "b"}}, pod("a", "y"), tcp},
		"an address with a zone": {outside("fe80::1%eth0"), pod("a", "y"), tcp},
		"no port":                {pod("a", "x"), pod("a", "y"), reach.Port{}},
		"no number":              {pod("a", "x"), pod("a", "y"), reach.Port{Protocol: reach.TCP}},
		"a name outside":         {pod("a", "x"), outside("1.2.3.4"), named},
		"a name the pod lacks":   {pod("a", "x"), pod("a", "y"), named},
	} {
		if answer, err := p.Connect(c.from, c.to, c.port); err == nil || answer.Outcome != reach.Unknown {
			t.Errorf("%s: %v without an error", name, answer.Outcome)
		}
	}
}

func TestParsePort(t *testing.T) {
	for in, want := range map[string]string{
		"tcp/443": "tcp/443", "udp/53": "udp/53", "sctp/65535": "sctp/65535", "metrics": "tcp/metrics", "udp/dns": "udp/dns", "tcp/a1": "tcp/a1",
	} {
		if got, err := reach.ParsePort(in); err != nil || got.String() != want {
			t.Errorf("ParsePort(%q) = %s, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "tcp", "443", "tcp/", "tcp/0", "tcp/65536", "tcp/-1", "tcp/99999999999999999999", "TCP/443", "icmp/8", "tcp/4/4", "tcp/a b", "/443",
		"tcp/1-2", "tcp/UPPER", "tcp/" + strings.Repeat("a", 16),
	} {
		if got, err := reach.ParsePort(in); err == nil && got.Name != "tcp" {
			t.Errorf("ParsePort(%q) = %v, want an error", in, got)
		}
	}
}

package reach

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// namespaceName is the label that the API server sets on every namespace (since Kubernetes 1.22).
const namespaceName = "kubernetes.io/metadata.name"

// End is one end of a connection, described as far as it is known.
type End struct {
	// Namespace is the pod's namespace; empty for an end outside the cluster.
	Namespace string
	// NamespaceLabels are all labels of the namespace; kubernetes.io/metadata.name may be left out. Nil: only that one is known.
	NamespaceLabels map[string]string
	// Labels are all labels of the pod. Nil: not known.
	Labels map[string]string
	// IP is the end's address as the network plugin sees it. The zero Addr: not known, which an end outside may not be.
	IP netip.Addr
	// Ports are the pod's named container ports. Nil: not known.
	Ports map[string]ContainerPort
}

// ContainerPort is the port that a name means in one pod.
type ContainerPort struct {
	Protocol Protocol
	Number   uint16
}

// outside reports whether the end is no pod.
func (e End) outside() bool { return e.Namespace == "" }

func (e End) validate() error {
	if e.IP.Zone() != "" {
		return fmt.Errorf("IP %s has a zone, which no CIDR can hold: leave it out", e.IP)
	}
	if !e.outside() {
		if name, given := e.NamespaceLabels[namespaceName]; given && name != e.Namespace {
			return fmt.Errorf("namespace %q has the label %s=%q, which the API server sets to the name", e.Namespace, namespaceName, name)
		}
		return nil
	}
	switch {
	case !e.IP.IsValid():
		return fmt.Errorf("has neither a namespace nor an IP: a pod has a namespace, and an end outside the cluster an IP")
	case e.Labels != nil || e.NamespaceLabels != nil || e.Ports != nil:
		return fmt.Errorf("has labels or ports but no namespace: only pods have them")
	}
	return nil
}

// Port is the destination port of a connection: a number, or the name of a container port of the destination's pod.
type Port struct {
	Protocol Protocol
	Number   uint16 // 0 where Name is set
	Name     string
}

// ParsePort reads "tcp/5432", "udp/53", "sctp/7777", "udp/dns" (a name) or "metrics" (a name, tcp).
func ParsePort(s string) (Port, error) {
	protocol, port, found := strings.Cut(s, "/")
	if !found {
		protocol, port = "tcp", s
	}
	p := Port{Protocol: protocolOf(protocol)}
	if p.Protocol == 0 {
		return Port{}, fmt.Errorf("port %q: protocol %q is not known: write tcp, udp or sctp (others are left to the network plugin)", s, protocol)
	}
	if port != "" && strings.Trim(port, "0123456789") == "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || !found {
			return Port{}, fmt.Errorf("port %q: write a protocol and a number from 1 to 65535, such as tcp/443", s)
		}
		p.Number = uint16(n)
		return p, nil
	}
	if problems := validation.IsValidPortName(port); len(problems) > 0 {
		return Port{}, fmt.Errorf("port %q: %q is no number and no name of a port: %s", s, port, strings.Join(problems, "; "))
	}
	p.Name = port
	return p, nil
}

// String writes the port as ParsePort reads it.
func (p Port) String() string {
	if p.Name != "" {
		return p.Protocol.String() + "/" + p.Name
	}
	return fmt.Sprintf("%s/%d", p.Protocol, p.Number)
}

func protocolOf(s string) Protocol {
	switch s {
	case "tcp":
		return TCP
	case "udp":
		return UDP
	case "sctp":
		return SCTP
	}
	return 0
}

// resolve replaces a name by its number where the destination is known to have such a port.
func (p Port) resolve(to End) (Port, error) {
	if p.Name == "" {
		return p, nil
	}
	if to.outside() {
		return p, fmt.Errorf("port %s is a name, and the destination is outside the cluster: only pods name ports", p)
	}
	if to.Ports == nil {
		return p, nil
	}
	named, ok := to.Ports[p.Name]
	if !ok || named.Protocol != p.Protocol {
		return p, fmt.Errorf("the destination's pod has no port %s", p)
	}
	return Port{Protocol: named.Protocol, Number: named.Number}, nil
}

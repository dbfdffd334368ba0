package control

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Port is a port of a pod or of the host: a range of numbers, or a name that
// the pod's containers give it.
type Port struct {
	Protocol string // "tcp", "udp" or "sctp"; "" with a name
	From, To int    // equal for a single port; 0 with a name
	Name     string
}

// portName is an IANA service name, as Kubernetes demands (RFC 6335, 5.1).
var portName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$`)

// ParsePort reads "tcp/80", "udp/4000-4100" or the name of a port.
func ParsePort(s string) (Port, error) {
	protocol, numbers, ok := strings.Cut(s, "/")
	if !ok {
		if portName.MatchString(s) && strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") {
			return Port{Name: s}, nil
		}
		return Port{}, errPort
	}
	if protocol != "tcp" && protocol != "udp" && protocol != "sctp" {
		return Port{}, errPort
	}
	first, last, isRange := strings.Cut(numbers, "-")
	if !isRange {
		last = first
	}
	from, errFrom := strconv.ParseUint(first, 10, 16)
	to, errTo := strconv.ParseUint(last, 10, 16)
	if errFrom != nil || errTo != nil || from == 0 || to < from {
		return Port{}, errPort
	}
	return Port{Protocol: protocol, From: int(from), To: int(to)}, nil
}

var errPort = fmt.Errorf("a port is \"tcp/443\", \"udp/4000-4100\", \"sctp/38412\", or a name that the pod gives one of its ports")

// String gives the port as it is written.
func (p Port) String() string {
	switch {
	case p.Name != "":
		return p.Name
	case p.From == p.To:
		return fmt.Sprintf("%s/%d", p.Protocol, p.From)
	}
	return fmt.Sprintf("%s/%d-%d", p.Protocol, p.From, p.To)
}

package attempt

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
)

// KindConnection is a connection over the network.
const KindConnection Kind = "connection"

// Connection is a connection between two ends.
type Connection struct {
	From End    `attempt:"from,required,key" doc:"where it starts: a workload, a peer, or an object"`
	To   End    `attempt:"to,required" doc:"where it ends"`
	Port string `attempt:"port,required" doc:"protocol and number, \"tcp/5432\"; in tests also a range, \"tcp/8000-8999\", or \"any\": every port of every protocol"`
}

var connection = define[Connection](Schema{
	Title: "a connection over the network", Key: "from", Subject: ByItself, Outcomes: prevented,
	Examples: []string{`{"from":{"namespace":"web","labels":{"app":"web"}},"to":{"ip":"203.0.113.7"},"port":"tcp/443"}`},
})

// Kind is KindConnection.
func (Connection) Kind() Kind { return KindConnection }

// End is where a connection starts or ends: a pod, or an address outside. The end
// of a test may have a name that stands for many: then Many says for which.
type End struct {
	Namespace       string            `attempt:"namespace"`
	NamespaceLabels map[string]string `attempt:"namespaceLabels"` // besides kubernetes.io/metadata.name
	Labels          map[string]string `attempt:"labels"`
	IP              string            `attempt:"ip"`
	Ports           map[string]string `attempt:"ports"` // by names of the pod's ports: "metrics" = "tcp/9090"
	Many            *Many             // only tests have it
}

// Many is what a named end stands for. A connection is tried for each part of it
// that artifacts tell apart.
type Many struct {
	Namespaces       []string       // of the pods, which may have more labels than the end states; "*" stands for all
	Networks, Except []netip.Prefix // addresses outside, without those of Except
}

// String says what the end stands for.
func (m *Many) String() string {
	if m == nil {
		return "one"
	}
	return fmt.Sprintf("every of %v %v without %v", m.Namespaces, m.Networks, m.Except)
}

// assign decodes an end, and says what is wrong with it.
func (e *End) assign(value any) string {
	switch v := value.(type) {
	case End:
		*e = v
		return ""
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !slices.Contains([]string{"namespace", "namespaceLabels", "labels", "ip", "ports"}, key) {
				return fmt.Sprintf("an end has namespace, namespaceLabels, labels, ip and ports, but no %q", key)
			}
		}
		if err := decode(reflect.ValueOf(e), v); err != nil {
			return err.Error()
		}
		if e.Namespace == "" && e.IP == "" {
			return "an end is in a namespace, or has an ip"
		}
		return ""
	}
	return "an end is an object, not " + typeOf(value)
}

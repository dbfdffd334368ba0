package control

import (
	"fmt"
	"slices"
	"strings"
)

// HostPorts is the ID of the control in this file.
const HostPorts ID = "host.ports"

var hostPorts = &Control{
	ID:       HostPorts,
	Title:    "Containers may use only the listed ports of the node",
	Reason:   "A port of the node bypasses every NetworkPolicy of the pod.",
	Mappings: []string{"PSS baseline: hostPorts"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Element: hostPortElement, Loosest: only("*"),
	InManifest: true, Immutable: true,
	Advice:  "Who needs the node's port? Take hostPort away and put a Service before the pod. Allowed are VALUE.",
	Fix:     Fix{Kind: FixRemove},
	Example: Example{Bad: otherPort},
}

var hostPortElement = &Element{
	What: "port", Any: "*",
	Parse: func(key string) (string, error) {
		if key == "*" {
			return key, nil
		}
		p, err := ParsePort(key)
		if err != nil {
			return "", err
		}
		if p.Name != "" {
			return "", fmt.Errorf("a port of the host has a number: \"tcp/80\" or \"udp/4000-4100\"")
		}
		return p.String(), nil
	},
	contains: func(outer, inner Item) bool {
		o, errO := ParsePort(outer.Key)
		i, errI := ParsePort(inner.Key)
		return errO == nil && errI == nil && o.Protocol == i.Protocol && o.From <= i.From && i.To <= o.To
	},
}

// otherPort asks for the first port of the node that is not allowed.
func otherPort(s Situation) []Patch {
	var ranges []Port
	for _, key := range s.Value.Keys() {
		if p, err := ParsePort(key); err == nil {
			ranges = append(ranges, p)
		}
	}
	for _, protocol := range []string{"tcp", "udp", "sctp"} {
		for n := 80; n <= 65535; n++ {
			if !slices.ContainsFunc(ranges, func(p Port) bool { return p.Protocol == protocol && p.From <= n && n <= p.To }) {
				return []Patch{inContainer(Patch{"ports": []any{
					Patch{"containerPort": n, "hostPort": n, "protocol": strings.ToUpper(protocol)},
				}})}
			}
		}
	}
	return nil
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostProbes is the ID of the control in this file.
const HostProbes ID = "host.probes"

var hostProbes = &Control{
	ID:       HostProbes,
	Title:    "Probes and lifecycle hooks may name only the listed hosts",
	Reason:   "The kubelet makes these requests from the node, to any host that the pod names.",
	Mappings: []string{"PSS baseline: hostProbesAndHostLifecycle"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Element: words("host"), Loosest: only("*"),
	Advice: "Leave the host out: the kubelet then asks the pod itself. Allowed are VALUE.",
	Rules: []podrule.Rule{
		{Over: podrule.Containers, Field: podrule.ProbeHosts, Shape: podrule.Member, Message: "probes must not name the host %v"},
		{Over: podrule.Containers, Field: podrule.HookHosts, Shape: podrule.Member, Message: "lifecycle hooks must not name the host %v"},
	},
	encode: inWords,
	Example: Example{Bad: elements(func(host string) Patch {
		return inContainer(Patch{"livenessProbe": Patch{"tcpSocket": Patch{"host": host, "port": 80}}})
	}, free("169.254.169.254")...)},
}

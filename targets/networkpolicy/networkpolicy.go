// Package networkpolicy compiles a policy's network controls and flows into
// Kubernetes NetworkPolicies (networking.k8s.io/v1): one file for each namespace
// that the policy holds.
// What they allow is decided in compiler/model/flow; this package writes it.
package networkpolicy

import (
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/flow"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Target emits NetworkPolicies. It has no state.
type Target struct{}

var _ target.Judger = Target{}

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "networkpolicy", Layer: target.Network, Default: true, Group: "network plugin",
		Facts:      []platform.Definition{platform.APIServer, platform.Networks, Namespace},
		Extensions: []string{".yaml", ".yml", ".json"},
	}
}

// Kinds are the attempts that the judge understands.
func (Target) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindConnection} }

// Support says how far NetworkPolicies hold a statement. Network controls are
// held by preventing, wherever the network plugin enforces NetworkPolicies.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	if s.Flow != nil {
		return flowSupport(p, s.Flow)
	}
	_, ok := covered[s.Control.ID]
	switch {
	case s.Container == nil || !ok:
		return target.Support{Level: target.NotApplicable}
	case len(p.Namespaces) == 0:
		return target.Support{Level: target.NotApplicable, Reason: "the policy names no namespace, and a NetworkPolicy lies in one"}
	}
	if net := s.Container.Enforced(control.HostNetwork); net.Bool {
		return target.Support{Level: target.None, Range: net.Range,
			Reason: "a pod in the node's network namespace (host.network) is outside every NetworkPolicy"}
	}
	if support := covered[s.Control.ID].support; support != nil {
		return support(p, s.Container)
	}
	return full()
}

// What the other end of a refused connection is, for the controls that are about
// such ends only.
const (
	aboutMetadata = "metadata service"
	aboutAPI      = "API server"
	aboutInternet = "internet"
	aboutNames    = "names"
)

// covered are the controls that NetworkPolicies enforce. network.families is none of
// them: sockets of other families are closed by seccomp and the security module.
var covered = map[control.ID]struct {
	about   string // "" of those that are about every end
	support func(*policy.Policy, *policy.Container) target.Support
}{
	control.NetworkDefault: {},
	control.NetworkIngress: {},
	control.NetworkEgress:  {},
	control.NetworkDNS:     {aboutNames, dnsSupport},
	control.Metadata:       {aboutMetadata, nil},
	control.KubernetesAPI:  {aboutAPI, apiSupport},
	control.Internet:       {aboutInternet, nil},
}

func full() target.Support { return target.Support{Level: target.Full, Mode: control.Prevents} }

// apiSupport: where the API server is not known, it is out of reach only as far
// as no block of addresses is opened in which it might be.
func apiSupport(p *policy.Policy, c *policy.Container) target.Support {
	if len(platform.APIServer.Of(p.Platform)) > 0 {
		return full()
	}
	const mend = "state platform.api_server, so that its addresses are left out"
	if c.Enforced(control.NetworkEgress).Text != control.Deny {
		return target.Support{Level: target.None, Reason: "connections from pods are allowed by default, and where the API server is, is not known: " + mend}
	}
	if at, opens := flow.OpensAPIServer(p, c.Workload); opens {
		return target.Support{Level: target.Partial, Mode: control.Prevents, Range: at,
			Reason: "a flow opens addresses among which the API server may be, and nothing says where it is: " + mend}
	}
	return full()
}

// dnsSupport: a block that a flow opens for port 53 may hold the resolver's address.
func dnsSupport(p *policy.Policy, c *policy.Container) target.Support {
	if at, opens := flow.OpensResolver(p, c.Workload); opens {
		return target.Support{Level: target.Partial, Mode: control.Prevents, Range: at,
			Reason: "a flow opens port 53 of private addresses, among which the cluster's resolver may be"}
	}
	return full()
}

// flowSupport holds a flow if each of its ends can be named in a NetworkPolicy.
func flowSupport(p *policy.Policy, f *policy.Flow) target.Support {
	if len(p.Namespaces) == 0 {
		return target.Support{Level: target.NotApplicable, Reason: "the policy names no namespace, and a NetworkPolicy lies in one"}
	}
	half := false
	for _, end := range slices.Concat(f.From, f.To) {
		if reason := unnameable(p, end); reason != "" {
			return target.Support{Level: target.None, Reason: reason, Range: end.Range}
		}
		half = half || !flow.Managed(end)
	}
	if end, named := flow.NamedPortOutside(f); named != "" {
		return target.Support{Level: target.None, Range: end.Range,
			Reason: fmt.Sprintf("the port %q is a name, and only pods name their ports: write its protocol and number", named)}
	}
	if at, closed := flow.ClosedEnd(p, f); closed {
		return target.Support{Level: target.None, Range: at,
			Reason: "all addresses of this end are refused by network.metadata, network.kubernetes_api, network.internet or network.dns; " +
				"the API server is reached by peer.kubernetes_api only"}
	}
	s := full()
	if half {
		s.Reason = "only this policy's end of the flow is held"
	}
	return s
}

// unnameable says why an end can stand in no NetworkPolicy.
func unnameable(p *policy.Policy, end policy.End) string {
	switch {
	case end.Workload != nil && flow.OnHostNetwork(end.Workload):
		return fmt.Sprintf("the workload %q is in the node's network namespace (host.network): no NetworkPolicy selects its pods", end.Workload.Name)
	case end.Peer == nil:
		return ""
	case end.Peer.Kind == policy.PeerHosts:
		return "a NetworkPolicy knows no host names, only addresses and labels: name the peer's cidrs"
	case end.Peer.Kind == policy.PeerKubernetesAPI && len(platform.APIServer.Of(p.Platform)) == 0:
		return "where the API server is, is not known: state platform.api_server"
	}
	return ""
}

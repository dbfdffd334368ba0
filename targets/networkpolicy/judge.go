package networkpolicy

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/reach"
)

// judge answers for the NetworkPolicies of a cluster.
type judge struct {
	policies *reach.Policies
}

// Load reads NetworkPolicies, ours or not. Artifacts without any are an error;
// no artifact at all is a cluster without NetworkPolicies, in which everything
// is allowed, as what a policy that refuses no connection comes to.
func (Target) Load(_ target.Conditions, artifacts []target.Artifact) (target.Judge, error) {
	if len(artifacts) == 0 {
		return judge{policies: &reach.Policies{}}, nil
	}
	var sources []reach.Source
	for _, a := range artifacts {
		sources = append(sources, reach.Source{Name: a.Path, Body: a.Body})
	}
	policies, err := reach.Read("", sources...)
	if err != nil {
		return nil, err
	}
	return judge{policies: policies}, nil
}

// Judge answers a connection: allowed where the policies on the source's pod
// and those on the destination's let it through.
func (j judge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	c, ok := a.(attempt.Connection)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable}, nil
	}
	from, err := end(c.From)
	if err != nil {
		return target.Verdict{}, fmt.Errorf("from: %w", err)
	}
	to, err := end(c.To)
	if err != nil {
		return target.Verdict{}, fmt.Errorf("to: %w", err)
	}
	port, err := reach.ParsePort(c.Port)
	if err != nil {
		return target.Verdict{}, err
	}
	answer, err := j.policies.Connect(from, to, port)
	if err != nil {
		return target.Verdict{}, err
	}
	return verdict(answer), nil
}

func verdict(answer reach.Answer) target.Verdict {
	v := target.Verdict{Outcome: outcome(answer.Outcome)}
	for _, d := range []struct {
		name     string
		decision reach.Decision
	}{{"egress", answer.Egress}, {"ingress", answer.Ingress}} {
		if d.decision.Outcome != answer.Outcome {
			continue
		}
		if len(d.decision.Reasons) == 0 {
			v.Findings = append(v.Findings, target.Finding{Message: d.name + ": no policy isolates this end"})
		}
		for _, r := range d.decision.Reasons {
			_, name, _ := strings.Cut(r.Policy, "/")
			v.Findings = append(v.Findings, target.Finding{
				Artifact: r.Place.Source, Place: name + r.Place.Path,
				Message: fmt.Sprintf("%s: NetworkPolicy %s, line %d, %s", d.name, r.Policy, r.Place.Line, r.Message),
			})
		}
	}
	return v
}

func outcome(o reach.Outcome) target.Outcome {
	switch o {
	case reach.Allow:
		return target.Allow
	case reach.Deny:
		return target.Deny
	}
	return target.Undecided
}

// end reads an end as tests and the command line give it.
func end(e attempt.End) (reach.End, error) {
	result := reach.End{Namespace: e.Namespace, NamespaceLabels: e.NamespaceLabels, Labels: e.Labels}
	if e.IP != "" {
		ip, err := netip.ParseAddr(e.IP)
		if err != nil {
			return result, fmt.Errorf("%q is no IP address", e.IP)
		}
		result.IP = ip
	}
	if e.Ports != nil {
		result.Ports = map[string]reach.ContainerPort{}
		for name, text := range e.Ports {
			port, err := reach.ParsePort(text)
			if err != nil {
				return result, err
			}
			if port.Name != "" {
				return result, fmt.Errorf("port %q stands for %q: write a protocol and a number, such as tcp/9090", name, text)
			}
			result.Ports[name] = reach.ContainerPort{Protocol: port.Protocol, Number: port.Number}
		}
	}
	return result, nil
}

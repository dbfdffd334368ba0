package networkpolicy

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/manifest"
)

// judge answers for the NetworkPolicies of a cluster.
type judge struct {
	policies *reach.Policies
	api      []netip.Prefix // where the API server is, as far as the platform says
	hosts    []netip.Prefix // addresses that are not the internet's
	skipped  []manifest.Skipped
}

// Load reads NetworkPolicies, ours or not. Artifacts without any are an error;
// no artifact at all is a cluster without NetworkPolicies, in which everything
// is allowed, as what a policy that refuses no connection comes to.
func (Target) Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	j := judge{policies: &reach.Policies{}, hosts: environment.Platform.Hosts()}
	for _, cidr := range platform.APIServer.Of(environment.Platform) {
		if prefix, err := netip.ParsePrefix(cidr); err == nil {
			j.api = append(j.api, prefix)
		}
	}
	if len(artifacts) == 0 {
		return j, nil
	}
	var sources []manifest.Source
	for _, a := range artifacts {
		sources = append(sources, manifest.Source{Name: a.Path, Body: a.Body})
	}
	read, err := manifest.Read(Namespace.Of(environment.Platform), sources...)
	if err != nil {
		return nil, err
	}
	j.policies, j.skipped = reach.New(read.Policies), read.Skipped
	return j, nil
}

// Judge answers a connection: allowed where the policies on the source's pod
// and those on the destination's let it through.
func (j judge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	c, ok := a.(attempt.Connection)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable}, nil
	}
	if c.From.Many != nil || c.To.Many != nil {
		return target.Verdict{}, fmt.Errorf("an end stands for many: ask for each part (Divide)")
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
	return verdict(answer, j.about(to, port), j.about(from, reach.Port{})), nil
}

// anyPort is every port of every protocol, in tests.
const anyPort = "any"

// Divide gives, for a connection between named ends, one between each pair of parts that the policies tell apart. A single end stands for
// itself.
func (j judge) Divide(a attempt.Attempt) ([]target.Part, error) {
	c, ok := a.(attempt.Connection)
	if !ok {
		return []target.Part{{Attempt: a}}, nil
	}
	from, err := ends(c.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	to, err := ends(c.To)
	if err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	ports, err := portsOf(c.Port)
	if err != nil {
		return nil, err
	}
	parts, err := j.policies.Divide(from, to, ports, slices.Concat(address.Metadata(), j.api, j.hosts))
	if err != nil {
		return nil, err
	}
	out := make([]target.Part, len(parts))
	for i, p := range parts {
		out[i] = target.Part{Name: p.Name, Attempt: attempt.Connection{From: part(c.From, p.From), To: part(c.To, p.To), Port: p.Port.String()}}
	}
	return out, nil
}

// ends are the ends that an end of an attempt stands for.
func ends(e attempt.End) (reach.Ends, error) {
	pod, err := end(e)
	switch {
	case err != nil:
		return reach.Ends{}, err
	case e.Many != nil:
		return reach.Ends{Pod: pod, Further: true, Namespaces: e.Many.Namespaces, Networks: e.Many.Networks, Except: e.Many.Except}, nil
	case e.Namespace != "":
		return reach.Ends{Pod: pod, Namespaces: []string{e.Namespace}}, nil
	}
	return reach.Ends{Networks: []netip.Prefix{netip.PrefixFrom(pod.IP, pod.IP.BitLen())}}, nil
}

// part is the end of an attempt that one of its parts has.
func part(whole attempt.End, e reach.End) attempt.End {
	if e.Namespace == "" {
		return attempt.End{IP: e.IP.String()}
	}
	whole.Namespace, whole.Labels, whole.Many = e.Namespace, e.Labels, nil
	return whole
}

// portsOf reads a port, a range of numbers, or all ports.
func portsOf(text string) (reach.Ports, error) {
	if text == anyPort {
		return reach.Ports{Protocols: []reach.Protocol{reach.TCP, reach.UDP, reach.SCTP}, First: 1, Last: 65535}, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if to, err := strconv.ParseUint(last, 10, 16); isRange && err == nil {
		from, err := reach.ParsePort(first)
		if err != nil || from.Name != "" || int(from.Number) > int(to) {
			return reach.Ports{}, fmt.Errorf("port %q: a range is a protocol and two numbers from 1 to 65535, such as tcp/8000-8999", text)
		}
		return reach.Ports{Protocols: []reach.Protocol{from.Protocol}, First: from.Number, Last: uint16(to)}, nil
	}
	port, err := reach.ParsePort(text)
	if err != nil {
		return reach.Ports{}, err
	}
	return reach.Ports{Protocols: []reach.Protocol{port.Protocol}, First: port.Number, Last: port.Number, Name: port.Name}, nil
}

// Advice reports documents that are no Kubernetes object, and so say nothing about connections.
func (j judge) Advice() []target.Finding {
	var out []target.Finding
	for _, s := range j.skipped {
		if s.Kind == "" {
			out = append(out, target.Finding{Artifact: s.Location.Source, Location: fmt.Sprintf("line %d", s.Location.Line), Warning: true,
				Message: "skipped: it states no apiVersion and kind, so that it is no Kubernetes object"})
		}
	}
	return out
}

// about says what kinds of ends an end is that controls speak of, seen from the
// other side. An address may be several: a metadata service with an address of
// the internet's.
func (j judge) about(e reach.End, port reach.Port) []string {
	in := func(list []netip.Prefix) bool {
		return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(e.IP) })
	}
	var kinds []string
	if in(address.Metadata()) {
		kinds = append(kinds, aboutMetadata)
	}
	if in(j.api) {
		kinds = append(kinds, aboutAPI)
	}
	if e.IP.IsValid() && e.Namespace == "" && !in(j.hosts) {
		kinds = append(kinds, aboutInternet)
	}
	if port.Number == 53 {
		kinds = append(kinds, aboutNames)
	}
	if len(kinds) == 0 {
		kinds = []string{""}
	}
	return kinds
}

// verdict gives every reason, and for what a policy refuses by isolating, what
// the end is that was refused.
func verdict(answer reach.Answer, to, from []string) target.Verdict {
	v := target.Verdict{Outcome: outcome(answer.Outcome)}
	for _, d := range []struct {
		name, path string
		decision   reach.Decision
		about      []string
	}{{"egress", egressPath, answer.Egress, to}, {"ingress", ingressPath, answer.Ingress, from}} {
		if d.decision.Outcome != answer.Outcome {
			continue
		}
		if len(d.decision.Reasons) == 0 {
			v.Findings = append(v.Findings, target.Finding{Message: d.name + ": no policy isolates this end"})
		}
		for _, r := range d.decision.Reasons {
			_, name, _ := strings.Cut(r.Policy, "/")
			f := target.Finding{
				Artifact: r.Location.Source, Location: name + r.Location.Path,
				Message: fmt.Sprintf("%s: NetworkPolicy %s, line %d, %s", d.name, r.Policy, r.Location.Line, r.Message),
			}
			if r.Location.Path != "" {
				d.about = []string{""}
			} else {
				f.Location += d.path
			}
			for _, f.Subject = range d.about {
				v.Findings = append(v.Findings, f)
			}
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

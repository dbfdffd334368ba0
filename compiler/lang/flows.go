package lang

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// builtinPeers are there without being declared.
func builtinPeers() map[string]*policy.Peer {
	return map[string]*policy.Peer{
		"internet":       {Name: "peer.internet", Kind: policy.PeerInternet},
		"kubernetes_api": {Name: "peer.kubernetes_api", Kind: policy.PeerKubernetesAPI},
		"scope":          {Name: "peer.scope", Kind: policy.PeerScope},
		"any":            {Name: "peer.any", Kind: policy.PeerAny},
	}
}

func peerSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("namespaces", "labels", "cidrs", "except", "hosts")}
}

// decodePeers reads the policy's own peers beside the built-in and inherited.
func (d *decoder) decodePeers(list []instance, s *scope) {
	maps.Copy(d.peers, builtinPeers())
	for _, in := range list {
		if _, builtin := builtinPeers()[in.label]; builtin {
			d.error(in.at, "Name used twice", "peer.%s is there already, and means the same everywhere. Give this peer another name.", in.label)
			continue
		}
		own := s
		if in.each != nil {
			own = s.with("each", in.each)
		}
		d.peers[in.label] = d.peer(in, own)
	}
}

func (d *decoder) peer(in instance, s *scope) *policy.Peer {
	p := &policy.Peer{Name: in.label, Range: in.block.DefRange}
	d.title(in.label, in.at, "a peer")
	_, byLabels := in.body.Attributes["labels"]
	_, byNamespaces := in.body.Attributes["namespaces"]
	cidrs, byCIDRs := in.body.Attributes["cidrs"]
	hosts, byHosts := in.body.Attributes["hosts"]
	kinds := 0
	if byLabels || byNamespaces {
		kinds++
		p.Kind = policy.PeerPods
		clean := d.watch()
		p.Labels = d.labels(in.body, "labels", s)
		for _, ns := range d.texts(in.body, "namespaces", s) {
			if ns.Key != "*" && (!dnsLabel.MatchString(ns.Key) || len(ns.Key) > 63) {
				d.error(ns.Range, "Not a namespace", "A namespace has up to 63 lower-case letters, digits and '-', or is \"*\" for all; %q does not.", ns.Key)
				continue
			}
			p.Namespaces = append(p.Namespaces, ns.Key)
		}
		if len(p.Namespaces) == 0 && clean() {
			d.error(p.Range, "Peer without namespaces", "The peer %q does not say in which namespaces its pods are: namespaces = [\"monitoring\"], or [\"*\"] for all.", in.label)
		}
		slices.Sort(p.Namespaces)
	}
	if byCIDRs {
		kinds++
		p.Kind = policy.PeerCIDRs
		clean := d.watch()
		for _, it := range d.texts(in.body, "cidrs", s) {
			if c, ok := d.cidr(it); ok {
				p.CIDRs = append(p.CIDRs, c)
			}
		}
		d.notEmpty(len(p.CIDRs), cidrs, clean)
		slices.Sort(p.CIDRs)
		p.Except = d.except(in, p.CIDRs, s)
	} else if except, ok := in.body.Attributes["except"]; ok {
		d.error(except.Range, "Exceptions without networks", "except takes networks out of cidrs, and this peer has none.")
	}
	if byHosts {
		kinds++
		p.Kind = policy.PeerHosts
		clean := d.watch()
		for _, it := range d.texts(in.body, "hosts", s) {
			if !hostName.MatchString(it.Key) || len(it.Key) > 253 {
				d.error(it.Range, "Not a host name", "A host is a DNS name such as \"api.example.com\", or \"*.example.com\" for all below it; %q is not. Addresses go into cidrs.", it.Key)
				continue
			}
			p.Hosts = append(p.Hosts, it.Key)
		}
		d.notEmpty(len(p.Hosts), hosts, clean)
	}
	if kinds != 1 {
		d.error(p.Range, "One kind of peer wanted", "A peer is pods (namespaces and labels), networks (cidrs) or names (hosts), exactly one of them.")
	}
	return p
}

// except decodes the networks within a peer's that are not meant.
func (d *decoder) except(in instance, cidrs []string, s *scope) []string {
	networks := networks(cidrs)
	var out []string
	for _, it := range d.texts(in.body, "except", s) {
		c, ok := d.cidr(it)
		if !ok {
			continue
		}
		p := netip.MustParsePrefix(c)
		switch whole := slices.Contains(cidrs, c); {
		case whole:
			d.error(it.Range, "Nothing left", "%s is one of the peer's cidrs, so that nothing of it would be left. Leave it out of both lists.", c)
		case !address.Within(p, networks):
			d.error(it.Range, "Exception without effect", "%s does not lie within one of the peer's cidrs: %s.", c, join(cidrs))
		default:
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

// hostName has a letter in its last part, so that an address is not one.
var hostName = regexp.MustCompile(`^(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

func (d *decoder) notEmpty(n int, attr *hcl.Attribute, clean func() bool) {
	if n == 0 && clean() {
		d.error(attr.Range, "Peer matches nothing", "An empty list matches no pod and no address. List at least one element.")
	}
}

func flowSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("from!", "to!", "ports!")}
}

func (d *decoder) flow(in instance) *policy.FlowBlock {
	s := in.full(d)
	f := &policy.FlowBlock{Name: in.label, Range: in.block.DefRange}
	d.title(in.label, in.at, "a flow")
	f.From = d.ends(in.body, "from", s)
	f.To = d.ends(in.body, "to", s)
	clean := d.watch()
	for _, it := range d.texts(in.body, "ports", s) {
		if it.Key == anyPort {
			f.Ports = append(f.Ports, everyPort()...)
			continue
		}
		p, err := control.ParsePort(it.Key)
		if err != nil {
			d.error(it.Range, "Not a port", "%q is none: %s.", it.Key, err)
			continue
		}
		f.Ports = append(f.Ports, p)
	}
	if attr, ok := in.body.Attributes["ports"]; ok && len(f.Ports) == 0 && clean() {
		d.error(attr.Range, "Flow without ports", "An empty list would mean every port in a NetworkPolicy. Name the ports: [\"tcp/443\"], or [\"any\"] for all of them.")
	}
	return f
}

// anyPort stands for every port of every protocol.
const anyPort = "any"

func everyPort() []control.Port {
	var out []control.Port
	for _, protocol := range []string{"tcp", "udp", "sctp"} {
		out = append(out, control.Port{Protocol: protocol, From: 1, To: 65535})
	}
	return out
}

// ends decodes one end of a flow: a workload or peer, or a list of them.
func (d *decoder) ends(body *hcl.BodyContent, name string, s *scope) []policy.EndRef {
	attr, ok := body.Attributes[name]
	if !ok {
		return nil
	}
	clean := d.watch()
	var elements []element
	if _, diags := hcl.ExprList(attr.Expr); !diags.HasErrors() {
		elements, _ = d.list(attr.Expr, s, name)
	} else if v, ok := d.evaluate(attr.Expr, s); ok {
		elements = []element{{value: v, at: attr.Expr.Range()}}
		if !v.IsNull() && v.Type() != refType && v.CanIterateElements() {
			elements = iterate(v, attr.Expr.Range())
		}
	} else {
		return nil
	}
	var out []policy.EndRef
	for _, e := range elements {
		r, ok := d.asReference(e.value, e.at, "workload", "peer")
		if !ok {
			continue
		}
		end := policy.EndRef{Range: e.at}
		if r.kind == "workload" {
			end.Workload = r.name
		} else {
			end.Peer = d.peers[r.name]
		}
		out = append(out, end)
	}
	if len(out) == 0 && clean() {
		d.error(attr.Range, "Flow without an end", "%s names nobody, so the flow would allow nothing.", name)
	}
	return out
}

package address

import (
	"net/netip"
	"slices"
)

// Service is the address of a metadata service: what tells a node or a pod who it is, and hands out credentials for it.
type Service struct {
	Address netip.Addr
	Of      string // who has it, and where that is stated
}

// metadata are the metadata services of clouds, by address. Those that are link-local are refused with all of their block; the list is for
// what knows single addresses only, and for blocks within it that a flow names.
var metadata = []Service{
	service("100.100.100.200", "Alibaba Cloud: instance metadata"),
	service("168.63.129.16", "Azure: the host of a virtual machine (WireServer)"),
	service("169.254.0.23", "Tencent Cloud: instance metadata (metadata.tencentyun.com)"),
	service("169.254.42.42", "Scaleway: instance metadata"),
	service("169.254.169.252", "Google Kubernetes Engine: the node's metadata server, port 988"),
	service("169.254.169.254", "AWS, Azure, Google Cloud, Oracle, DigitalOcean, OpenStack and most others: instance metadata"),
	service("169.254.170.2", "Amazon ECS: credentials of tasks"),
	service("169.254.170.23", "Amazon EKS: credentials of pods (Pod Identity)"),
	service("fd00:42::42", "Scaleway: instance metadata"),
	service("fd00:c1::a9fe:a9fe", "Oracle Cloud: instance metadata"),
	service("fd00:ec2::23", "Amazon EKS: credentials of pods (Pod Identity)"),
	service("fd00:ec2::254", "AWS: instance metadata"),
	service("fd00:a9fe:a9fe::1", "Akamai (Linode): instance metadata"),
	service("fd20:ce::254", "Google Cloud: instance metadata"),
	service("fe80::a9fe:a9fe", "OpenStack: instance metadata"),
}

func service(address, of string) Service { return Service{netip.MustParseAddr(address), of} }

// MetadataServices lists the known metadata services, by address.
func MetadataServices() []Service { return slices.Clone(metadata) }

// Metadata lists what network.metadata refuses: every link-local address, and the known metadata services, sorted. A flow may name a block
// within a link-local one; of it, the services alone are refused.
func Metadata() []netip.Prefix {
	out := With(LinkLocal)
	for _, s := range metadata {
		out = append(out, netip.PrefixFrom(s.Address, s.Address.BitLen()))
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return out
}

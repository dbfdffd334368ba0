package address

import (
	"net/netip"
	"slices"
)

// Purpose says what a block of addresses is set aside for.
type Purpose int

// The purposes. The zero Purpose belongs to no block.
const (
	_ Purpose = iota
	// Private: the hosts of a network of one's own.
	Private
	// LinkLocal: neighbors on one link, and what a node or a cloud offers there.
	LinkLocal
	// Loopback: the host itself.
	Loopback
	// Translated: each address stands for an IPv4 address, a private one as well as a public one.
	Translated
	// Reserved: nothing that a pod has a reason to connect with through the internet: reserved, multicast, benchmarks.
	Reserved
	// Documentation: nobody has such an address. Tests and examples use them for addresses of the internet, and so they count as such.
	Documentation
	// Global: a special purpose, but reachable through the internet.
	Global
)

// Block is a block of addresses with a special purpose.
type Block struct {
	Prefix  netip.Prefix
	Purpose Purpose
	Name    string // as the registry has it
	Source  string // the document that sets the block aside
}

// special are the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890; as of 2025-10), and of the address spaces' own registries
// multicast and the deprecated site-local block. Sorted by address, and the wider block first.
var special = []Block{
	block("0.0.0.0/8", Reserved, "this network", "RFC 791"),
	block("10.0.0.0/8", Private, "private use", "RFC 1918"),
	block("100.64.0.0/10", Private, "shared address space", "RFC 6598"),
	block("127.0.0.0/8", Loopback, "loopback", "RFC 1122"),
	block("169.254.0.0/16", LinkLocal, "link local", "RFC 3927"),
	block("172.16.0.0/12", Private, "private use", "RFC 1918"),
	block("192.0.0.0/24", Reserved, "IETF protocol assignments", "RFC 6890"),
	block("192.0.2.0/24", Documentation, "documentation (TEST-NET-1)", "RFC 5737"),
	block("192.31.196.0/24", Global, "AS112-v4", "RFC 7535"),
	block("192.52.193.0/24", Global, "AMT", "RFC 7450"),
	block("192.88.99.0/24", Translated, "deprecated (6to4 relay anycast)", "RFC 7526"),
	block("192.168.0.0/16", Private, "private use", "RFC 1918"),
	block("192.175.48.0/24", Global, "direct delegation AS112 service", "RFC 7534"),
	block("198.18.0.0/15", Reserved, "benchmarking", "RFC 2544"),
	block("198.51.100.0/24", Documentation, "documentation (TEST-NET-2)", "RFC 5737"),
	block("203.0.113.0/24", Documentation, "documentation (TEST-NET-3)", "RFC 5737"),
	block("224.0.0.0/4", Reserved, "multicast", "RFC 5771"),
	block("240.0.0.0/4", Reserved, "reserved, and limited broadcast", "RFC 1112, RFC 8190"),
	block("::/128", Reserved, "unspecified address", "RFC 4291"),
	block("::1/128", Loopback, "loopback address", "RFC 4291"),
	block("64:ff9b::/96", Translated, "IPv4-IPv6 translation", "RFC 6052"),
	block("64:ff9b:1::/48", Translated, "IPv4-IPv6 translation", "RFC 8215"),
	block("100::/64", Reserved, "discard-only address block", "RFC 6666"),
	block("100:0:0:1::/64", Reserved, "dummy IPv6 prefix", "RFC 9780"),
	block("2001::/23", Reserved, "IETF protocol assignments", "RFC 2928"),
	block("2001::/32", Translated, "Teredo", "RFC 4380"),
	block("2001:db8::/32", Documentation, "documentation", "RFC 3849"),
	block("2002::/16", Translated, "6to4", "RFC 3056"),
	block("2620:4f:8000::/48", Global, "direct delegation AS112 service", "RFC 7534"),
	block("3fff::/20", Documentation, "documentation", "RFC 9637"),
	block("5f00::/16", Reserved, "segment routing (SRv6) SIDs", "RFC 9602"),
	block("fc00::/7", Private, "unique-local", "RFC 4193, RFC 8190"),
	block("fe80::/10", LinkLocal, "link-local unicast", "RFC 4291"),
	block("fec0::/10", Reserved, "deprecated (site-local)", "RFC 3879"),
	block("ff00::/8", Reserved, "multicast", "RFC 4291"),
}

func block(prefix string, purpose Purpose, name, source string) Block {
	return Block{netip.MustParsePrefix(prefix), purpose, name, source}
}

// Special lists the blocks with a special purpose, sorted by address and the wider one first.
func Special() []Block { return slices.Clone(special) }

// With lists the blocks that have one of the purposes, sorted, without those that lie within another of them.
func With(purposes ...Purpose) []netip.Prefix {
	var out []netip.Prefix
	for _, b := range special {
		if slices.Contains(purposes, b.Purpose) && !Within(b.Prefix, out) {
			out = append(out, b.Prefix)
		}
	}
	return out
}

// NotInternet lists what is no address of the internet. Documentation is left in the internet, see there.
func NotInternet() []netip.Prefix { return With(Private, LinkLocal, Loopback, Translated, Reserved) }

// Hosts lists the blocks, other than the internet, in which hosts have addresses.
func Hosts() []netip.Prefix { return With(Private, LinkLocal, Loopback) }

// Within reports whether a block lies within one of the others.
func Within(p netip.Prefix, outer []netip.Prefix) bool {
	return slices.ContainsFunc(outer, func(o netip.Prefix) bool { return o.Bits() <= p.Bits() && o.Contains(p.Addr()) })
}

// Overlaps reports whether two lists of blocks have an address in common.
func Overlaps(a, b []netip.Prefix) bool {
	return slices.ContainsFunc(a, func(x netip.Prefix) bool { return slices.ContainsFunc(b, x.Overlaps) })
}

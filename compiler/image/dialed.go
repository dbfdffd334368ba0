package image

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// hubs are hosts that serve Docker Hub's registry: containerd and CRI-O ask the second for docker.io, clients of older
// versions of the API the third and the fourth.
var hubs = []string{dockerHub, "registry-1.docker.io", "index.docker.io", "registry.hub.docker.com"}

// Ports that clients dial where a reference has none: of https, and of http where the runtime is told to use it.
const unstatedPorts = "443|80"

// DialedExpression is a regular expression (RE2) of the names (Reference.Name) of all repositories of the registry that a
// client reaches by the host of the pattern, whatever the reference calls it: Expression, and besides
//
//   - the port in other spellings, and the ports that are dialed where none is stated: :443, :0443, :80
//   - the hosts of Docker Hub
//   - an address in the other spellings of IPv6, and an IPv4 address as one of IPv6
//
// Who refuses images has to refuse all of them. Aliases that only their owner knows, such as mirrors, are other registries.
func (p Pattern) DialedExpression() string {
	if p.host == anyHost {
		return p.Expression()
	}
	host, port := splitPort(p.host)
	ports := "(:0*(" + unstatedPorts + "))?"
	if port != "" && port != "443" {
		ports = ":0*" + port
	}
	return "^(" + strings.Join(dialedHosts(host), "|") + ")" + ports + "/" + p.path.expression() + "$"
}

// splitPort cuts the port off a host, without leading zeros; "" is none.
func splitPort(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") {
		return host, ""
	}
	return host[:i], strings.TrimLeft(host[i+1:], "0")
}

// dialedHosts are regular expressions of the names that lead to a host.
func dialedHosts(host string) []string {
	if suffix, wild := strings.CutPrefix(host, "*"); wild {
		names := []string{"[^/]+" + regexp.QuoteMeta(suffix)}
		if slices.ContainsFunc(hubs, func(hub string) bool { return hostContains(host, hub) }) {
			names = append(names, quoted(hubs)...)
		}
		return names
	}
	if slices.Contains(hubs, host) {
		return quoted(hubs)
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case err != nil:
		return []string{regexp.QuoteMeta(host)}
	case address.Unmap().Is4():
		return append([]string{regexp.QuoteMeta(address.Unmap().String())}, spellings(netip.AddrFrom16(address.As16()))...)
	}
	return spellings(address)
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = regexp.QuoteMeta(name)
	}
	return out
}

// spellings are regular expressions of the ways to write an IPv6 address in brackets: any run of zero groups may be left
// out once, and groups may begin with zeros (RFC 4291, section 2.2).
func spellings(address netip.Addr) []string {
	var groups [8]string
	bytes := address.As16()
	for i := range groups {
		groups[i] = fmt.Sprintf("0*%x", int(bytes[2*i])<<8|int(bytes[2*i+1]))
	}
	all := []string{bracketed(strings.Join(groups[:], ":"))}
	for from := range groups {
		for to := from; to < len(groups) && groups[to] == "0*0"; to++ {
			all = append(all, bracketed(strings.Join(groups[:from], ":")+"::"+strings.Join(groups[to+1:], ":")))
		}
	}
	return all
}

func bracketed(s string) string { return `\[` + s + `\]` }

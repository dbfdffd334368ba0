package profile_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// sockBits are the permissions of sockets, as the parser numbers them.
var sockBits = map[string]uint32{"create": 0x10, "bind": 0x20000, "listen": 0x40000, "accept": 0x10000, "connect": 0x40, "send": 2,
	"receive": 4, "shutdown": 0x20, "getattr": 0x8000, "setattr": 0x4000, "getopt": 0x100000, "setopt": 0x80000}

var sockTypes = map[string]uint16{"stream": 1, "dgram": 2, "seqpacket": 5}

// unixRequests are all that is asked about.
func unixRequests() []profile.UnixRequest {
	var out []profile.UnixRequest
	for access := range sockBits {
		for kind := range sockTypes {
			for _, addr := range []string{"none", "@a", "@ab"} {
				if access == "bind" && addr == "none" {
					continue
				}
				if access != "connect" && access != "send" && access != "receive" {
					out = append(out, profile.UnixRequest{Access: access, Type: kind, Address: addr})
					continue
				}
				for _, peer := range []string{"none", "@a", "@c/d"} {
					for _, label := range []string{"unconfined", "x", "b"} {
						out = append(out, profile.UnixRequest{Access: access, Type: kind, Address: addr, PeerAddress: peer, PeerLabel: label})
					}
				}
			}
		}
	}
	return out
}

// unixKey is how a kernel asks that mediates unix sockets: family, type, protocol; but to create, the address and the
// profile of the socket; a command, or the other end's address and profile.
func unixKey(r profile.UnixRequest) []byte {
	key := binary.BigEndian.AppendUint16([]byte{classNet, 0, 1}, sockTypes[r.Type])
	key = append(key, 0, 0)
	if r.Access == "create" {
		return key
	}
	key = append(slices.Concat(key, address(r.Address), []byte{0}, []byte("x")), 0)
	switch r.Access {
	case "listen":
		return append(key, 2, 0, 0)
	case "getopt", "setopt":
		return append(key, 4, 0, 0)
	case "connect", "send", "receive":
		return slices.Concat(key, []byte{1}, address(r.PeerAddress), []byte{0}, []byte(r.PeerLabel))
	}
	return key
}

func address(s string) []byte {
	if name, ok := strings.CutPrefix(s, "@"); ok {
		return append([]byte{0}, name...)
	}
	return []byte{1}
}

// TestUnixAgainstParser holds decisions about unix sockets to both automata that the parser makes: that for kernels which
// mediate them, and the rules about families for those that do not. Where the two differ, so that it takes the kernel
// to tell, the decision must be undecided.
func TestUnixAgainstParser(t *testing.T) {
	accesses := []string{"", "", " create", " (bind, listen)", " (create, bind)", " connect", " (send, receive)", " rw", " (accept)",
		" (getopt, setopt, getattr, setattr, shutdown)"}
	against(t, func(t *rapid.T) string {
		if rapid.IntRange(0, 3).Draw(t, "network") == 0 {
			return prefix(t) + rapid.SampledFrom([]string{"network", "network unix", "network unix stream", "network inet", "network dgram"}).Draw(t, "rule")
		}
		return prefix(t) + "unix" + rapid.SampledFrom(accesses).Draw(t, "access") +
			rapid.SampledFrom([]string{"", "", " type=stream", " type=dgram"}).Draw(t, "type") +
			rapid.SampledFrom([]string{"", "", "", " addr=none", " addr=@a", " addr=@a*"}).Draw(t, "addr") +
			rapid.SampledFrom([]string{"", "", " peer=(label=x)", " peer=(addr=none)", " peer=(label=b, addr=@a)", " peer=(addr=@**)",
				" peer=(label=[bu]* addr=@c*)"}).Draw(t, "peer")
	}, func(t *rapid.T, text string, p *profile.Profile, theirs *compiled) {
		for _, r := range unixRequests() {
			bit := sockBits[r.Access]
			fine := theirs.policy.allows(unixKey(r), bit)
			coarse := theirs.policy.allows(unixKey(profile.UnixRequest{Access: "create", Type: r.Type})[:5], bit)
			want := profile.Deny
			switch {
			case fine != coarse:
				want = profile.Undecided
			case fine:
				want = profile.Allow
			}
			got := p.Unix(r)
			// Parsers differ in the rules about families that they make: what depends on them may be undecided too.
			if got.Outcome != want && !(got.Outcome == profile.Undecided && strings.Contains(got.Reason, "as undecided on others")) {
				t.Fatalf("%+v is %v (%s), the parser says %v: %v by address, %v by family\n%s", r, got.Outcome, got.Reason, want, fine, coarse, text)
			}
		}
	})
}

// allows says whether a state allows a permission, those beyond the first seven included.
func (a *automaton) allows(text []byte, bit uint32) bool {
	return a != nil && a.accept[a.walk(1, text)]&bit != 0
}

package profile_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// The classes of the policy's automaton, and its permissions: security/apparmor/include/apparmor.h in the kernel,
// and ptrace.h and signal.h in apparmor_parser.
const (
	classMount  = 7
	classPtrace = 9
	classSignal = 10
	classNet    = 14

	mayWrite = 2
	mayRead  = 4
	beTraced = 8    // be traced
	beRead   = 0x10 // be read
)

// prefix makes the beginnings of rules.
func prefix(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", "audit ", "deny ", "audit deny "}).Draw(t, "prefix")
}

// against draws rules, has both sides read them, and calls compare for what both take.
func against(t *testing.T, rule func(*rapid.T) string, compare func(*rapid.T, string, *profile.Profile, *compiled)) {
	o := newOracle(t)
	taken := 0
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		for range rapid.IntRange(1, 5).Draw(rt, "rules") {
			lines = append(lines, rule(rt)+",")
		}
		text := "abi <abi/3.0>,\n" + rules(lines...)
		file, err := profile.Parse("test", []byte(text))
		theirs, problem := o.compile(t, text)
		if (problem == "") != (err == nil) {
			rt.Fatalf("we say %v, the parser %q\n%s", err, problem, text)
		}
		if err == nil {
			taken++
			compare(rt, text, file.Profiles[0], theirs)
		}
	})
	t.Logf("%d profiles were taken", taken)
	if taken == 0 {
		t.Error("no profile was taken at all")
	}
}

// agree compares a decision with the permission bit of a state.
func agree(t *rapid.T, text, what string, got profile.Decision, want perms, bit uint32) {
	t.Helper()
	outcome, audit := profile.Deny, want.quiet&bit == 0
	if want.allow&bit != 0 {
		outcome, audit = profile.Allow, want.audit&bit != 0
	}
	if got.Outcome != outcome || got.Audit != audit {
		t.Fatalf("%s: %v audit=%v (%s), the parser says %v audit=%v\n%s", what, got.Outcome, got.Audit, got.Reason, outcome, audit, text)
	}
}

func TestCapabilitiesAgainstParser(t *testing.T) {
	numbers := map[string]int{"chown": 0, "sys_admin": 21, "syslog": 34, "bpf": 39, "checkpoint_restore": 40, "kill": 5}
	names := []string{"chown", "sys_admin", "syslog", "bpf", "checkpoint_restore", "kill"}
	against(t, func(t *rapid.T) string {
		list := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID[string]).Draw(t, "names")
		return strings.TrimSpace(prefix(t) + "capability " + strings.Join(list, " "))
	}, func(t *rapid.T, text string, p *profile.Profile, theirs *compiled) {
		for _, name := range names {
			want := profile.Deny
			if theirs.caps&(1<<numbers[name]) != 0 {
				want = profile.Allow
			}
			if got := p.Capability(name); got.Outcome != want {
				t.Fatalf("%s: %v, the parser says %v\n%s", name, got.Outcome, want, text)
			}
		}
	})
}

func TestNetworkAgainstParser(t *testing.T) {
	families := map[string]uint16{"inet": 2, "inet6": 10, "netlink": 16, "packet": 17, "alg": 38, "vsock": 40, "unix": 1}
	types := map[string]uint16{"stream": 1, "dgram": 2, "raw": 3, "rdm": 4, "seqpacket": 5, "packet": 10}
	against(t, func(t *rapid.T) string {
		family := rapid.SampledFrom([]string{"", "inet", "inet6", "netlink", "packet", "alg", "vsock"}).Draw(t, "family")
		kind := rapid.SampledFrom([]string{"", "", "stream", "dgram", "raw", "seqpacket", "packet", "tcp", "udp", "icmp"}).Draw(t, "type")
		return strings.Join(strings.Fields(prefix(t)+"network "+family+" "+kind), " ")
	}, func(t *rapid.T, text string, p *profile.Profile, theirs *compiled) {
		for family, number := range families {
			for kind, kindNumber := range types {
				key := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{classNet}, number), kindNumber)
				if got := p.Network(family, kind); got.Outcome == profile.Undecided && family == "inet6" && kind == "raw" && strings.Contains(text, "network icmp") {
					continue // parsers differ
				}
				agree(t, text, family+" "+kind, p.Network(family, kind), theirs.policy.statePerms(key), mayWrite)
			}
		}
	})
}

var peerNames = []string{"a", "b", "ab", "a/b", "/a", "/a/b", "unconfined", "x", "a b", "x//y"}

func peerPart(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", " peer=a", " peer=a*", " peer=/**", " peer=**", " peer=*", ` peer="a b"`,
		" peer={a,unconfined}", " peer=@{profile_name}", " peer=@{profile_name}//*", " peer=/*/b", " peer={*,/**}"}).Draw(t, "peer")
}

func TestPtraceAgainstParser(t *testing.T) {
	bits := map[string]uint32{"trace": mayWrite, "read": mayRead, "tracedby": beTraced, "readby": beRead}
	accesses := []string{"", " read", " trace", " (readby, tracedby)", " (trace read)", " rw", " (r w)", " w"}
	against(t, func(t *rapid.T) string {
		return prefix(t) + "ptrace" + rapid.SampledFrom(accesses).Draw(t, "access") + peerPart(t)
	}, func(t *rapid.T, text string, p *profile.Profile, theirs *compiled) {
		for access, bit := range bits {
			for _, peer := range peerNames {
				if peer == "unconfined" && strings.HasSuffix(access, "by") {
					continue // the kernel does not ask
				}
				want := theirs.policy.statePerms(append([]byte{classPtrace}, peer...))
				agree(t, text, "ptrace "+access+" "+peer, p.Ptrace(access, peer), want, bit)
			}
		}
	})
}

func TestSignalsAgainstParser(t *testing.T) {
	numbers := map[string]byte{"hup": 1, "kill": 9, "term": 15, "exists": 35, "rtmin+3": 0x80 + 3}
	names := []string{"hup", "kill", "term", "exists", "rtmin+3"}
	accesses := []string{"", " send", " receive", " (send, receive)", " rw", " (r w)"}
	against(t, func(t *rapid.T) string {
		signals := ""
		if list := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID[string]).Draw(t, "signals"); len(list) > 0 {
			signals = fmt.Sprintf(" set=(%s)", strings.Join(list, ", "))
		}
		return prefix(t) + "signal" + rapid.SampledFrom(accesses).Draw(t, "access") + signals + peerPart(t)
	}, func(t *rapid.T, text string, p *profile.Profile, theirs *compiled) {
		for _, name := range names {
			for _, peer := range peerNames {
				want := theirs.policy.statePerms(slices.Concat([]byte{classSignal, numbers[name]}, []byte(peer)))
				agree(t, text, "send "+name+" "+peer, p.Signal("send", name, peer), want, mayWrite)
				agree(t, text, "receive "+name+" "+peer, p.Signal("receive", name, peer), want, mayRead)
			}
		}
	})
}

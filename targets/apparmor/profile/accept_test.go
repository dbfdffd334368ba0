package profile_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// TestAcceptAgainstParser holds what is read and what is refused to apparmor_parser. A rule that only it takes is
// one that this reader does not model and refuses; none must be the other way round, but for rules of parsers since
// 4.1, which the tests' parser may be too old for.
func TestAcceptAgainstParser(t *testing.T) {
	o := newOracle(t)
	const (
		alike  = ""
		theirs = "only the parser takes it"
		older  = "parsers before 4.0 take it"
		newer  = "parsers since 4.1 take it"
	)
	for _, test := range []struct{ rule, who string }{
		{"r /a", alike}, {"file r /a", alike}, {"file /a r", alike}, {"/a rx", alike}, {"deny /a x", alike},
		{"deny /a ix", alike}, {"/a x", alike}, {"l /a -> /b", alike}, {"link subset /a -> /b", alike}, {"/a l -> /b", alike},
		{"/a rl -> /b", alike}, {"rwl /a -> /b", alike}, {"/a r -> b", alike}, {"deny /a rwl -> /b", alike}, {"/a rwlix -> b", alike}, {"/a l -> b", alike},
		{"/a rw -> ", alike}, {"abi <abi/3.0>", alike}, {"deny abi <abi/3.0>", alike}, {"audit { abi <abi/3.0>, } /a r", alike}, {"deleted r", alike}, {"deleted", alike}, {"r deleted", alike}, {"file deleted rw", alike}, {"owner deleted r", alike}, {"deny deleted rw", alike},
		{"deleted x", alike}, {"deleted px -> y", alike}, {"deleted l -> /b", alike}, {"link deleted -> /b", alike}, {"link /a -> deleted", alike}, {`"deleted" r`, alike},
		{`r "deleted"`, alike}, {"dele.ted r", alike}, {"r dele.ted", alike}, {"1deleted r", alike}, {"dele-ted r", alike}, {"r r", alike}, {"r network", alike}, {"r file", alike}, {"r deny", alike}, {"r owner", alike}, {"r hat", alike}, {"r if", alike}, {"r set", alike}, {"r subset", alike},
		{"link deny -> /b", alike}, {"safe r", alike}, {"unsafe r", alike}, {"subset r", alike}, {"else r", alike}, {"defined r", alike}, {"to r", alike}, {"in r", alike}, {"peer r", alike}, {"rw rw", alike}, {"deleted /a", alike},
		{"deleted r w", alike}, {"change_profile deleted -> y", alike}, {"del_eted r", alike}, {"deleted/x r", alike}, {"@{profile_name} r", alike}, {`"@{profile_name}" r`, alike}, {"/a rwa", alike}, {"/a R", theirs}, {"/a Px -> foo", alike}, {"px /a -> foo", alike},
		{"/a pix", alike}, {"/a PUx", alike}, {"/a pUx", theirs}, {"/a rixpx", alike}, {"{/a,/b} r", alike}, {"/{a,b r", alike},
		{"/{a} r", alike}, {"/[] r", alike}, {"/[a r", alike}, {"/a] r", alike}, {"/a} r", alike}, {"/[*] r", theirs},
		{"/[a-] r", alike}, {"/[-a] r", alike}, {"/[z-a] r", theirs}, {"/[a^] r", theirs}, {"/[[] r", theirs}, {"/[{] r", alike},
		{"/[a,b] r", alike}, {`"/a b" r`, alike}, {`/a\ b r`, alike}, {`/a\040b r`, alike}, {`/a\x20b r`, alike}, {"/a!b r", alike},
		{"/a#b r", alike}, {`/a"b" r`, alike}, {"owner deny /a w", alike}, {"deny owner /a w", alike}, {"audit deny owner /a rw", alike},
		{"owner audit deny /a w", alike}, {"allow /a r", alike}, {"deny audit /a r", alike}, {"capability chown fowner", alike},
		{"capability CHOWN", alike}, {"capability cap_chown", alike}, {"capability foo", alike}, {"network", alike},
		{"network tcp", alike}, {"network inet tcp", alike}, {"network inet stream tcp", alike}, {"network icmp", alike},
		{"network inet6 icmp", alike}, {"network netlink raw", alike}, {"network foo", alike}, {"network inet raw icmp", alike},
		{"network unix tcp", alike}, {"file", alike}, {"deny file", alike}, {"owner file", alike}, {"ptrace (trace) peer=foo", alike},
		{"ptrace trace peer=@{profile_name}", alike}, {`ptrace (trace,read) peer="a b"`, alike}, {"ptrace peer=(foo)", alike},
		{"ptrace bogus", alike}, {"signal (send receive) set=(kill, term) peer=/foo/**", alike}, {"signal set=kill", alike},
		{"signal set=kill set=term", alike}, {"signal set=(rtmin+3)", alike}, {"signal set=(rtmin+33)", alike}, {"signal send set=(foo)", alike},
		{"set rlimit nofile <= 10", alike}, {"change_profile -> foo", alike}, {"change_profile", alike}, {"unix", alike},
		{"unix (create) type=stream", alike}, {"unix (connect) peer=(label=foo addr=none)", alike}, {"dbus bus=system", alike},
		{"dbus (send) bus=session peer=(name=a.b)", alike}, {"mount", alike}, {"mount options=ro", alike}, {"mount options=(ro,rw) /a -> /b", older},
		{"mount fstype=tmpfs", alike}, {"mount fstype=(tmpfs,proc) -> /x/", alike}, {"mount options in (ro)", alike}, {"remount /a", alike},
		{"umount /a", alike}, {"unmount /a", alike}, {"pivot_root", alike}, {"pivot_root /a/", alike}, {"pivot_root oldroot=/x/ /a/", alike},
		{"pivot_root oldroot=/x/ /a/ -> foo", alike}, {"mount options=**", alike}, {"mount options=foo", alike}, {"mount options = (ro)", alike},
		{"bogus", alike}, {"bogus /a", alike}, {"userns", newer}, {"userns create", newer}, {"userns foo", alike},
		{"userns (create)", alike}, {"deny userns", newer}, {"owner userns", alike}, {"io_uring", newer}, {"io_uring sqpoll", newer},
		{"io_uring (sqpoll, override_creds)", newer}, {"io_uring override_creds label=foo", newer}, {"io_uring label=foo sqpoll", alike},
		{"io_uring sqpoll label=(foo)", newer}, {"mqueue", newer}, {"mqueue (create, read) /q", newer}, {"mqueue r type=posix /q*", newer},
		{"mqueue type=sysv 123", newer}, {"mqueue label=foo /q", newer}, {"mqueue /q label=foo", alike}, {"mqueue wr /q", newer},
		{"mqueue (open,delete,getattr,setattr,rw) type=posix label=foo /q", newer}, {"mqueue type=foo", alike}, {"mqueue q", alike},
		{"mqueue r type=posix 12", alike}, {"all", newer}, {"deny all", newer}, {"audit all", newer}, {"all foo", older}, {"allow all", newer},
		{"priority=1 /a r", newer}, {"priority=-1 deny /a r", newer}, {"priority=+3 /a r", newer}, {"deny priority=1 /a r", alike},
		{"audit priority=1 /a r", alike}, {"priority=1 audit deny /a r", newer}, {"priority=1 capability chown", newer},
		{"priority=1 network inet", alike}, {"priority=1 userns", newer}, {"priority=1001 /a r", alike}, {"priority=1000 /a r", newer},
		{"priority=-1000 /a r", newer}, {"priority = 1 /a r", newer}, {"priority=1 mount", newer}, {"priority=1 all", alike},
		{"priority=1 set rlimit nofile <= 10", alike}, {"priority=1 change_profile", newer}, {"priority=1 unix", newer},
		{"unix (connect,send) type=(stream,dgram)", alike}, {"unix label=foo", alike}, {"unix peer=(label=foo type=stream)", alike},
		{"unix addr=/a", alike}, {"unix addr=foo", alike}, {"unix addr=auto", alike}, {`unix addr="@a b"`, alike}, {"unix protocol=0", alike},
		{"unix type=rdm", alike}, {"unix (foo)", alike}, {"unix connect", alike}, {"unix rw", alike}, {"unix (r,w)", alike}, {"unix opt=foo", alike},
		{"unix (bind) peer=(addr=none)", alike}, {"unix (create) peer=(label=foo)", alike}, {"unix type=dgram (send)", alike},
		{"unix addr=none addr=@x", alike}, {"unix addr in (none)", alike}, {"unix peer=(addr=none) type=stream", alike}, {"unix type=1", alike},
		{"unix (accept)", alike}, {"unix (shutdown,getattr,setattr,getopt,setopt,listen)", alike}, {"unix (read,write)", alike}, {"unix peer=none", alike},
		{"change_profile safe /a -> b", alike}, {"change_profile unsafe /a", alike}, {"change_profile /a -> b", alike}, {"change_profile foo", alike},
		{"deny change_profile -> foo", alike}, {"change_profile -> {a,b}", alike}, {"audit change_profile", alike}, {"owner change_profile", alike}, {"/a r, /b w", alike}, {"a /b r", alike}, {"owner /a rw", alike}, {"@{X}/a r", alike}, {"/@{X} r", alike},
		{"audit capability", alike}, {"deny network alg", alike}, {"owner network", alike}, {"owner capability kill", alike}, {"owner link /a -> /b", alike},
		{"#include if exists <none>\n/a r", alike}, {"include if exists <none>\n/a r", alike}, {"#include", alike}, {"#include,", alike},
		{"include<none>", alike}, {`include"none"`, alike}, {"include/none", alike}, {"includenone", alike}, {"# include <none>\n/a r", alike},
		{"@{X}=a # b\nprofile x { /@{X} r, }", theirs}, {"@{X}=a#b\nprofile x { /@{X} r, }", alike},
		{"owner { deny /a r, } /a r", theirs}, {"audit { deny /a r, } /a r", alike},
		{"pivot_root oldroot=(/a/ /b/)", theirs}, {"pivot_root oldroot=(/a/)", alike}, {"pivot_root /a/ oldroot=/b/", alike},
		{"pivot_root /a/ -> foo -> bar", alike}, {"pivot_root -> foo", alike}, {"pivot_root -> foo /a/", alike},
		{"signal set=(rtmin+03)", alike}, {"signal set=(rtmin+33)", alike}, {"signal set=(rtmin+-1)", alike}, {"signal set=(rtmin)", alike},
		{"remount -> /a/", alike}, {"remount /a/ -> /b/", alike}, {"remount options=ro /a/", alike}, {"remount /a/ options=ro", alike},
		{"umount /a/ fstype=tmpfs", alike}, {"umount -> /a/", alike}, {"mount /a/ -> /b/ fstype=tmpfs", alike}, {"mount /a/ fstype=tmpfs", alike},
		{"mount /a/ fstype=tmpfs -> /b/", alike}, {"mount -> /b/", alike}, {"mount -> /b/ /a/", alike}, {"mount /a/ /b/", alike},
		{`/\\ r`, alike}, {`/\\\\ r`, alike}, {`/a\\b r`, alike}, {`/\\ b r`, theirs}, {`/\\, r`, theirs}, {`/\134 r`, alike},
		{"profile x flags=(enforce,complain) { /a r, }", alike}, {"profile x flags=(complain,complain) { /a r, }", alike},
		{"profile x flags=(kill,unconfined) { /a r, }", alike}, {"profile x flags=(audit,kill) { /a r, }", alike},
		{"profile x flags=(attach_disconnected,no_attach_disconnected) { /a r, }", alike},
		{"profile x flags=(mediate_deleted,delegate_deleted) { /a r, }", alike},
		{"profile x flags=(chroot_relative,namespace_relative) { /a r, }", alike},
		{"profile x flags=(chroot_attach,chroot_no_attach) { /a r, }", alike}, {"profile x flags=(audit) flags=(audit) { /a r, }", alike},
		{"profile x (audit) { /a r, }", alike}, {"profile x (audit) flags=(audit) { /a r, }", alike}, {"profile x flags(audit) { /a r, }", alike},
		{"profile x flags = (audit) { /a r, }", alike}, {"profile x /a flags=(audit) { /a r, }", alike},
		{"profile x flags=(audit) /a { /a r, }", alike}, {"profile x xattrs=(a=b) flags=(audit) { /a r, }", alike},
		{"profile x flags=(audit) xattrs=(a=b) { /a r, }", alike}, {"profile x xattrs=(a=b) xattrs=(c=d) { /a r, }", alike},
	} {
		text := test.rule
		if !strings.Contains(text, "profile x ") {
			text = rules(text + ",")
		}
		_, err := profile.Parse("test", []byte(text))
		_, problem := o.compile(t, text)
		switch {
		case test.who == alike && (err == nil) != (problem == ""):
			t.Errorf("%s: we say %v, the parser %q", test.rule, err, problem)
		case test.who == theirs && (err == nil || problem != ""):
			t.Errorf("%s: we say %v, the parser %q; it should take it alone", test.rule, err, problem)
		case test.who == older && (problem == "") == o.newer():
			t.Errorf("%s: the parser says %q", test.rule, problem)
		case test.who == newer && err != nil:
			t.Errorf("%s: %v", test.rule, err)
		case test.who == newer && (problem == "") != o.newer():
			t.Errorf("%s: the parser says %q", test.rule, problem)
		}
	}
}

// TestNamesAgainstParser holds the names of capabilities and families that this reader knows to the parser's.
func TestNamesAgainstParser(t *testing.T) {
	o := newOracle(t)
	for kind, names := range map[string]string{
		"capability": "chown dac_override audit_read perfmon bpf checkpoint_restore wake_alarm block_suspend mac_admin nonsense",
		"network": `unspec unix inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose netbeui security key netlink packet ash
			econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn phonet ieee802154 caif alg
			nfc vsock kcm qipcrtr smc xdp mctp nonsense`,
	} {
		for _, name := range strings.Fields(names) {
			text := rules(kind + " " + name + ",")
			_, err := profile.Parse("test", []byte(text))
			if _, problem := o.compile(t, text); (err == nil) != (problem == "") {
				t.Errorf("%s %s: we say %v, the parser %q", kind, name, err, problem)
			}
		}
	}
}

// TestAbstractions holds what is stated of files that AppArmor ships to the files, as Debian 12 has them: that they
// allow and do not deny, and which rules they have that are not about files.
func TestAbstractions(t *testing.T) {
	seen := 0
	for name, stated := range profile.KnownAbstractions() {
		body, err := os.ReadFile("/etc/apparmor.d/" + name)
		if err != nil {
			continue
		}
		seen++
		var others []string
		for line := range strings.Lines(string(body)) {
			code, _, _ := strings.Cut(line, "#")
			words := strings.Fields(code)
			if len(words) > 0 && (words[0] == "deny" || len(words) > 1 && words[0] == "audit" && words[1] == "deny") {
				t.Errorf("%s denies: %s", name, line)
			}
			if len(words) > 0 && slices.Contains([]string{"ptrace", "signal", "unix", "network", "capability", "mount", "dbus", "change_profile"}, words[0]) {
				others = append(others, strings.Join(words, " "))
			}
		}
		if profile.ReadsOthers(name) {
			continue
		}
		want := one(t, rules(others...))
		got := one(t, rules(stated))
		for _, access := range []string{"trace", "read", "tracedby", "readby"} {
			for _, peer := range peerNames {
				if a, b := got.Ptrace(access, peer).Outcome, want.Ptrace(access, peer).Outcome; a != b {
					t.Errorf("%s: ptrace %s %s is %v, in the file %v", name, access, peer, a, b)
				}
			}
		}
		for _, signal := range []string{"exists", "kill"} {
			for _, access := range []string{"send", "receive"} {
				for _, peer := range peerNames {
					if a, b := got.Signal(access, signal, peer).Outcome, want.Signal(access, signal, peer).Outcome; a != b {
						t.Errorf("%s: signal %s %s %s is %v, in the file %v", name, access, signal, peer, a, b)
					}
				}
			}
		}
		for _, r := range unixRequests() {
			if a, b := got.Unix(r).Outcome, want.Unix(r).Outcome; a != b {
				t.Errorf("%s: %+v is %v, in the file %v", name, r, a, b)
			}
		}
	}
	if seen == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("AppArmor's abstractions are not installed; install the package apparmor")
		}
		t.Skip("AppArmor's abstractions are not installed")
	}
}

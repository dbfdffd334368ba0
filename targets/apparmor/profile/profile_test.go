package profile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// runtimeDefault is a profile of the kind that container runtimes load for containers that state none: everything is
// allowed but what is denied, and globs with negated classes carve exceptions out of what is.
const runtimeDefault = `#include <tunables/global>

profile runtime-default flags=(attach_disconnected,mediate_deleted) {
  #include <abstractions/base>

  network,
  capability,
  file,
  umount,
  deny network alg,
  signal (receive) peer=unconfined,
  signal (receive) peer={runc,crun},
  signal (receive, send) peer=@{profile_name},

  deny @{PROC}/* w,   # what lies in /proc itself
  deny @{PROC}/{[a-rt-z]*,s[^ye]*}/** w,  # its folders, but for sys, self and those of processes
  deny @{PROC}/sys/[^k]** w,
  deny @{PROC}/sys/kernel/[^s]** w,
  deny @{PROC}/sys/kernel/s[^h]** w,
  deny @{PROC}/{sysrq-trigger,kcore} rwklx,
  deny mount,
  deny /sys/[^f]** wklx,
  deny /sys/f[^s]** wklx,
  deny /sys/fs/{[^c],c[^g]}** wklx,
  deny /sys/firmware/** rwklx,

  ptrace (read, readby, trace, tracedby) peer=@{profile_name},
}
`

func one(t *testing.T, text string) *profile.Profile {
	t.Helper()
	file, err := profile.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file.Profiles[0]
}

// rules puts rules into a profile named x, one rule to a line from line 2 on.
func rules(lines ...string) string {
	return "profile x {\n" + strings.Join(lines, "\n") + "\n}\n"
}

func TestRuntimeDefault(t *testing.T) {
	p := one(t, runtimeDefault)
	for _, test := range []struct {
		what string
		got  profile.Decision
		want profile.Outcome
		line int
	}{
		{"core_pattern", p.File("/proc/sys/kernel/core_pattern", "w", true), profile.Deny, 18},
		{"shm", p.File("/proc/sys/kernel/shmmax", "w", true), profile.Allow, 8},
		{"own attributes", p.File("/proc/1/attr/current", "w", true), profile.Allow, 8},
		{"kcore", p.File("/proc/kcore", "r", true), profile.Deny, 20},
		{"kcore elsewhere", p.File("/host/proc/kcore", "r", true), profile.Allow, 8},
		{"file of proc", p.File("/proc/anything", "w", true), profile.Deny, 15},
		{"file of proc, read", p.File("/proc/anything", "r", true), profile.Allow, 8},
		{"uevent_helper", p.File("/sys/kernel/uevent_helper", "w", true), profile.Deny, 22},
		{"cgroup", p.File("/sys/fs/cgroup/x/release_agent", "w", true), profile.Allow, 8},
		{"execute", p.File("/bin/sh", "x", false), profile.Allow, 8},
		{"read and write", p.File("/proc/sys/kernel/core_pattern", "rw", true), profile.Deny, 18},
		{"link", p.File("/tmp/x", "l", true), profile.Undecided, 8},
		{"tcp", p.Network("inet", "stream"), profile.Allow, 6},
		{"alg", p.Network("alg", "seqpacket"), profile.Deny, 10},
		{"alg of any type", p.Network("alg", ""), profile.Deny, 10},
		{"capability", p.Capability("sys_admin"), profile.Allow, 7},
		{"mount", p.Mount(profile.MountRequest{Source: "proc", Target: "/mnt", FSType: "proc"}), profile.Deny, 21},
		{"umount", p.Umount("/mnt"), profile.Allow, 9},
		{"pivot_root", p.PivotRoot("/new", "/old"), profile.Deny, 3},
		{"trace self", p.Ptrace("trace", "runtime-default"), profile.Allow, 27},
		{"trace other", p.Ptrace("trace", "unconfined"), profile.Deny, 3},
		{"killed by runc", p.Signal("receive", "kill", "runc"), profile.Allow, 12},
		{"kills another", p.Signal("send", "kill", "other"), profile.Deny, 3},
		{"looks for another", p.Signal("send", "exists", "other"), profile.Allow, 4},
		{"unix", p.Network("unix", "stream"), profile.Allow, 4},
		{"user namespace", p.Userns(), profile.Undecided, 3},
	} {
		if test.got.Outcome != test.want || test.got.Line() != test.line {
			t.Errorf("%s: %v at line %d (%s), want %v at line %d",
				test.what, test.got.Outcome, test.got.Line(), test.got.Reason, test.want, test.line)
		}
	}
}

func TestFile(t *testing.T) {
	text := rules("/etc/** r,", "owner /home/** rw,", "deny /etc/shadow rw,", "audit deny /etc/gshadow rw,",
		"/var/log/* a,", "audit /srv/** rw,", "/bin/* ix,", "/bin/su Px -> su,", "/usr/** ux,", `"/a b" r,`,
		`/c\ d r,`, "rw /lead,", "file rw /filed,", "/etc/extra\n  rw,")
	p := one(t, text)
	for _, test := range []struct {
		path, access string
		owner        bool
		want         profile.Outcome
		line         int
		audit        bool
	}{
		{"/etc/passwd", "r", false, profile.Allow, 2, false},
		{"/etc/passwd", "w", false, profile.Deny, 1, true},
		{"/etc/", "r", false, profile.Deny, 1, true},
		{"/etc/shadow", "r", false, profile.Deny, 4, false},
		{"/etc/gshadow", "r", false, profile.Deny, 5, true},
		{"/home/a", "w", true, profile.Allow, 3, false},
		{"/home/a", "w", false, profile.Deny, 1, true},
		{"/var/log/x", "a", false, profile.Allow, 6, false},
		{"/var/log/x", "w", false, profile.Deny, 1, true},
		{"/srv/x", "w", false, profile.Allow, 7, true},
		{"/srv/x", "a", false, profile.Allow, 7, true},
		{"/bin/ls", "x", false, profile.Allow, 8, false},
		{"/a b", "r", false, profile.Allow, 11, false},
		{"/c d", "r", false, profile.Allow, 12, false},
		{"/lead", "w", false, profile.Allow, 13, false},
		{"/filed", "w", false, profile.Allow, 14, false},
		{"/etc/extra", "w", false, profile.Allow, 15, false},
		{"etc/extra", "w", false, profile.Undecided, 0, false},
		{"/etc/extra", "q", false, profile.Undecided, 0, false},
	} {
		d := p.File(test.path, test.access, test.owner)
		if d.Outcome != test.want || d.Line() != test.line || d.Audit != test.audit {
			t.Errorf("%s %s owner=%v: %v at %d audit=%v (%s)", test.path, test.access, test.owner, d.Outcome, d.Line(), d.Audit, d.Reason)
		}
	}
	if d := p.File("/etc/x", "", false); d.Outcome == profile.Allow {
		t.Errorf("no access at all is %v", d.Outcome)
	}
	if d := p.File("/bin/su", "x", false); d.Transition != "Px -> su" {
		t.Errorf("/bin/su executes as %q", d.Transition)
	}
	if d := p.File("/usr/bin/x", "x", false); !strings.Contains(d.Reason, "leaves the profile") {
		t.Errorf("ux: %q", d.Reason)
	}
}

func TestModes(t *testing.T) {
	deny := "deny /d w,\naudit deny /e w,\n"
	for _, test := range []struct {
		flags string
		want  map[string]profile.Outcome
	}{
		{"", map[string]profile.Outcome{"/a": profile.Deny, "/d": profile.Deny, "/e": profile.Deny}},
		{"flags=(kill)", map[string]profile.Outcome{"/a": profile.Deny, "/d": profile.Deny}},
		{"flags=(complain)", map[string]profile.Outcome{"/a": profile.Allow, "/d": profile.Deny, "/e": profile.Allow}},
		{"flags=(complain, audit)", map[string]profile.Outcome{"/a": profile.Allow, "/d": profile.Allow}},
		{"flags=(unconfined)", map[string]profile.Outcome{"/a": profile.Allow, "/d": profile.Allow}},
		{"flags=(foo, unconfined)", map[string]profile.Outcome{"/a": profile.Undecided, "/d": profile.Undecided}},
		{"flags=(prompt)", map[string]profile.Outcome{"/a": profile.Undecided, "/d": profile.Undecided}},
		{"(attach_disconnected, audit)", map[string]profile.Outcome{"/a": profile.Deny}},
	} {
		p := one(t, "profile x "+test.flags+" {\n"+deny+"}")
		for path, want := range test.want {
			if d := p.File(path, "w", false); d.Outcome != want {
				t.Errorf("flags %q: %s is %v, want %v", test.flags, path, d.Outcome, want)
			}
		}
	}
}

func TestUnmodelled(t *testing.T) {
	undecided := func(what string, d profile.Decision, line int) {
		t.Helper()
		if d.Outcome != profile.Undecided || d.Line() != line || d.Reason == "" {
			t.Errorf("%s: %v at %d, want undecided at %d", what, d.Outcome, d.Line(), line)
		}
	}
	p := one(t, rules("include <local/x>", "/a r,", "deny /b r,", "network,", "deny unix (connect) peer=(addr=@x),"))
	undecided("an include may deny", p.File("/a", "r", false), 2)
	undecided("an include may allow", p.File("/c", "r", false), 2)
	undecided("an include may deny a capability", p.Capability("kill"), 2)
	undecided("an include may deny a network", p.Network("inet", "stream"), 2)
	if d := p.File("/b", "r", false); d.Outcome != profile.Deny {
		t.Errorf("what is denied stays denied: %v", d.Outcome)
	}
	p = one(t, rules("network,", "deny unix (connect) peer=(addr=@x),"))
	undecided("a unix rule, without a feature set", p.Unix(profile.UnixRequest{Access: "send", Type: "stream", Address: "none", PeerAddress: "none"}), 2)
	if d := p.Network("inet", "stream"); d.Outcome != profile.Allow {
		t.Errorf("unix rules concern unix sockets only: %v", d.Outcome)
	}
	p = one(t, rules("network inet stream,"))
	if d := p.Network("inet", ""); d.Outcome != profile.Undecided {
		t.Errorf("a family without a type is %v", d.Outcome)
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "test:1:1: the file holds no profile"},
		{"# nothing\n", "test:2:1: the file holds no profile"},
		{"@{X}=a # b\n" + rules("/@{X} r,"), "test:1:8: some versions of apparmor_parser take a comment here for further values; write it on a line of its own"},
		{rules("owner { deny /a r, }"), `test:2:9: versions of apparmor_parser disagree on deny in a block of owner; write "deny owner" outside of it`},
		{rules("pivot_root oldroot=(/a/ /b/),"), "test:2:19: oldroot= has one place; write a rule for each"},
		{rules("include<x>"), `test:2:1: expected a blank after "include"`},
		{rules("#include"), `test:2:9: expected a name or a path, found "\n}"`},
		{rules("remount -> /a/,"), `test:2:12: only a mount has a "->" target`},
		{rules("mount /a/ -> /b/ fstype=tmpfs,"), "test:2:1: the conditions of a rule stand before its paths"},
		{rules(`/\\ r,`), `test:2:2: apparmor_parser takes the second of two backslashes to escape what follows; write \134 for a backslash`},
		{"profile x flags=(enforce,complain) {}", "test:1:17: the flags enforce and complain exclude each other"},
		{"profile x flags=(audit) flags=(audit) {}", `test:1:25: expected "{" before the rules of a profile, found "flags=(audit)"`},
		{"profile x {", "test:1:12: the block of profile \"x\" is not closed"},
		{rules("/a r"), `test:3:1: expected "," at the end of a rule, found "}"`},
		{rules("/a rx,"), `test:2:4: a bare x can only be denied; say how to execute: "ix", "px", ...`},
		{rules("/a rwa,"), `test:2:4: the permissions "rwa" hold both a and w`},
		{rules("/a rq,"), `test:2:4: the permissions "rq" hold 'q', which is none of r w a l k m x`},
		{rules("deny /a ix,"), `test:2:9: in a deny rule execution is a bare "x"`},
		{rules("deny file,"), `test:2:1: apparmor_parser refuses "deny file,"; write "deny /** rwlkmx,"`},
		{rules("owner capability chown,"), "test:2:1: owner belongs to file rules only"},
		{rules("capability CAP_CHOWN,"), `test:2:12: unknown capability "CAP_CHOWN,"; apparmor_parser takes lower case names without cap_`},
		{rules("network foo,"), `test:2:9: expected a family, then a type or a protocol, found "foo,"`},
		{rules("/@{NO} r,"), "test:2:1: the variable @{NO} is not defined"},
		{rules("/{a r,"), "test:2:1: pattern \"/{a\": a '{' is not closed"},
		{rules("signal set=(foo),"), `test:2:12: unknown signal "foo"; apparmor_parser takes lower case names without SIG`},
		{rules("bogus,"), `test:2:1: expected a rule, found "bogus,"`},
		{rules("mount options=(zap),"), `test:2:14: unknown mount option "zap"`},
		{"@{A} = @{A}\n" + rules("/@{A} r,"), "test:3:1: the variable @{A} refers to itself, or variables nest deeper than 32"},
		{"@{A} = a\n@{A} = b\n" + rules(), "test:2:1: the variable @{A} is defined twice"},
		{"@{A} += a\n" + rules(), "test:1:1: the variable @{A} is added to before it is defined"},
		{rules() + rules(), `test:4:1: the file holds two profiles named "x"`},
		{"profile x {\x00}", "test:1:12: the control character 0x00 cannot stand in a profile"},
		{"profile \xff {}", "test:1:1: the file is not UTF-8"},
	} {
		_, err := profile.Parse("test", []byte(test.text))
		var at *profile.Error
		if !errors.As(err, &at) || err.Error() != test.want {
			t.Errorf("%q:\n got %v\nwant %s", test.text, err, test.want)
		}
	}
}

func TestNested(t *testing.T) {
	file, err := profile.Parse("test", []byte(`abi <abi/3.0>,
@{DIRS} = /a /b
@{DIRS} += "/c d"
profile outer /usr/bin/outer flags=(complain) {
  @{DIRS}/x r,
  profile inner { deny /y r, }
  ^hat { /z r, }
  audit { /w r, }
}
/usr/bin/other { }
`))
	if err != nil {
		t.Fatal(err)
	}
	if file.ABI != "abi/3.0" || len(file.Profiles) != 2 {
		t.Fatalf("abi %q, %d profiles", file.ABI, len(file.Profiles))
	}
	for _, name := range []string{"outer", "outer//inner", "outer//hat", "/usr/bin/other"} {
		if file.Profile(name) == nil {
			t.Errorf("no profile %q", name)
		}
	}
	outer := file.Profile("outer")
	if outer.Attachment != "/usr/bin/outer" || outer.Mode != profile.Complain {
		t.Errorf("attachment %q, mode %v", outer.Attachment, outer.Mode)
	}
	if d := outer.File("/c d/x", "r", false); d.Outcome != profile.Allow || d.Line() != 5 {
		t.Errorf("a variable with several values: %+v", d)
	}
	if d := outer.File("/w", "r", false); !d.Audit {
		t.Errorf("an audit block: %+v", d)
	}
	if d := file.Profile("outer//inner").File("/y", "r", false); d.Outcome != profile.Deny {
		t.Errorf("a nested profile: %+v", d)
	}
}

// TestAttachment holds which executables a profile is for: those of its name, where that is a path without a keyword before it, or of what follows.
func TestAttachment(t *testing.T) {
	for header, want := range map[string]string{
		"/usr/bin/a":                "/usr/bin/a",
		`"/usr/bin/a b"`:            "/usr/bin/a b",
		"profile a":                 "",
		"profile /usr/bin/a":        "",
		"profile a /usr/bin/{a,b}":  "/usr/bin/{a,b}",
		"profile /usr/bin/a /bin/a": "/bin/a",
		"/usr/bin/a flags=(audit)":  "/usr/bin/a",
	} {
		file, err := profile.Parse("test", []byte(header+" { }\n"))
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		if got := file.Profiles[0].Attachment; got != want {
			t.Errorf("%s attaches to %q, want %q", header, got, want)
		}
	}
	_, err := profile.Parse("test", []byte("/usr/bin/a /bin/a { }\n"))
	if want := "test:1:12: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a second attachment: %v, want an error at %s", err, want)
	}
}

// TestAsTheParserReads holds readings that are easily got wrong: an inclusion without a blank, and numbers of signals.
func TestAsTheParserReads(t *testing.T) {
	included := one(t, rules("#include<abstractions/base>", "/a r,"))
	if d := included.File("/etc/passwd", "r", false); d.Outcome != profile.Undecided {
		t.Errorf("what an inclusion may allow is %v", d.Outcome)
	}
	numbered := one(t, rules("signal set=(rtmin+03),"))
	if d := numbered.Signal("send", "rtmin+3", "x"); d.Outcome != profile.Allow {
		t.Errorf("rtmin+3 by rtmin+03 is %v", d.Outcome)
	}
	if d := numbered.Signal("send", "rtmin+03", "x"); d.Outcome != profile.Allow {
		t.Errorf("rtmin+03 by rtmin+03 is %v", d.Outcome)
	}
}

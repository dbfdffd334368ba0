package profile_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// linkBit and subsetBit are the permissions of a pair of a link and its target.
const (
	linkBit   = 0x10
	subsetBit = 0x20
)

// linkPerms are those of a link and what it is made to, as profile_path_link in the kernel reads them: whether the pair
// is allowed, and whether the link may grant no more than the target.
func (a *automaton) linkPerms(path, target string, owner bool) (allowed, subset bool) {
	pair := path + "\x00" + target
	if a == nil || a.filePerms(path, owner).allow&linkBit == 0 || a.filePerms(pair, owner).allow&linkBit == 0 {
		return false, false
	}
	return true, a.filePerms(pair, owner).allow&subsetBit != 0
}

// TestLinksAgainstParser holds links, and with them aliases, to the automaton and the kernel's test of subsets.
func TestLinksAgainstParser(t *testing.T) {
	o := newOracle(t)
	paths := []string{"/a", "/b", "/c", "/a/b", "/b/c", "/c/x", "/d"}
	glob := rapid.SampledFrom([]string{"/a", "/b", "/c", "/a/b", "/*", "/**", "/{a,b}", "/a/*", "/b/**", "/[^a]**", "/"})
	outcomes := map[profile.Outcome]int{}
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		alias := rapid.SampledFrom([]string{"", "", "alias /a/ -> /b/,\n", "alias /a -> /c/x,\nalias /b/ -> /a/,\n"}).Draw(rt, "alias")
		for range rapid.IntRange(1, 6).Draw(rt, "rules") {
			qualifier := rapid.SampledFrom([]string{"", "", "", "deny ", "owner ", "deny owner ", "audit deny "}).Draw(rt, "qualifier")
			switch kind := rapid.IntRange(0, 4).Draw(rt, "kind"); {
			case kind == 0 && alias == "": // what aliases make of these is not modelled
				lines = append(lines, qualifier+rapid.SampledFrom([]string{"link ", "link subset "}).Draw(rt, "link")+glob.Draw(rt, "glob")+" -> "+glob.Draw(rt, "target")+",")
			case kind == 1:
				lines = append(lines, qualifier+glob.Draw(rt, "glob")+rapid.SampledFrom([]string{" l", " rwl", " rw", " k"}).Draw(rt, "modes")+" -> "+glob.Draw(rt, "target")+",")
			case kind == 2:
				if strings.Contains(qualifier, "deny") {
					lines = append(lines, qualifier+glob.Draw(rt, "glob")+" xl,")
					continue
				}
				lines = append(lines, qualifier+glob.Draw(rt, "glob")+" rixl,")
			default:
				lines = append(lines, qualifier+glob.Draw(rt, "glob")+rapid.SampledFrom([]string{" l,", " rwl,", " rl,", " rw,", " kml,", " r,", " w,"}).Draw(rt, "modes"))
			}
		}
		text := alias + rules(lines...)
		file, err := profile.Parse("test", []byte(text))
		theirs, problem := o.compile(t, text)
		if err != nil || problem != "" {
			rt.Fatalf("we say %v, the parser %q\n%s", err, problem, text)
		}
		for _, path := range paths {
			for _, target := range paths {
				owner := rapid.Bool().Draw(rt, "owner")
				allowed, subset := theirs.files.linkPerms(path, target, owner)
				from, to := theirs.files.filePerms(path, owner).allow&^linkBit, theirs.files.filePerms(target, owner).allow
				want := profile.Deny
				if allowed && (!subset || from&^to == 0) {
					want = profile.Allow
				}
				got := file.Profiles[0].Link(path, target, owner)
				if outcomes[want]++; got.Outcome != want {
					rt.Fatalf("%s -> %s owner=%v is %v (%s), the parser says %v\n%s", path, target, owner, got.Outcome, got.Reason, want, text)
				}
			}
		}
	})
	t.Logf("%v", outcomes)
}

// TestImpliedAgainstParser holds aliases, changes of profile and hats to what the parser makes of them.
func TestImpliedAgainstParser(t *testing.T) {
	o := newOracle(t)
	paths := []string{"/a/c", "/b/c", "/d/c", "/a", "/b", "/proc/1/attr/current", "/proc/1/attr/exec", "/proc/1/attr/apparmor/exec", "/proc/x1/attr/current",
		"/proc/1/attr/apparmor/current", "/proc/1/attr/apparmor/", "/sys/module/apparmor/parameters/enabled", "/a b/c", "/bc"}
	texts := []string{
		"alias /a/ -> /b/,\nalias /b/ -> /d/,\nprofile x { /a/c r, deny /a/c w, }",
		"alias /a/ -> /b/,\n@{X} = /a\nprofile x { @{X}/c rw, owner /{a,q}/c r, }",
		"alias /a -> \"/a b\",\nprofile x { /a/c r, /a w, }",
		"alias /a/ -> /b,\nprofile x { /a/** r, file, }",
		"profile x { change_profile -> y, }", "profile x { deny change_profile -> y, }", "profile x { change_profile, }",
		"profile x { change_profile /a/c -> y, }", "profile x { ^h { /a/c r, } }", "profile x { hat h { /a/c r, } /b/c w, }", "profile x { profile y { /a/c r, } }",
	}
	if o.newer() {
		texts = append(texts, "profile x { all, }", "profile x { all, deny /a/c rwlkmx, }")
	}
	for _, text := range texts {
		file, err := profile.Parse("test", []byte(text))
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		theirs, problem := o.compile(t, text)
		if problem != "" {
			t.Errorf("the parser says %s\n%s", problem, text)
			continue
		}
		for _, path := range paths {
			for access, bit := range fileBits {
				for _, owner := range []bool{false, true} {
					want := theirs.files.filePerms(path, owner).allow&bit != 0
					if got := file.Profiles[0].File(path, access, owner); (got.Outcome == profile.Allow) != want || got.Outcome == profile.Undecided {
						t.Errorf("%s %s is %v (%s), the parser allows it: %v\n%s", access, path, got.Outcome, got.Reason, want, text)
					}
				}
			}
		}
	}
}

// The classes that kernels since 6.7 mediate (apparmor.h of the parser).
const (
	classMqueue  = 17
	classNS      = 21
	classIOUring = 22
)

var mqueueBits = map[string]uint32{"read": 4, "write": 2, "create": 0x10, "delete": 0x20, "open": 0x40, "getattr": 0x8000, "setattr": 0x4000}

// TestNewerAgainstParser holds rules about user namespaces, io_uring and message queues, and priorities, to a parser
// that knows them.
func TestNewerAgainstParser(t *testing.T) {
	if o := newOracle(t); !o.newer() {
		t.Log("the parser is older than these rules; what is asserted is that it refuses them")
		for _, rule := range []string{"userns,", "io_uring,", "mqueue,", "all,", "priority=1 /a r,"} {
			if _, problem := o.compile(t, rules(rule)); problem == "" {
				t.Errorf("the parser takes %s", rule)
			}
		}
		return
	}
	priority := func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", "", "priority=1 ", "priority=-3 ", "priority=7 "}).Draw(t, "priority") + prefix(t)
	}
	labels := []string{"a", "b", "unconfined"}
	against(t, func(t *rapid.T) string {
		switch rapid.IntRange(0, 4).Draw(t, "class") {
		case 0:
			return priority(t) + rapid.SampledFrom([]string{"userns", "userns create"}).Draw(t, "userns")
		case 1:
			return priority(t) + "io_uring" + rapid.SampledFrom([]string{"", " sqpoll", " override_creds", " (sqpoll, override_creds)"}).Draw(t, "access") +
				rapid.SampledFrom([]string{"", " label=a", " label=[ab]"}).Draw(t, "label")
		case 2:
			return priority(t) + "mqueue" + rapid.SampledFrom([]string{"", " create", " (read, write)", " rw", " (open, delete)"}).Draw(t, "access") +
				rapid.SampledFrom([]string{"", " type=posix", " type=sysv"}).Draw(t, "type") + rapid.SampledFrom([]string{"", " label=a"}).Draw(t, "label")
		case 3:
			return priority(t) + "mqueue" + rapid.SampledFrom([]string{"", " create", " (read, write)"}).Draw(t, "access") +
				rapid.SampledFrom([]string{"", " label=a"}).Draw(t, "label") + rapid.SampledFrom([]string{" /q", " /q*", " /**"}).Draw(t, "name")
		}
		return priority(t) + rapid.SampledFrom([]string{"ptrace", "ptrace trace peer=a", "ptrace (readby, read) peer=[ab]", "capability", "capability kill"}).Draw(t, "rule")
	}, func(t *rapid.T, text string, _ *profile.Profile, theirs *compiled) {
		text = strings.Replace(text, "abi <abi/3.0>,\n", "", 1)
		open, err := profile.Parse("open", []byte(text)) // without a feature set what is denied is not sure to be mediated
		if err != nil {
			t.Fatal(err)
		}
		p := open.Profiles[0]
		same := func(what string, got profile.Decision, key []byte, bit uint32) {
			t.Helper()
			want := profile.Undecided
			if theirs.policy.allows(key, bit) {
				want = profile.Allow
			}
			if got.Outcome != want {
				t.Fatalf("%s is %v (%s), by the parser it should be %v\n%s", what, got.Outcome, got.Reason, want, text)
			}
		}
		same("userns", p.Userns(), []byte{classNS}, 8)
		same("sqpoll", p.IOUring("sqpoll", ""), []byte{classIOUring}, 0x10)
		for _, label := range labels {
			same("override_creds "+label, p.IOUring("override_creds", label), append([]byte{classIOUring}, label...), 8)
			for _, name := range []string{"/q", "/qx", "/r"} {
				for access, bit := range mqueueBits {
					key := append([]byte{classMqueue}, name...)
					if access != "create" {
						key = slices.Concat(key, []byte{0}, []byte(label))
					}
					same(access+" "+name+" "+label, p.Mqueue(access, name, label), key, bit)
				}
			}
			for access, bit := range map[string]uint32{"trace": mayWrite, "read": mayRead, "tracedby": beTraced, "readby": beRead} {
				agree(t, text, "ptrace "+access+" "+label, p.Ptrace(access, label), theirs.policy.statePerms(append([]byte{classPtrace}, label...)), bit)
			}
		}
		want := profile.Deny
		if theirs.caps&(1<<5) != 0 {
			want = profile.Allow
		}
		if got := p.Capability("kill"); got.Outcome != want {
			t.Fatalf("capability kill is %v, the parser says %v\n%s", got.Outcome, want, text)
		}
	})
}

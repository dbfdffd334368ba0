package profile_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// FuzzParse holds that any text is read or refused with its place, that what is read can be asked anything without a
// panic, and that reading is deterministic.
func FuzzParse(f *testing.F) {
	f.Add(runtimeDefault)
	f.Add(rules("/a r,", "deny /b w,", "mount options=(ro) /a -> /b/,", "signal set=(kill) peer=x,", `"/a b" rw,`))
	f.Add("@{A} = a b\n@{A} += \"c d\"\nprofile @{A} { /@{A}/** r, }")
	f.Add("profile x { include <y>\n audit { /a r, } profile z { } ^h { } }")
	f.Add("abi <abi/4.0>,\nalias /a -> /b,\n" + rules("priority=1 all,", "userns,", "deny io_uring sqpoll,", "mqueue (read) label=a /q,", "link subset /a -> /c,",
		"unix (send) type=stream addr=@a peer=(label=b, addr=none),", "change_profile /a -> b,", "all,"))
	f.Add("profile x { \\")
	f.Add("profile \"")
	f.Add("@{A")
	f.Add("include <y>\nprofile x { include <y>\n include if exists <z>\n include <d>\n profile z { include <y>\n } }")
	f.Fuzz(func(t *testing.T, text string) {
		// What includes "y" includes itself.
		folder := fstest.MapFS{"y": &fstest.MapFile{Data: []byte(text)}, "d/y": &fstest.MapFile{Data: []byte(text)}}
		within, withinErr := profile.ParseIn(folder, "fuzz", []byte(text))
		file, err := profile.Parse("fuzz", []byte(text))
		answers(t, text, within, withinErr)
		answers(t, text, file, err)
	})
}

// answers holds that what was read can be asked anything, or that the error has its place.
func answers(t *testing.T, text string, file *profile.File, err error) {
	t.Helper()
	if err != nil {
		at, ok := err.(*profile.Error)
		if !ok || at.Line < 1 || at.Column < 1 || at.Line > strings.Count(text, "\n")+1 || at.Problem == "" {
			t.Fatalf("an error without its place: %#v", err)
		}
		return
	}
	for _, p := range file.Profiles {
		for _, d := range []profile.Decision{
			p.File("/a/b", "rwaxmkl", true), p.Capability("kill"), p.Network("inet", "stream"), p.Network("unix", ""),
			p.Mount(profile.MountRequest{Source: "proc", Target: "/a", FSType: "proc"}), p.Umount("/a"), p.PivotRoot("/a", "/b"),
			p.Ptrace("trace", "x"), p.Signal("send", "kill", "x"),
			p.Link("/a/b", "/c", true), p.Userns(), p.IOUring("sqpoll", ""), p.Mqueue("create", "/q", "x"),
			p.Unix(profile.UnixRequest{Access: "connect", Type: "stream", Address: "none", PeerAddress: "@a", PeerLabel: "x"}),
		} {
			if d.Outcome.String() == "invalid" || d.Reason == "" {
				t.Fatalf("an answer that is none: %+v", d)
			}
			if d.Outcome != profile.Allow && len(d.Places) == 0 {
				t.Fatalf("a refusal from nowhere: %+v", d)
			}
		}
	}
}

// FuzzGlob holds the matcher to a second implementation: the pattern as a regular expression, written from the
// rules in apparmor.d(5) and what the parser adds to them.
func FuzzGlob(f *testing.F) {
	for _, g := range []string{"/**", "/*", "/a/*/b", "/{a,b}/**", "/[^a-c]?", "/a{,b{c,d*}}", `/\*\{`, "/***", "/*a*", "/{*,**/}x", "/[-a]"} {
		for _, s := range []string{"/", "/a", "/a/", "/a/b/c", "/x", "//"} {
			f.Add(g, s)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 200 || len(s) > 200 || !ascii(pattern) || !ascii(s) {
			return // a regular expression of Go's matches characters, and we bytes
		}
		glob, err := profile.CompileGlob(pattern)
		if err != nil {
			return
		}
		re, err := regexp.Compile(translate(pattern))
		if err != nil {
			t.Fatalf("%q becomes %q: %v", pattern, translate(pattern), err)
		}
		if got, want := glob.Match(s), re.MatchString(s); got != want {
			t.Errorf("%q on %q: %v, the expression %q says %v", pattern, s, got, translate(pattern), want)
		}
		if glob.Literal() && glob.Match(s) && s != strings.ReplaceAll(pattern, `\`, "") && !strings.Contains(pattern, `\\`) {
			t.Errorf("%q is literal, but matches %q", pattern, s)
		}
	})
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == 0 || s[i] > 126 {
			return false
		}
	}
	return true
}

// translate writes a pattern as a regular expression.
func translate(pattern string) string {
	var out strings.Builder
	out.WriteString(`(?s)\A`)
	depth, last := 0, "" // last is what was written last
	write := func(s string) { out.WriteString(s); last = s }
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
			write(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '*':
			run := len(pattern[i:]) - len(strings.TrimLeft(pattern[i:], "*"))
			if rest := pattern[i+run:]; last == "/" && (rest == "" || rest[0] == '/') {
				write("[^/]")
			}
			if run >= 2 {
				write(".*")
				i++
			} else {
				write("[^/]*")
			}
		case c == '?':
			write("[^/]")
		case c == '[':
			end := i + 1
			for pattern[end] != ']' {
				if pattern[end] == '\\' {
					end++
				}
				end++
			}
			write(class(pattern[i+1 : end]))
			i = end
		case c == '{':
			depth++
			write("(?:")
		case c == '}':
			depth--
			write(")")
		case c == ',' && depth > 0:
			write("|")
		default:
			write(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return out.String() + `\z`
}

// class writes the inside of a character class with every byte escaped but the dash of a range.
func class(inside string) string {
	out := "["
	if strings.HasPrefix(inside, "^") {
		out, inside = "[^", inside[1:]
	}
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case c == '\\':
			i++
			out += `\x` + hex(inside[i])
		case c == '-' && i > 0 && i+1 < len(inside) && !(i == 1 && inside[0] == '-'):
			out += "-"
		default:
			out += `\x` + hex(c)
		}
	}
	return out + "]"
}

func hex(b byte) string { return string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15]) }

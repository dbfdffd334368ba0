package control

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParsePath(t *testing.T) {
	good := []string{"/", "/**", "/tmp", "/tmp/**", "/tmp/*", "/a/*/b", "/lib*/x*.so", "/with space", "/ümlaut", "/proc/*/mem"}
	for _, s := range good {
		if p, err := ParsePath(s); err != nil || p.String() != s {
			t.Errorf("%q: %q, %v", s, p, err)
		}
	}
	bad := []string{"", "tmp", "./tmp", "/tmp/", "//tmp", "/a/../b", "/a/./b", "/a**", "/**/a", "/a/**/b", "/***", "/a?", "/[a]", "/{a,b}", "/a\"b",
		"/a\\b", "/a\nb", "/a\x00b", "/@{PROC}", "/${x}", "/a^b", "/" + strings.Repeat("a", 5000)}
	for _, s := range bad {
		if p, err := ParsePath(s); err == nil {
			t.Errorf("%q is a path: %q", s, p)
		}
	}
}

func TestPathMatches(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"/", []string{"/"}, []string{"/a"}},
		{"/**", []string{"/a", "/a/b"}, []string{"/"}},
		{"/tmp/**", []string{"/tmp/a", "/tmp/a/b"}, []string{"/tmp", "/tmpx", "/tmpx/a"}},
		{"/tmp/*", []string{"/tmp/a", "/tmp/.a"}, []string{"/tmp", "/tmp/a/b"}},
		{"/lib/x*.so", []string{"/lib/x.so", "/lib/x1.so", "/lib/x.so.so"}, []string{"/lib/x.so.1", "/lib/y.so"}},
		{"/*/*/**", []string{"/a/b/c"}, []string{"/a/b"}},
	}
	for _, test := range tests {
		p, err := ParsePath(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range test.yes {
			if !p.Matches(name) {
				t.Errorf("%s does not match %s", test.pattern, name)
			}
		}
		for _, name := range test.no {
			if p.Matches(name) {
				t.Errorf("%s matches %s", test.pattern, name)
			}
		}
	}
}

var segment = rapid.SampledFrom([]string{"a", "b", "ab", "ba", "*", "a*", "*a", "*b", "a*b", "*a*", "a*a"})

func drawPath(t *rapid.T, label string) Path {
	p := Path{segments: rapid.SliceOfN(segment, 0, 3).Draw(t, label), below: rapid.Bool().Draw(t, label+" below")}
	read, err := ParsePath(p.String())
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	return read
}

// witnesses are names that a pattern matches, among them one that no other
// pattern matches unless it contains this one: each star stands for nothing, for
// a letter that no pattern has, or for more.
func witnesses(p Path) []string {
	names := []string{""}
	for _, seg := range p.segments {
		var next []string
		for _, with := range []string{"", "z", "ab"} {
			if filled := strings.ReplaceAll(seg, "*", with); filled != "" {
				for _, n := range names {
					next = append(next, n+"/"+filled)
				}
			}
		}
		slices.Sort(next)
		names = slices.Compact(next)
	}
	if !p.below {
		if len(p.segments) == 0 {
			return []string{"/"}
		}
		return names
	}
	var out []string
	for _, n := range names {
		out = append(out, n+"/z", n+"/z/z", n+"/a", n+"/z/z/z/z")
	}
	return out
}

// TestPathContainsAgreesWithMatching holds containment to be exactly that: what
// the inner pattern matches, the outer one does.
func TestPathContainsAgreesWithMatching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outer, inner := drawPath(t, "outer"), drawPath(t, "inner")
		escapes := slices.IndexFunc(witnesses(inner), func(n string) bool { return !outer.Matches(n) })
		switch contains := outer.Contains(inner); {
		case contains && escapes >= 0:
			t.Fatalf("%s contains %s, but not %s", outer, inner, witnesses(inner)[escapes])
		case !contains && escapes < 0:
			t.Fatalf("%s does not contain %s, but matches all of %s", outer, inner, witnesses(inner))
		}
	})
}

// TestBelowIsContainment holds the expression to containment: a folder of whose
// contents the pattern matches all.
func TestBelowIsContainment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPath(t, "p")
		folder := rapid.SampledFrom(witnesses(drawPath(t, "folder"))).Draw(t, "name")
		contents, err := ParsePath(strings.TrimSuffix(folder, "/") + "/**")
		if err != nil {
			t.Fatal(err)
		}
		expression, ok := p.Below()
		for _, name := range []string{folder, strings.TrimSuffix(folder, "/") + "/"} {
			if got := ok && regexp.MustCompile(expression).MatchString(name); got != p.Contains(contents) {
				t.Fatalf("%s: %q says %v of %s", p, expression, got, name)
			}
		}
	})
}

// TestHostPathsBehindLinks tries what a folder of the node does not hold although
// its name says so.
func TestHostPathsBehindLinks(t *testing.T) {
	for _, test := range []struct {
		outer, inner string
		want         bool
	}{
		{"/", "/var/run/docker.sock", true},
		{"/var", "/var/log", true},
		{"/var", "/var/runs", true},
		{"/var", "/var/run", false},
		{"/var", "/var/run/docker.sock", false},
		{"/var/run", "/var/run/docker.sock", true},
		{"/run", "/var/run/docker.sock", false},
		{"/var/run", "/run/docker.sock", false},
		{"/dev", "/dev/fd/3", false},
		{"/dev", "/dev/fdx", true},
		{"/proc", "/proc/1/status", true},
		{"/proc", "/proc/1/root/etc", false},
		{"/proc", "/proc/self/task/1/cwd", false},
		{"/proc/1/root", "/proc/1/root/etc", true},
	} {
		if got := hostPathElement.Contains(Item{Key: test.outer}, Item{Key: test.inner}); got != test.want {
			t.Errorf("%s contains %s: %v", test.outer, test.inner, got)
		}
	}
}

func TestWitnessesMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPath(t, "p")
		for _, name := range witnesses(p) {
			if !p.Matches(name) {
				t.Fatalf("%s does not match %s", p, name)
			}
		}
	})
}

func TestParsePort(t *testing.T) {
	good := map[string]string{"tcp/80": "tcp/80", "udp/4000-4100": "udp/4000-4100", "sctp/1": "sctp/1", "tcp/65535": "tcp/65535", "tcp/080": "tcp/80",
		"tcp/80-80": "tcp/80", "http": "http", "h-2": "h-2"}
	for s, want := range good {
		if p, err := ParsePort(s); err != nil || p.String() != want {
			t.Errorf("%q: %q, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "80", "tcp", "tcp/", "tcp/0", "tcp/65536", "tcp/-1", "tcp/+1", "tcp/90-80", "tcp/1-", "tcp/-", "icmp/1", "TCP/80", "tcp/80/90", "Http",
		"-http", "http-", "a-name-of-sixteen", "tcp/0x50", "tcp/ 80"} {
		if p, err := ParsePort(s); err == nil && p.String() != s { // "tcp" alone is the name of a port
			t.Errorf("%q is a port: %q", s, p)
		}
	}
}

func TestParseIdentities(t *testing.T) {
	for s, want := range map[string][2]int64{"0": {0, 0}, "1000": {1000, 1000}, "1000-2000": {1000, 2000}, "5-5": {5, 5}, "2147483647": {maxID, maxID}} {
		if from, to, err := ParseIdentities(s); err != nil || [2]int64{from, to} != want {
			t.Errorf("%q: %d to %d, %v", s, from, to, err)
		}
	}
	for _, s := range []string{"", "-", "-1", "1-", "a", "2-1", "2147483648", "1.5", "1e3", "+1", " 1", "1-2-3"} {
		if from, to, err := ParseIdentities(s); err == nil {
			t.Errorf("%q: %d to %d", s, from, to)
		}
	}
}

// TestElements holds what may be written in a list, and how it is spelt.
func TestElements(t *testing.T) {
	tests := []struct {
		id   ID
		good map[string]string
		bad  []string
	}{
		{HostPaths, map[string]string{"/": "/", "/var/log": "/var/log"}, []string{"", "var", "/var/", "/var/*", "/a/../b", "/a\"", "/{a}", "/a\n"}},
		{Users, map[string]string{"*": "*", "007": "7", "5-5": "5", "1-2": "1-2"}, []string{"root", "-1"}},
		{HostPorts, map[string]string{"*": "*", "tcp/080": "tcp/80"}, []string{"http", "80"}},
		{CapabilitiesAdd, map[string]string{"ALL": "ALL", "CHOWN": "CHOWN"}, []string{"CAP_CHOWN", "chown", "", "X"}},
		{SeccompAllow, map[string]string{"read": "read", "@mount": "@mount", "*": "*"}, []string{"@nothing", "raed", ""}},
		{Sysctls, map[string]string{"net.*": "net.*", "kernel/shm": "kernel/shm"}, []string{"", "a b", "*a", "a\"", "${a}", "a\n"}},
		{Registries, map[string]string{"*": "*"}, []string{"", "a b", "\"", "${x}"}},
		{ImagesDenied, map[string]string{"*": "*", "index.docker.io/redis": "docker.io/library/redis"}, []string{"", "redis", "registry.example.com/a:1"}},
		{TagsDenied, map[string]string{"*": "*", "latest": "latest", "*-rc.*": "*-rc.*"}, []string{"", ":latest", "-a", ".a", "a b", "a**", "a/b", "a@b"}},
		{Annotations, map[string]string{"*": "*", "*.crio.io*": "*.crio.io*"}, []string{"", "a b", "a**", "a\"", "${x}", "a\n"}},
		{Tokens, map[string]string{"*": "*", "vault": "vault", APIServerToken: APIServerToken}, []string{"", "@api", "@*", "a b"}},
		{Probes, map[string]string{"liveness": "liveness"}, []string{"*", "livenessProbe", ""}},
		{Volumes, map[string]string{"emptyDir": "emptyDir"}, []string{"EmptyDir", ""}},
	}
	for _, test := range tests {
		c, _ := Lookup(test.id)
		for key, want := range test.good {
			if got, err := c.Element.Parse(key); err != nil || got != want {
				t.Errorf("%s: %q is %q, %v", test.id, key, got, err)
			}
		}
		for _, key := range test.bad {
			if got, err := c.Element.Parse(key); err == nil {
				t.Errorf("%s: %q is %q", test.id, key, got)
			}
		}
	}
}

func TestCheckQuantity(t *testing.T) {
	for _, s := range []string{"0", "1", "1.5", "1500m", "512Mi", "2G", "1e3", "1E", "100n", "9223372036854775807"} {
		if err := CheckQuantity(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "-1", "half", "1 Gi", "1gb", "1e999999999999", "1e19", ".5", "1.", "12345678901234567890", "1Mi\n"} {
		if CheckQuantity(s) == nil {
			t.Errorf("%q is an amount", s)
		}
	}
}

func TestParseRef(t *testing.T) {
	for _, s := range []string{"capabilities.add", "monitoring.detect.shell", "seccomp.rule.a.b", "policy.undeclared"} {
		if r, ok := ParseRef(s); !ok || r.String() != s {
			t.Errorf("%q: %v %v", s, r, ok)
		}
	}
	for _, s := range []string{"", "capabilities", "capabilities.add.CHOWN", "monitoring.detect.", "nothing.at.all", "image.signature"} {
		if r, ok := ParseRef(s); ok {
			t.Errorf("%q is %v", s, r)
		}
	}
}

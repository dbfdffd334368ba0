package image_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
)

const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestParseReference(t *testing.T) {
	for in, want := range map[string]image.Reference{
		"nginx":                            {Host: "docker.io", Path: "library/nginx"},
		"nginx:1.27":                       {Host: "docker.io", Path: "library/nginx", Tag: "1.27"},
		"falcosecurity/falco":              {Host: "docker.io", Path: "falcosecurity/falco"},
		"index.docker.io/redis":            {Host: "docker.io", Path: "library/redis"},
		"localhost/app":                    {Host: "localhost", Path: "app"},
		"registry.example.com:5000/a/b/c":  {Host: "registry.example.com:5000", Path: "a/b/c"},
		"registry.example.com/a@" + digest: {Host: "registry.example.com", Path: "a", Digest: digest},
		"a/b@" + digest384:                 {Host: "docker.io", Path: "a/b", Digest: digest384},
		"registry.example.com/a:2@" + digest: {
			Host: "registry.example.com", Path: "a", Tag: "2", Digest: digest,
		},
	} {
		got, err := image.ParseReference(in)
		if err != nil || got != want {
			t.Errorf("ParseReference(%q) = %+v, %v, want %+v", in, got, err, want)
		}
	}
}

// digest384 is of an algorithm that runtimes know and few images have.
var digest384 = "sha384:" + strings.Repeat("0123456789abcdef", 6)

func TestParseReferenceRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "nginx ", " nginx", "Nginx", "registry.example.com/Team/app", "Registry.example.com/team/app", "REGISTRY/app",
		"registry.example.com/", "/nginx", "a//b", "nginx:", "nginx@", "nginx@sha256:1", "nginx@md5:" + strings.Repeat("0", 32),
		"https://registry.example.com/app", "nginx\n", "nginx\x00", "ngi\u00f1x", "*", "registry.example.com/*", "${IMAGE}",
		strings.Repeat("a/", 600) + "a", strings.Repeat("0", 64),
		"my_registry.example.com/app", "registry.example.com./app", // no hosts, and runtimes dial them all the same
		"010.0.0.1/app", "10.1/app", "0x0a.0.0.1/app", "167772161:443/app", "10.0.0.256/app", "[2001:DB8::1]/app",
	} {
		if got, err := image.ParseReference(in); err == nil {
			t.Errorf("ParseReference(%q) = %+v, want an error", in, got)
		}
	}
}

func TestParsePattern(t *testing.T) {
	for in, normal := range map[string]string{
		"*":                                "*",
		"**":                               "*",
		"registry.example.com/*":           "registry.example.com/*",
		"registry.example.com/**":          "registry.example.com/*",
		"registry.example.com/pay**":       "registry.example.com/pay*",
		"registry.example.com/*/api":       "registry.example.com/*/api",
		"registry.example.com:5000/a":      "registry.example.com:5000/a",
		"docker.io/redis":                  "docker.io/library/redis",
		"index.docker.io/library/redis":    "docker.io/library/redis",
		"docker.io/*":                      "docker.io/*",
		"localhost/*":                      "localhost/*",
		"[2001:db8::1]:5000/a":             "[2001:db8::1]:5000/a",
		"*.example.com/base":               "*.example.com/base",
		"*.index.docker.io/*":              "*.index.docker.io/*",
		"registry.example.com/a-*b*/c_*/*": "registry.example.com/a-*b*/c_*/*",
	} {
		if got := parsePattern(t, in).String(); got != normal {
			t.Errorf("ParsePattern(%q) = %q, want %q", in, got, normal)
		}
	}
}

func TestParsePatternRefuses(t *testing.T) {
	for in, reason := range map[string]string{
		"":                                      "empty",
		"redis":                                 "has no path",
		"registry.example.com":                  "has no path",
		"registry.example.com/":                 "ends in a slash",
		"library/redis":                         "which is no host",
		"payments/*":                            "which is no host",
		"*/app":                                 "in the host, * stands only",
		"registry.example.com*/app":             "in the host, * stands only",
		"reg*.example.com/app":                  "in the host, * stands only",
		"*.com/app":                             "at least two labels",
		"registry.example.com/app:1":            "names a tag or digest",
		"registry.example.com/app@" + digest:    "names a tag or digest",
		"registry.example.com/App":              "lower case",
		"Registry.example.com/app":              "lower case",
		"registry.example.com/**/app":           "** stands only at the end",
		"registry.example.com/a**b":             "** stands only at the end",
		"registry.example.com/***":              "** stands only at the end",
		"registry.example.com/a b":              "at byte 1",
		"registry.example.com/a?":               "at byte 1",
		"registry.example.com/[ab]":             "at byte 0",
		"registry.example.com/\xff":             "at byte 0",
		"docker.io/red*":                        "docker.io/library/red*",
		"registry.example.com/a//b":             "matches no valid",
		"registry.example.com/-a":               "matches no valid",
		"registry.example.com/a-":               "matches no valid",
		"registry.example.com/a..b":             "matches no valid",
		"registry.example.com/a/":               "matches no valid",
		"exa mple.com/a":                        "no host of a registry",
		"-.example.com/a":                       "no host of a registry",
		"registry.example.com:port/a":           "no host of a registry",
		"a.example/" + strings.Repeat("a", 256): "at most 255",
		strings.Repeat("a", 2000):               "at most 1024",
	} {
		got, err := image.ParsePattern(in)
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("ParsePattern(%q) = %v, %v, want an error with %q", in, got, err, reason)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, reference string
		want               bool
	}{
		{"docker.io/library/redis", "redis", true},
		{"docker.io/library/redis", "redis:7@" + digest, true},
		{"docker.io/library/redis", "other/redis", false},
		{"docker.io/library/redis", "registry.example.com/library/redis", false},
		{"docker.io/*", "redis", true},
		{"registry.example.com/payments/*", "registry.example.com/payments/api", true},
		{"registry.example.com/payments/*", "registry.example.com/payments/eu/api:1", true},
		{"registry.example.com/payments/*", "registry.example.com/payments", false},
		{"registry.example.com/payments/*", "registry.example.com/payments-evil/api", false},
		{"registry.example.com/pay*", "registry.example.com/pay", true},
		{"registry.example.com/pay*", "registry.example.com/payments/eu/api", true},
		{"registry.example.com/pay*", "registry.example.com.evil.org/payments", false},
		{"registry.example.com/*", "registry.example.com.evil.org/payments", false},
		{"registry.example.com/*", "registry.example.com:5000/payments", false},
		{"registry.example.com/*", "evil.org/registry.example.com/payments", false},
		{"registry.example.com/*/api", "registry.example.com/eu/api", true},
		{"registry.example.com/*/api", "registry.example.com/eu/west/api", false},
		{"registry.example.com/a*c*e/x", "registry.example.com/abcde/x", true},
		{"registry.example.com/a*c*e/x", "registry.example.com/ae/x", false},
		{"registry.example.com/a*c*e/x", "registry.example.com/ac/e/x", false},
		{"*.example.com/base", "eu.registry.example.com/base", true},
		{"*.example.com/base", "example.com/base", false},
		{"*.example.com/base", "evilexample.com/base", false},
		{"*.example.com/base", "a.example.com:443/base", false},
		{"*", "nginx", true},
		{"*", "localhost:5000/nginx", true},
	} {
		if got := parsePattern(t, c.pattern).Matches(parseReference(t, c.reference)); got != c.want {
			t.Errorf("%s matches %s: %v, want %v", c.pattern, c.reference, got, c.want)
		}
	}
}

func TestContains(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"registry.example.com/*", "registry.example.com/payments/*", true},
		{"registry.example.com/*", "registry.example.com/istio/proxyv2", true},
		{"registry.example.com/payments/*", "registry.example.com/*", false},
		{"registry.example.com/*", "registry.example.com/*", true},
		{"registry.example.com/pay*", "registry.example.com/payments/*", true},
		{"registry.example.com/payments/*", "registry.example.com/pay*", false},
		{"registry.example.com/*/api", "registry.example.com/eu-*/api", true},
		{"registry.example.com/*/api", "registry.example.com/*", false},
		{"registry.example.com/*", "registry.example.com/*/api", true},
		{"registry.example.com/*a*/x", "registry.example.com/*ab*/x", true},
		{"registry.example.com/*ab*/x", "registry.example.com/*a*b*/x", false},
		{"registry.example.com/*a*b*/x", "registry.example.com/*ab*/x", true},
		{"*", "*.example.com/base", true},
		{"*.example.com/*", "*", false},
		{"*.example.com/*", "*.eu.example.com/base", true},
		{"*.eu.example.com/*", "*.example.com/base", false},
		{"*.example.com/*", "registry.example.com/x", true},
		{"registry.example.com/x", "*.example.com/x", false},
		{"docker.io/library/redis", "docker.io/redis", true},
		{"docker.io/*/*", "docker.io/*", true}, // every repository there has an account or library
		{"registry.example.com/*/*", "registry.example.com/*", false},
		{"registry.example.com/a*a/x", "registry.example.com/a*/x", false},
		{"registry.example.com/a-*a/x", "registry.example.com/a--*a/x", true},
	} {
		if got := parsePattern(t, c.a).Contains(parsePattern(t, c.b)); got != c.want {
			t.Errorf("%s contains %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestZeroValuesFail(t *testing.T) {
	all := parsePattern(t, "*")
	var pattern image.Pattern
	var reference image.Reference
	if pattern.Matches(parseReference(t, "nginx")) || all.Matches(reference) || pattern.Contains(all) || all.Contains(pattern) {
		t.Error("a zero pattern or reference matched")
	}
}

// The patterns below are over few letters and segments, so that they meet each other and the references often.
var (
	hosts    = rapid.SampledFrom([]string{"a.test", "b.a.test", "docker.io", "a.test:1"})
	anyHosts = rapid.SampledFrom([]string{"a.test", "b.a.test", "docker.io", "a.test:1", "*.a.test", "*.docker.io"})
	paths    = rapid.StringMatching(`[ab]{1,3}([-._][ab]{1,2})?(/[ab]{1,3}){0,2}`)
	globs    = rapid.StringMatching(`[ab*]{1,4}(-?[ab*]{1,3})?(/[ab*]{1,3}){0,2}\*?`)
)

func drawPattern(t *rapid.T, label string) image.Pattern {
	for {
		host, path := anyHosts.Draw(t, label+"Host"), globs.Draw(t, label+"Path")
		if p, err := image.ParsePattern(host + "/" + path); err == nil {
			return p
		}
	}
}

// drawWider draws a pattern that matches whatever p does: a part of one segment of p becomes a *.
func drawWider(t *rapid.T, p image.Pattern) image.Pattern {
	host, path, _ := strings.Cut(p.String(), "/")
	segments := strings.Split(path, "/")
	i := rapid.IntRange(0, len(segments)-1).Draw(t, "segment")
	from := rapid.IntRange(0, len(segments[i])).Draw(t, "from")
	to := rapid.IntRange(from, len(segments[i])).Draw(t, "to")
	segments[i] = segments[i][:from] + "*" + segments[i][to:]
	path = strings.Join(segments, "/")
	for strings.Contains(path, "**") {
		path = strings.ReplaceAll(path, "**", "*")
	}
	wider, err := image.ParsePattern(host + "/" + path)
	if err != nil {
		t.Fatalf("wider than %s: %v", p, err)
	}
	return wider
}

// TestContainmentIsMatching holds that a pattern contains itself, and those that are made narrower than it, and that what
// one contains it matches.
func TestContainmentIsMatching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawPattern(t, "b")
		wider := drawWider(t, b)
		if !b.Contains(b) || !wider.Contains(b) {
			t.Fatalf("%s contains itself: %v, %s contains it: %v", b, b.Contains(b), wider, wider.Contains(b))
		}
		a := drawPattern(t, "a")
		for range 20 {
			ref, err := image.ParseReference(hosts.Draw(t, "host") + "/" + paths.Draw(t, "path"))
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range []image.Pattern{a, wider} {
				if a.Contains(b) && b.Matches(ref) && !a.Matches(ref) {
					t.Fatalf("%s contains %s, but only the latter matches %s", a, b, ref)
				}
			}
		}
	})
}

// TestContainmentIsExact holds the other direction: where containment is refused, some short reference shows why.
func TestContainmentIsExact(t *testing.T) {
	var references []image.Reference
	for _, path := range words("ab/-", 7) {
		if ref, err := image.ParseReference("a.test/" + path); err == nil {
			references = append(references, ref)
		}
	}
	short := rapid.StringMatching(`[ab*]{1,3}(/[ab*]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, errA := image.ParsePattern("a.test/" + short.Draw(t, "a"))
		b, errB := image.ParsePattern("a.test/" + short.Draw(t, "b"))
		if errA != nil || errB != nil || a.Contains(b) {
			return
		}
		for _, ref := range references {
			if b.Matches(ref) && !a.Matches(ref) {
				return
			}
		}
		t.Fatalf("%s does not contain %s, but no reference tells them apart", a, b)
	})
}

// words returns every string over letters of at most n bytes.
func words(letters string, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		upTo := len(all)
		for _, w := range all[from:upTo] {
			for _, c := range letters {
				all = append(all, w+string(c))
			}
		}
		from = upTo
	}
	return all
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"nginx", "registry.example.com/payments/*", "*.example.com/a*b/*", "docker.io/library/redis:7@" + digest, "[::1]:5000/a", "*",
	} {
		f.Add(s)
	}
	all, err := image.ParsePattern("*")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ref, err := image.ParseReference(s); err == nil {
			again, err := image.ParseReference(ref.String())
			if err != nil || again != ref {
				t.Errorf("%q reads as %q, which reads as %q, %v", s, ref, again, err)
			}
			literal, err := image.ParsePattern(ref.Name())
			if !all.Matches(ref) || err == nil && !literal.Matches(ref) {
				t.Errorf("%q is not matched by itself or by *", ref)
			}
		}
		if p, err := image.ParsePattern(s); err == nil {
			again, err := image.ParsePattern(p.String())
			if err != nil || again != p || !p.Contains(again) || !all.Contains(p) {
				t.Errorf("%q reads as %q, which reads as %q, %v", s, p, again, err)
			}
		}
	})
}

func BenchmarkMatches(b *testing.B) {
	p, _ := image.ParsePattern("registry.example.com/*/services-*/*")
	ref, _ := image.ParseReference("registry.example.com/payments/services-eu/api:1.4")
	for b.Loop() {
		if !p.Matches(ref) {
			b.Fatal("no match")
		}
	}
}

// BenchmarkContainsHostile is the worst that a pattern of the largest size can do.
func BenchmarkContainsHostile(b *testing.B) {
	p, _ := image.ParsePattern("a.test/" + strings.Repeat("a*", 60) + "z/*b" + strings.Repeat("a", 100))
	q, _ := image.ParsePattern("a.test/" + strings.Repeat("a*a", 40) + "z/*a" + strings.Repeat("a", 100))
	for b.Loop() {
		if p.Contains(q) {
			b.Fatal("contained")
		}
	}
}

func parseReference(t *testing.T, s string) image.Reference {
	t.Helper()
	ref, err := image.ParseReference(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func parsePattern(t *testing.T, s string) image.Pattern {
	t.Helper()
	p, err := image.ParsePattern(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDialedExpression holds the names of a registry that a client dials alike, and those of others.
func TestDialedExpression(t *testing.T) {
	for in, names := range map[string]struct{ same, other string }{
		"*": {"nginx a.test:80/x [::1]/x", ""},
		"registry.example.com/a/*": {
			"registry.example.com/a/x registry.example.com:443/a/x registry.example.com:0443/a/x registry.example.com:80/a/x",
			"registry.example.com:4430/a/x registry.example.com:5000/a/x registry.example.com/b/x x.registry.example.com/a/x registry-example.com/a/x",
		},
		"registry.example.com:0443/a":    {"registry.example.com/a registry.example.com:00443/a", "registry.example.com:8443/a"},
		"registry.example.com:5000/a":    {"registry.example.com:5000/a registry.example.com:05000/a registry.example.com:0005000/a", "registry.example.com/a registry.example.com:443/a registry.example.com:50000/a"},
		"[2001:db8::1]/a":                {"[2001:db8::1]/a [2001:0db8::1]:443/a [2001:db8:0:0:0:0:0:1]/a [2001:db8::0:1]/a [2001:db8:0::0001]/a", "[2001:db8::2]/a [2001:db8::1]:5000/a [2001:db8::1:0]/a"},
		"10.0.0.1:5000/a":                {"10.0.0.1:5000/a 10.0.0.1:05000/a [::ffff:a00:1]:5000/a [0:0:0:0:0:ffff:0a00:0001]:5000/a", "10.0.0.10:5000/a [::a00:1]:5000/a"},
		"*.example.com/base":             {"a.example.com/base a.b.example.com:0443/base", "example.com/base a.example.com:5000/base"},
		"docker.io/redis":                {"redis docker.io/redis index.docker.io/library/redis docker.io:0443/library/redis registry-1.docker.io/library/redis registry.hub.docker.com:443/library/redis", "acme/redis docker.io:5000/library/redis"},
		"registry-1.docker.io/acme/app":  {"acme/app docker.io:443/acme/app index.docker.io:443/acme/app", "library/app"},
		"*.docker.io/*":                  {"nginx registry-1.docker.io/acme/app", "a.test/x"},
		"registry.example.com:443/p*/a*": {"registry.example.com/pay/a/b", "registry.example.com/pay/b/a"},
	} {
		dialed := regexp.MustCompile(parsePattern(t, in).DialedExpression())
		for want, all := range map[bool]string{true: names.same, false: names.other} {
			for name := range strings.FieldsSeq(all) {
				if dialed.MatchString(parseReference(t, name).Name()) != want {
					t.Errorf("%s: %s is of the same registry: %v, want %v (%s)", in, name, !want, want, dialed)
				}
			}
		}
	}
}

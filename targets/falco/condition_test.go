package falco

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

type fataler interface{ Fatalf(string, ...any) }

// holds tries one condition against one event.
func holds(t fataler, condition string, fields map[string]any) bool {
	body, err := json.Marshal([]map[string]any{{"rule": "r", "desc": "d", "output": "o", "priority": "INFO", "condition": condition}})
	if err != nil {
		t.Fatalf("%v", err)
	}
	set, err := rules.Load(rules.File{Body: body})
	if err != nil {
		t.Fatalf("%s: %v", condition, err)
	}
	event, err := rules.NewEvent(fields)
	if err != nil {
		t.Fatalf("%v", err)
	}
	result := set.Match(event)
	if len(result.Doubts) > 0 {
		t.Fatalf("%s: %v", condition, result.Doubts[0].Reasons)
	}
	return len(result.Fired) > 0
}

func checkQuote(t fataler, text string) {
	e, err := rules.ParseCondition("x.y = " + quote(text) + " and z")
	if err != nil {
		t.Fatalf("%q quoted as %s: %v", text, quote(text), err)
	}
	want := strings.ReplaceAll(text, "\x00", "\uFFFD")
	got := e.(*rules.And).Operands[0].(*rules.Check).Right.(*rules.Literal).Text
	if got != want {
		t.Fatalf("%q quoted as %s reads back as %q", text, quote(text), got)
	}
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a", `a\`, `" or "1`, "a b\n%{x}${y}", `\"`, "\x00", "'", "(,)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) {
			checkQuote(t, text)
		}
	})
}

func TestQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkQuote(t, rapid.String().Draw(t, "text")) })
}

// segments are parts of paths that make matches likely.
var segments = rapid.SampledFrom([]string{"a", "b", "ab", "a.so", "b+c", "proc", "sys", "run", "x y"})

func drawPath(t *rapid.T) string {
	return "/" + strings.Join(rapid.SliceOfN(segments, 1, 4).Draw(t, "segments"), "/")
}

func drawPattern(t *rapid.T) string {
	patterns := rapid.OneOf(segments, rapid.SampledFrom([]string{"*", "a*", "*.so", "a*b", "*b*"}))
	p := "/" + strings.Join(rapid.SliceOfN(patterns, 1, 3).Draw(t, "pattern"), "/")
	if rapid.Bool().Draw(t, "below") {
		p += "/**"
	}
	return p
}

// TestWithin holds the conditions that are made of path patterns to what the
// policy language says of them.
func TestWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		patterns := []string{drawPattern(t)}
		if rapid.Bool().Draw(t, "two") {
			patterns = append(patterns, drawPattern(t))
		}
		name := drawPath(t)
		want := false
		for _, text := range patterns {
			p, err := control.ParsePath(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			want = want || p.Matches(name)
		}
		condition := within("fd.name", patterns)
		if got := holds(t, condition, map[string]any{"evt.type": "open", "fd.name": name}); got != want {
			t.Fatalf("%v of %s: policy says %t, %s says %t", patterns, name, want, condition, got)
		}
	})
}

// TestDenied holds that a denied path is seen under its own name and, below /proc,
// /sys and /run, under any other that ends alike.
func TestDenied(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern, name := drawPattern(t), drawPath(t)
		p, err := control.ParsePath(pattern)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		condition := denied("fd.name", []string{pattern})
		got := holds(t, condition, map[string]any{"evt.type": "open", "fd.name": name})
		if p.Matches(name) && !got {
			t.Fatalf("%s is denied by %s, and %s does not see it", name, pattern, condition)
		}
		if got && !p.Matches(name) && !aliased(pattern) {
			t.Fatalf("%s is not denied by %s, and %s sees it", name, pattern, condition)
		}
		if p.Matches(name) && aliased(pattern) && !strings.Contains(strings.TrimSuffix(pattern, "/**"), "*") &&
			!holds(t, condition, map[string]any{"evt.type": "open", "fd.name": "/host" + name}) {
			t.Fatalf("%s is denied by %s, and %s does not see it below /host", name, pattern, condition)
		}
	})
}

// TestImageCondition holds conditions made of image patterns to package image.
func TestImageCondition(t *testing.T) {
	hosts := rapid.SampledFrom([]string{"registry.example.com", "a.b.example.com", "example.com", "localhost", "other.org"})
	paths := rapid.SampledFrom([]string{"a", "a/b", "ab", "payments/api", "payments/x/y", "pay"})
	patterns := rapid.SampledFrom([]string{"*", "registry.example.com/*", "registry.example.com/payments/*", "registry.example.com/pay*",
		"*.example.com/a", "*.example.com/payments/*", "registry.example.com/*/b", "localhost/a", "other.org/p*/x/*", "*.b.example.com/*"})
	rapid.Check(t, func(t *rapid.T) {
		text, repository := patterns.Draw(t, "pattern"), hosts.Draw(t, "host")+"/"+paths.Draw(t, "path")
		pattern, err := image.ParsePattern(text)
		if err != nil {
			t.Fatalf("%v", err)
		}
		reference, err := image.ParseReference(repository)
		if err != nil {
			t.Fatalf("%v", err)
		}
		condition := imageCondition("container.image.repository", pattern.String())
		got := holds(t, condition, map[string]any{"evt.type": "execve", "container.image.repository": repository})
		if want := pattern.Matches(reference); got != want {
			t.Fatalf("%s of %s: package image says %t, %s says %t", text, repository, want, condition, got)
		}
	})
}

// TestTighterSeesMore holds that a tighter grant reports whatever a looser one
// reports.
func TestTighterSeesMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loose := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"/a/**", "/b", "/ab/*", "/run/**", "/*/a.so"}), 1, 4, rapid.ID).Draw(t, "loose")
		tight := rapid.SliceOfDistinct(rapid.SampledFrom(loose), rapid.ID).Draw(t, "tight")
		name := drawPath(t)
		event := map[string]any{"evt.type": "open", "fd.name": name}
		if holds(t, outside("fd.name", loose), event) && !holds(t, outside("fd.name", tight), event) {
			t.Fatalf("%s is outside of %v and not of %v", name, loose, tight)
		}
	})
}

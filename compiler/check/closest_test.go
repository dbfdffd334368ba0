package check

import (
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

func TestClosestNamespaces(t *testing.T) {
	p := &policy.Policy{Namespaces: []control.Item{{Key: "payments"}, {Key: "shop"}, {Key: "till-1"}, {Key: "dev"}, {Key: "zone-b"}}}
	for _, test := range []struct {
		stated string
		want   []string
	}{
		{"paymnets", []string{"payments"}},
		{"payment", []string{"payments"}},
		{"paymentss", []string{"payments"}},
		{"paynents", []string{"payments"}},
		{"paymets", []string{"payments"}},
		{"shpo", []string{"shop"}},
		{"shops", []string{"shop"}},
		{"stop", nil}, // a word of its own
		{"pyments-dev", nil},
		{"payments-dev", nil},
		{"payments1", nil},
		{"till-2", nil},
		{"till-11", nil},
		{"til-1", []string{"till-1"}},
		{"den", nil}, // too short to tell
		{"zone-a", nil},
		{"zone-bb", []string{"zone-b"}},
		{"default", []string{"dev", "payments", "shop", "till-1", "zone-b"}},
		{"elsewhere", nil},
	} {
		if got := closestNamespaces(p, test.stated); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.stated, got, test.want)
		}
	}
}

// A typo changes the length by one at most, and no digit.
func TestTypoPattern(t *testing.T) {
	digits := regexp.MustCompile(`[^0-9]`)
	name := rapid.StringMatching(`[a-z]([a-z0-9-]{0,8}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "held"), name.Draw(t, "stated")
		if rapid.Bool().Draw(t, "near") {
			i := rapid.IntRange(0, len(a)).Draw(t, "at")
			b = a[:i] + rapid.StringMatching(`[a-z0-9]`).Draw(t, "more") + a[i:]
		}
		typos := typoPattern(a)
		if typos == "" {
			return
		}
		if regexp.MustCompile(typos).MatchString(b) && a != b {
			if n := len(a) - len(b); n < -1 || n > 1 || digits.ReplaceAllString(a, "") != digits.ReplaceAllString(b, "") {
				t.Errorf("%s is taken for a typo of %s", b, a)
			}
		}
	})
}

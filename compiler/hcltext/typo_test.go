package hcltext

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// A typo changes the length by one at most, and no digit.
func TestIsTypo(t *testing.T) {
	digits := regexp.MustCompile(`[^0-9]`)
	name := rapid.StringMatching(`[a-z]([a-z0-9-]{0,8}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "held"), name.Draw(t, "stated")
		if rapid.Bool().Draw(t, "near") {
			i := rapid.IntRange(0, len(a)).Draw(t, "at")
			b = a[:i] + rapid.StringMatching(`[a-z0-9]`).Draw(t, "more") + a[i:]
		}
		if IsTypo(b, a) {
			if n := len(a) - len(b); n < -1 || n > 1 || digits.ReplaceAllString(a, "") != digits.ReplaceAllString(b, "") {
				t.Errorf("%s is taken for a typo of %s", b, a)
			}
		}
	})
}

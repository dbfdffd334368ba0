package terraform

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// quote writes a text of the policy as a string of Terraform's language, in
// which nothing is a template: "${" and "%{" stand for themselves. Every text
// that comes from a policy goes into the module through here, or through
// comment.
func quote(s string) string {
	return podrule.HCLString(s)
}

// comment writes a text of the policy on one line, so that it cannot end the
// comment that it stands in.
func comment(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cf) {
			return ' '
		}
		return r
	}, s))
}

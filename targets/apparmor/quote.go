package apparmor

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxQuoted bounds one name or path: no path of Linux is longer (PATH_MAX).
const maxQuoted = 4096

// quote writes a text of a policy as a pattern of an AppArmor profile. It is the only way by which policy text gets
// into a rule. Every byte stands for itself, but for a "*" where wildcards are wanted. A text that cannot stand in a
// profile (a control character, bytes that are not UTF-8, two slashes in a row) is refused.
func quote(text string, wildcards bool) (string, error) {
	if text == "" || len(text) > maxQuoted {
		return "", fmt.Errorf("a name or path has 1 to %d bytes, this one has %d", maxQuoted, len(text))
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%q is not UTF-8", text)
	}
	if strings.Contains(text, "//") {
		return "", fmt.Errorf("%q holds an empty segment, which AppArmor takes for another path", text)
	}
	var out strings.Builder
	plain := true
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case b < 0x20 || b == 0x7f:
			return "", fmt.Errorf("%q holds a control character, which cannot stand in an AppArmor profile", text)
		case b == '*' && wildcards:
		case b == '\\': // two backslashes before a quote would leave open whether it ends the name
			out.WriteString(`\134`)
			plain = false
			continue
		case strings.IndexByte(`*?[]{}^,@"`, b) >= 0:
			out.WriteByte('\\')
			plain = false
		case !isPlain(b):
			plain = false
		}
		out.WriteByte(b)
	}
	if plain {
		return out.String(), nil
	}
	return `"` + out.String() + `"`, nil
}

// isPlain says whether a byte can stand in a rule without quotes. More could; these are beyond doubt.
func isPlain(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("/._-+", b) >= 0
}

// comment makes text fit for a comment: on one line, without control characters, and so short that a line stays
// readable.
func comment(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return text
}

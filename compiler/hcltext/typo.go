package hcltext

import (
	"fmt"
	"regexp"
	"strings"
)

// IsTypo reports whether a name of Kubernetes, such as that of a namespace, looks like
// a known one with one typo in it.
func IsTypo(given, known string) bool {
	pattern := typoPattern(known)
	return pattern != "" && given != known && regexp.MustCompile(pattern).MatchString(given)
}

// The lengths below which a typo may well be another name: any typo, and one
// that keeps the length (shop, stop).
const (
	shortest         = 4
	shortestReplaced = 6
)

// typoPattern is a regular expression of what a name may become by one typo: a
// letter added, left out or replaced, or two letters swapped. Digits, and parts of
// one letter, tell names apart (shop-1, shop-b), and are not taken for typos.
// It is empty for short names.
func typoPattern(name string) string {
	if len(name) < shortest {
		return ""
	}
	letter := func(i int) bool { return i >= 0 && i < len(name) && name[i] >= 'a' && name[i] <= 'z' }
	var ways []string
	for i := range len(name) + 1 {
		before, after := name[:i], name[i:]
		if letter(i-1) || letter(i) {
			ways = append(ways, before+"[a-z]"+after)
		}
		if letter(i) && (letter(i-1) || letter(i+1)) {
			ways = append(ways, before+after[1:])
			if len(name) >= shortestReplaced {
				ways = append(ways, before+"[a-z]"+after[1:])
			}
		}
		if letter(i) && letter(i+1) && name[i] != name[i+1] {
			ways = append(ways, fmt.Sprintf("%s%c%c%s", before, name[i+1], name[i], after[2:]))
		}
	}
	return "^(" + strings.Join(ways, "|") + ")$"
}

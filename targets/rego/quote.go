package rego

import (
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// quote writes a string of a policy as a Rego string literal.
func quote(s string) string { return podrule.RegoString(s) }

// comment makes text safe behind a #: a comment ends with its line.
func comment(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " ")))
}

var identifier = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// keywords cannot be the name of a package's part without quotes.
var keywords = map[string]bool{
	"as": true, "contains": true, "data": true, "default": true, "else": true, "every": true, "false": true, "if": true,
	"import": true, "in": true, "input": true, "not": true, "null": true, "package": true, "some": true, "true": true, "with": true,
}

// packageName is the package of a policy's rules.
func packageName(policy string) string { return "bulkhead" + selector(policy) }

// selector writes the part of a reference that follows an object: .name or ["na-me"].
func selector(name string) string {
	if identifier.MatchString(name) && !keywords[name] {
		return "." + name
	}
	return "[" + quote(name) + "]"
}

// list writes a Rego array.
func list(elements []string) string { return "[" + strings.Join(elements, ", ") + "]" }

// set writes a Rego set of strings. The empty one has a name, because {} is an object.
func set(elements []string) string {
	if len(elements) == 0 {
		return "set()"
	}
	quoted := make([]string, len(elements))
	for i, e := range elements {
		quoted[i] = quote(e)
	}
	return "{" + strings.Join(quoted, ", ") + "}"
}

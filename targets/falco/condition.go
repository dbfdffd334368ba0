package falco

import (
	"regexp"
	"slices"
	"strings"
)

// quote writes a value of the policy as a value of a Falco condition, always in
// double quotes: Falco replaces the names of lists in the text of a condition, and
// a word in quotes is no name. Every value goes through here.
//
// Falco's parser takes a quote behind a backslash for escaped even where the
// backslash is escaped itself, so a text that ends in a backslash ends in the
// escape of a backslash that does not: backslash, blank.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '"':
			b.WriteString(`\"`)
		case '\\':
			if i == len(text)-1 {
				b.WriteString(`\ `)
				continue
			}
			b.WriteString(`\\`)
		case 0: // the parser reads C strings
			b.WriteString("\uFFFD")
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

// list writes values in parentheses.
func list(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

// words writes names of Falco's own, which need no quotes, in parentheses.
func words(names []string) string { return "(" + strings.Join(names, ", ") + ")" }

// anyOf joins conditions by "or", in parentheses where there are several.
func anyOf(conditions []string) string {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}

// argumentName is what a label's key may consist of to stand bare in brackets.
var argumentName = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)

// argument writes a field with an argument.
func argument(field, arg string) string {
	if argumentName.MatchString(arg) {
		return field + "[" + arg + "]"
	}
	return field + "[" + quote(arg) + "]"
}

// eventIs restricts the type of an event.
func eventIs(types []string) string {
	if len(types) == 1 {
		return "evt.type = " + types[0]
	}
	return "evt.type in " + words(types)
}

// within says that a field holds a path which one of the policy's patterns
// matches: literals in one list, whole folders as prefixes, the rest as regular
// expressions, since Falco's glob lets a star cross a slash.
func within(field string, patterns []string) string {
	var literals, conditions []string
	for _, p := range patterns {
		folder, below := strings.CutSuffix(p, "/**")
		switch {
		case strings.Contains(folder, "*"):
			conditions = append(conditions, field+" regex "+quote(pathExpression(folder, below)))
		case below:
			conditions = append(conditions, field+" startswith "+quote(folder+"/"))
		default:
			literals = append(literals, p)
		}
	}
	if len(literals) > 0 {
		conditions = slices.Insert(conditions, 0, field+" in "+list(literals))
	}
	if len(conditions) == 0 {
		return "evt.num < 0" // nothing is within no pattern; evt.num counts up from 1
	}
	return anyOf(conditions)
}

// pathExpression writes a pattern as a regular expression of the whole path. A
// star that is a whole segment takes at least one character.
func pathExpression(folder string, below bool) string {
	segments := strings.Split(folder, "/")
	for i, s := range segments {
		if s == "*" {
			segments[i] = "[^/]+"
			continue
		}
		parts := strings.Split(s, "*")
		for j, part := range parts {
			parts[j] = regexp.QuoteMeta(part)
		}
		segments[i] = strings.Join(parts, "[^/]*")
	}
	expression := strings.Join(segments, "/")
	if below {
		expression += "/.+"
	}
	return expression
}

// denied says that a field holds a path which one of the patterns matches, under
// this name or, for what lies in /proc, /sys or /run, at the end of another: the
// node's own may be mounted anywhere.
func denied(field string, patterns []string) string {
	var conditions, plain []string
	for _, p := range patterns {
		folder, below := strings.CutSuffix(p, "/**")
		switch {
		case !aliased(p) || strings.Contains(folder, "*"):
			plain = append(plain, p)
		case below:
			conditions = append(conditions, field+" contains "+quote(folder+"/"))
		default:
			conditions = append(conditions, field+" endswith "+quote(p))
		}
	}
	if len(plain) > 0 {
		conditions = append(conditions, within(field, plain))
	}
	return anyOf(conditions)
}

func aliased(path string) bool {
	for _, root := range []string{"/proc/", "/sys/", "/run/", "/var/run/"} {
		if strings.HasPrefix(path, root) && path != root+"**" {
			return true
		}
	}
	return false
}

package rules

import "strings"

// glob matches as fnmatch(3) does without flags: `*` and `?` cross slashes,
// brackets hold sets, a backslash takes the next character as it is. Time is at
// most the product of both lengths.
func glob(pattern, text string, fold bool) bool {
	p, t := 0, 0
	star, resume := -1, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, resume = p, t
			p++
			continue
		}
		if next, ok := globStep(pattern, p, text[t], fold); ok {
			p, t = next, t+1
			continue
		}
		if star < 0 {
			return false
		}
		resume++
		p, t = star+1, resume
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// globStep matches one byte against the pattern at p and says where it goes on.
func globStep(pattern string, p int, c byte, fold bool) (int, bool) {
	if p >= len(pattern) {
		return p, false
	}
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		if end, ok, valid := globSet(pattern, p, c, fold); valid {
			return end, ok
		}
	case '\\':
		if p+1 < len(pattern) {
			return p + 2, same(pattern[p+1], c, fold)
		}
	}
	return p + 1, same(pattern[p], c, fold)
}

// globSet matches the set in brackets at p. Without a closing bracket it is no
// set, and the bracket stands for itself.
func globSet(pattern string, p int, c byte, fold bool) (end int, in, valid bool) {
	i := p + 1
	negated := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negated {
		i++
	}
	for start := i; i < len(pattern); i++ {
		if pattern[i] == ']' && i > start {
			return i + 1, in != negated, true
		}
		low := pattern[i]
		high := low
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		in = in || low <= c && c <= high
		if fold {
			in = in || low <= lower(c) && lower(c) <= high || low <= upper(c) && upper(c) <= high
		}
	}
	return p, false, false
}

func same(a, b byte, fold bool) bool { return a == b || fold && lower(a) == lower(b) }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// mapASCII changes bytes as the C locale does: letters beyond ASCII stay.
func mapASCII(text string, change func(byte) byte) string {
	b := []byte(text)
	for i := range b {
		b[i] = change(b[i])
	}
	return string(b)
}

// components splits a path at its slashes, without empty parts.
func components(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// pathPrefix reports whether the components of prefix, each a glob, begin path.
func pathPrefix(prefix, path []string) bool {
	if len(prefix) > len(path) {
		return false
	}
	for i, c := range prefix {
		if !glob(c, path[i], false) {
			return false
		}
	}
	return true
}

package control

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Path is a pattern of paths inside a container: literal segments, "*" within
// a segment, and "**" as the last segment for everything below. Containment of
// two such patterns can be decided, which is why there is no more to them.
type Path struct {
	segments []string
	below    bool // ends in /**
}

// ParsePath reads a pattern such as "/tmp/**", "/etc/passwd" or "/usr/lib/*.so".
func ParsePath(s string) (Path, error) {
	if len(s) > 4096 { // PATH_MAX
		return Path{}, fmt.Errorf("a path has at most 4096 bytes")
	}
	if !strings.HasPrefix(s, "/") {
		return Path{}, fmt.Errorf("a path starts at the container's root: \"/%s\"", strings.TrimPrefix(s, "./"))
	}
	if strings.ContainsAny(s, "?[]{}\"\\^") || strings.Contains(s, "${") || hasControl(s) {
		return Path{}, fmt.Errorf("a path is literal but for * within a segment and ** at the end")
	}
	if path.Clean(s) != s {
		return Path{}, fmt.Errorf("a path has no empty, . or .. segments and does not end in a slash: %q", path.Clean(s))
	}
	if s == "/" {
		return Path{}, nil
	}
	segments := strings.Split(s[1:], "/")
	last := len(segments) - 1
	below := segments[last] == "**"
	if below {
		segments = segments[:last]
	}
	for _, seg := range segments {
		if strings.Contains(seg, "**") {
			return Path{}, fmt.Errorf("** stands alone at the end of a path, as in \"/var/cache/**\"")
		}
	}
	return Path{segments, below}, nil
}

// String gives the pattern as it is written.
func (p Path) String() string {
	s := "/" + strings.Join(p.segments, "/")
	if !p.below {
		return s
	}
	return strings.TrimSuffix(s, "/") + "/**"
}

// Below is a regular expression (RE2) of the folders, absolute and clean but for a
// slash at the end, of whose contents the pattern matches all; ok is false where
// there are none.
func (p Path) Below() (expression string, ok bool) {
	if !p.below {
		return "", false
	}
	var b strings.Builder
	b.WriteString("^")
	for _, seg := range p.segments {
		star := "[^/]*"
		if seg == "*" {
			star = "[^/]+"
		}
		b.WriteString("/" + strings.ReplaceAll(regexp.QuoteMeta(seg), `\*`, star))
	}
	return b.String() + "(/.*)?$", true
}

// Contains reports whether every path that q matches is matched by p.
func (p Path) Contains(q Path) bool {
	if len(q.segments) < len(p.segments) || q.below && !p.below || !p.below && len(q.segments) != len(p.segments) {
		return false
	}
	if p.below && !q.below && len(q.segments) == len(p.segments) {
		return false // /tmp/** is what lies below /tmp, not /tmp
	}
	for i, seg := range p.segments {
		if !segmentContains(seg, q.segments[i]) {
			return false
		}
	}
	return true
}

// Matches reports whether a path, absolute and clean, is one of the pattern's.
func (p Path) Matches(name string) bool {
	q := Path{segments: strings.Split(strings.TrimPrefix(name, "/"), "/")}
	if name == "/" {
		q.segments = nil
	}
	return p.Contains(q)
}

// segmentContains decides containment of two segments. A star of the inner one
// stands for any text, so only a star of the outer one can take it. A star that
// is a whole segment takes at least one character: no segment is empty.
func segmentContains(outer, inner string) bool {
	// The classic matcher with one point to return to.
	o, i, star, mark := 0, 0, -1, 0
	for i < len(inner) {
		switch {
		case o < len(outer) && outer[o] == '*':
			star, mark = o, i
			o++
		case o < len(outer) && outer[o] == inner[i] && inner[i] != '*':
			o++
			i++
		case star >= 0:
			mark++
			o, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(outer[o:], "*") == ""
}

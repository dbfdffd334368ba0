package image

import (
	"regexp"
	"strings"
)

// glob is the path of a pattern: literal bytes; an inner '*' matches any run without a slash, a last one any run at all.
//
// A glob is run as a set of positions. All positions of a set lie in one segment, because both text and glob count the
// same slashes, and what follows a star contains what precedes it in that segment (S* w S* lies in S*). So a set is cut to
// its last star and what follows, which leaves as many sets as the glob has bytes: containment stays quadratic, and
// there is no pattern that makes it explode.
type glob string

// positions is a set of positions in a glob, ascending, a byte each (globs have at most maxPattern bytes). Empty: no match.
type positions string

func (g glob) isFinal(p int) bool { return p == len(g)-1 && g[p] == '*' }

func (g glob) start() positions { return g.close(nil, 0) }

// close adds p, and what follows it without a byte being read.
func (g glob) close(set []byte, p int) positions { return positions(g.add(set, p)) }

func (g glob) add(set []byte, p int) []byte {
	if len(set) > 0 && int(set[len(set)-1]) >= p {
		return set
	}
	if p < len(g) && g[p] == '*' {
		return g.add(append(set[:0], byte(p)), p+1)
	}
	return append(set, byte(p))
}

// step reads one byte.
func (g glob) step(set positions, c byte) positions {
	var next []byte
	for _, b := range []byte(set) {
		p := int(b)
		switch {
		case p == len(g):
		case g[p] == '*':
			if c != '/' || g.isFinal(p) {
				next = g.add(next, p)
			}
		case g[p] == c:
			next = g.add(next, p+1)
		}
	}
	return positions(next)
}

func (g glob) accepts(set positions) bool {
	return set != "" && int(set[len(set)-1]) == len(g)
}

func (g glob) matches(s string) bool {
	set := g.start()
	for i := 0; i < len(s) && set != ""; i++ {
		set = g.step(set, s[i])
	}
	return g.accepts(set)
}

// expression is a regular expression (RE2) of what the glob matches.
func (g glob) expression() string {
	path, open := strings.CutSuffix(string(g), "*")
	path = strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, "[^/]*")
	if open {
		path += ".*"
	}
	return path
}

// globContains reports whether a matches every repository path of at least min segments that b matches. It looks for a
// path that b matches and a does not, walking both together with the grammar of paths.
func globContains(a, b glob, min int) bool {
	type state struct {
		path grammar
		a, b positions
	}
	start := state{path: grammar{missing: min - 1}, a: a.start(), b: b.start()}
	seen := map[state]bool{start: true}
	queue := []state{start}
	alphabet := alphabetOf(a, b)
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at.path.accepts() && b.accepts(at.b) && !a.accepts(at.a) {
			return false
		}
		for _, c := range []byte(alphabet) {
			path, ok := at.path.step(c)
			next := state{path: path, a: a.step(at.a, c), b: b.step(at.b, c)}
			if ok && next.b != "" && !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return true
}

// alphabetOf returns every byte that a and b tell apart: those that they hold, those that the grammar tells apart, and one
// letter or digit that neither holds.
func alphabetOf(a, b glob) string {
	const separators, alphanumeric = "/._-", "abcdefghijklmnopqrstuvwxyz0123456789"
	set, other := separators, false
	for _, c := range alphanumeric {
		held := strings.ContainsRune(string(a), c) || strings.ContainsRune(string(b), c)
		if held || !other {
			set += string(c)
		}
		other = other || !held
	}
	return set
}

// grammar is a position in the grammar of repository paths (distribution/reference, "path-component"): segments of letters and
// digits, separated within by one dot, one or two underscores, or dashes.
type grammar struct {
	last    byte // the separator just read; 'a' after a letter or digit; 0 at the start of a segment; 'U' after two underscores
	missing int  // segments still to come
}

func (g grammar) accepts() bool { return g.last == 'a' && g.missing <= 0 }

func (g grammar) step(c byte) (grammar, bool) {
	switch {
	case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		return grammar{last: 'a', missing: g.missing}, true
	case c == '/' && g.last == 'a':
		return grammar{missing: max(g.missing-1, 0)}, true
	case c == '_' && g.last == '_':
		return grammar{last: 'U', missing: g.missing}, true
	case c == '-' && g.last == '-', g.last == 'a' && strings.IndexByte("._-", c) >= 0:
		return grammar{last: c, missing: g.missing}, true
	}
	return g, false
}

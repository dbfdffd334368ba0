package rules

import "strings"

// scanner walks over a condition's text. It knows characters and words, nothing
// of the grammar. Every take method advances only when it succeeds.
type scanner struct {
	text string
	pos  Pos
}

func newScanner(text string) scanner {
	return scanner{text: text, pos: Pos{Line: 1, Column: 1}}
}

func (s *scanner) rest() string { return s.text[s.pos.Offset:] }

func (s *scanner) done() bool { return s.pos.Offset >= len(s.text) }

func (s *scanner) advance(n int) string {
	taken := s.text[s.pos.Offset : s.pos.Offset+n]
	for i := 0; i < n; i++ {
		s.pos.Column++
		if taken[i] == '\n' || taken[i] == '\r' {
			s.pos.Line++
			s.pos.Column = 1
		}
	}
	s.pos.Offset += n
	return taken
}

// blanks skips what Falco's parser takes for blank (a backspace is) and reports
// whether there was any.
func (s *scanner) blanks() bool {
	rest := s.rest()
	n := 0
	for n < len(rest) && strings.IndexByte(" \t\b\r\n", rest[n]) >= 0 {
		n++
	}
	s.advance(n)
	return n > 0
}

// take consumes word if the text goes on with it.
func (s *scanner) take(word string) bool {
	if !strings.HasPrefix(s.rest(), word) {
		return false
	}
	s.advance(len(word))
	return true
}

// takeFirst consumes the first of words that the text goes on with.
func (s *scanner) takeFirst(words []string) (string, bool) {
	for _, w := range words {
		if s.take(w) {
			return w, true
		}
	}
	return "", false
}

// takeNot consumes "not" and the space after it.
func (s *scanner) takeNot() bool {
	rest := s.rest()
	if !strings.HasPrefix(rest, "not") {
		return false
	}
	n := 3
	for n < len(rest) && isSpace(rest[n]) {
		n++
	}
	if n == 3 {
		return false
	}
	s.advance(n)
	return true
}

// identifier consumes [a-zA-Z][a-zA-Z0-9_]*.
func (s *scanner) identifier() (string, bool) {
	n := identifierLen(s.rest())
	return s.advance(n), n > 0
}

// fieldName consumes identifiers joined by dots, at least two.
func (s *scanner) fieldName() (string, bool) {
	rest := s.rest()
	n := identifierLen(rest)
	dots := 0
	for n > 0 && n < len(rest) && rest[n] == '.' {
		m := identifierLen(rest[n+1:])
		if m == 0 {
			break
		}
		n += 1 + m
		dots++
	}
	if dots == 0 {
		return "", false
	}
	return s.advance(n), true
}

// bare consumes a value written without quotes.
func (s *scanner) bare() (string, bool) { return s.until(isBareEnd) }

// bareArgument consumes a field's argument written without quotes.
func (s *scanner) bareArgument() (string, bool) {
	return s.until(func(c byte) bool {
		return c == '[' || c == ']' || c == '"' || c == '\'' || isSpace(c)
	})
}

func (s *scanner) until(end func(byte) bool) (string, bool) {
	rest := s.rest()
	n := 0
	for n < len(rest) && !end(rest[n]) {
		n++
	}
	return s.advance(n), n > 0
}

// number consumes a hexadecimal or decimal number.
func (s *scanner) number() (string, bool) {
	rest := s.rest()
	if len(rest) > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X') && isAlnum(rest[2]) {
		n := 2
		for n < len(rest) && isAlnum(rest[n]) {
			n++
		}
		return s.advance(n), true
	}
	n := decimalLen(rest)
	return s.advance(n), n > 0
}

// decimalLen is the length of an optional sign, digits, an optional point with
// digits, and an exponent that has a sign.
func decimalLen(t string) int {
	n := 0
	if n < len(t) && (t[n] == '+' || t[n] == '-') {
		n++
	}
	digits := digitsLen(t[n:])
	if digits == 0 {
		return 0
	}
	n += digits
	if n < len(t) && t[n] == '.' {
		n++
	}
	n += digitsLen(t[n:])
	if n+2 < len(t) && (t[n] == 'e' || t[n] == 'E') && (t[n+1] == '+' || t[n+1] == '-') {
		if d := digitsLen(t[n+2:]); d > 0 {
			n += 2 + d
		}
	}
	return n
}

func digitsLen(t string) int {
	n := 0
	for n < len(t) && t[n] >= '0' && t[n] <= '9' {
		n++
	}
	return n
}

func identifierLen(t string) int {
	if t == "" || !isAlpha(t[0]) {
		return 0
	}
	n := 1
	for n < len(t) && (isAlnum(t[n]) || t[n] == '_') {
		n++
	}
	return n
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isAlpha(c) || c >= '0' && c <= '9' }

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isBareEnd(c byte) bool {
	return isSpace(c) || strings.IndexByte(`()"'=,`, c) >= 0
}

package profile

import (
	"fmt"
	"sort"
	"strings"
)

// Error is why a profile could not be read: where, and what is wrong there.
type Error struct {
	File         string
	Line, Column int // from 1; the column counts bytes
	Problem      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// scanner reads the text of a profile a piece at a time. The language has no tokens that hold everywhere (a comma
// ends a rule, but "{a,b}" is one path), so whoever asks says what may come.
type scanner struct {
	file  string
	src   string
	pos   int
	lines []int // where each line begins
}

func newScanner(file, src string) *scanner {
	s := &scanner{file: file, src: src, lines: []int{0}}
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

func (s *scanner) place(pos int) (line, column int) {
	line = sort.SearchInts(s.lines, pos+1)
	return line, pos - s.lines[line-1] + 1
}

func (s *scanner) errorAt(pos int, format string, args ...any) error {
	line, column := s.place(pos)
	return &Error{File: s.file, Line: line, Column: column, Problem: fmt.Sprintf(format, args...)}
}

func (s *scanner) errorf(format string, args ...any) error { return s.errorAt(s.pos, format, args...) }

func (s *scanner) eof() bool { return s.pos >= len(s.src) }

// at gives the byte n bytes ahead, or 0 at the end: the source holds no NUL.
func (s *scanner) at(n int) byte {
	if s.pos+n >= len(s.src) {
		return 0
	}
	return s.src[s.pos+n]
}

func (s *scanner) peek() byte { return s.at(0) }

// blanks skips spaces and tabs.
func (s *scanner) blanks() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.pos++
	}
}

// skip skips white space and comments. "#include" is a statement, not a comment: it is left standing, for a rule that
// is being read cannot hold it.
func (s *scanner) skip() {
	for !s.eof() {
		switch b := s.peek(); {
		case isSpace(b):
			s.pos++
		case b == '#' && !s.include():
			s.restOfLine()
		default:
			return
		}
	}
}

// include says whether "#include" comes, which apparmor_parser takes for an inclusion whatever follows.
func (s *scanner) include() bool { return strings.HasPrefix(s.src[s.pos:], "#include") }

// restOfLine takes what is left of the line, without its end.
func (s *scanner) restOfLine() string {
	start := s.pos
	if end := strings.IndexByte(s.src[start:], '\n'); end >= 0 {
		s.pos = start + end
	} else {
		s.pos = len(s.src)
	}
	return strings.TrimRight(s.src[start:s.pos], " \t\r")
}

// accept takes text if it comes next, after white space and comments.
func (s *scanner) accept(text string) bool {
	s.skip()
	if !strings.HasPrefix(s.src[s.pos:], text) {
		return false
	}
	s.pos += len(text)
	return true
}

func (s *scanner) expect(text, after string) error {
	if s.accept(text) {
		return nil
	}
	return s.errorf("expected %q %s, found %s", text, after, s.found())
}

// found describes what comes next, for errors.
func (s *scanner) found() string {
	if s.eof() {
		return "the end of the file"
	}
	end := s.pos + 1
	for end < len(s.src) && end-s.pos < 24 && !isSpace(s.src[end]) {
		end++
	}
	return fmt.Sprintf("%q", s.src[s.pos:end])
}

// peekKeyword gives the letters, digits and underscores that come next, without taking them.
func (s *scanner) peekKeyword() string {
	end := s.pos
	for end < len(s.src) && (isAlphanumeric(s.src[end]) || s.src[end] == '_') {
		end++
	}
	return s.src[s.pos:end]
}

// keyword takes the keyword that comes next if it is one of those named; "" if it is not.
func (s *scanner) keyword(names ...string) string {
	s.skip()
	word := s.peekKeyword()
	for _, name := range names {
		if word == name {
			s.pos += len(word)
			return word
		}
	}
	return ""
}

// word takes a name, path or pattern: quoted, or up to white space. In the second form a comma belongs to it if
// something follows at once ("/{a,b}"), as in apparmor_parser's ID; stop lists bytes that end it too.
func (s *scanner) word(stop string) (text string, err error) {
	if s.peek() == '"' {
		return s.quoted()
	}
	start := s.pos
	for !s.eof() {
		b := s.peek()
		if b == '\\' && s.at(1) != 0 && !isSpaceButBlank(s.at(1)) {
			if s.at(1) == '\\' && (s.at(2) == ' ' || s.at(2) == '\t' || s.at(2) == ',' && endsWord(s.at(3))) {
				return "", s.errorf(`apparmor_parser takes the second of two backslashes to escape what follows; write \134 for a backslash`)
			}
			s.pos += 2
			continue
		}
		if isSpace(b) || strings.IndexByte(stop, b) >= 0 || (b == ',' && endsWord(s.at(1))) {
			break
		}
		if b == '"' || b == '!' {
			return "", s.errorf("a %q must be escaped or quoted here", b)
		}
		s.pos++
	}
	if s.pos == start {
		return "", s.errorf("expected a name or a path, found %s", s.found())
	}
	return unescape(s, start, s.src[start:s.pos])
}

// endsWord says whether a comma before b is the end of a rule. 0 is the end of the file.
func endsWord(b byte) bool { return b == 0 || isSpace(b) || strings.IndexByte(`",!`, b) >= 0 }

func (s *scanner) quoted() (string, error) {
	start := s.pos
	for s.pos++; ; s.pos++ {
		switch s.peek() {
		case 0, '\n':
			return "", s.errorAt(start, "a quoted name is not closed on its line")
		case '\\':
			if s.at(1) == '\\' && s.at(2) == '"' {
				return "", s.errorf(`whether the quote after two backslashes ends the name depends on what follows; write \134 for a backslash`)
			}
			if s.at(1) != 0 && s.at(1) != '\n' {
				s.pos++
			}
		case '"':
			s.pos++
			return unescape(s, start, s.src[start+1:s.pos-1])
		}
	}
}

// unescape resolves the escapes that apparmor_parser's lexer resolves: numbers of bytes, and characters that mean
// nothing in a pattern. Those that do mean something stay escaped for the pattern's compiler.
func unescape(s *scanner, at int, text string) (string, error) {
	if strings.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		i++
		b, n := text[i], 0
		if isAlphanumeric(b) {
			if b, n = numericEscape(text[i:]); n == 0 {
				return "", s.errorAt(at, `the escape \%c is not read; write three octal digits, or \x and two hexadecimal ones`, text[i])
			}
			if b == 0 {
				return "", s.errorAt(at, "an escape stands for a NUL byte, which no path can hold")
			}
			i += n - 1
		}
		if strings.IndexByte(`\*?[]{}^,-@`, b) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(b)
	}
	return out.String(), nil
}

// numericEscape reads "040" or "x20" and says how many bytes it took; 0 if it is neither.
func numericEscape(s string) (byte, int) {
	base, digits := 8, s
	if s[0] == 'x' {
		base, digits = 16, s[1:]
	}
	want := map[int]int{8: 3, 16: 2}[base]
	if len(digits) < want {
		return 0, 0
	}
	value := 0
	for _, d := range []byte(digits[:want]) {
		v := digit(d)
		if v < 0 || v >= base {
			return 0, 0
		}
		value = value*base + v
	}
	if value > 255 {
		return 0, 0
	}
	return byte(value), len(s) - len(digits) + want
}

func digit(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b >= 'a' && b <= 'f':
		return int(b-'a') + 10
	case b >= 'A' && b <= 'F':
		return int(b-'A') + 10
	}
	return -1
}

func isSpace(b byte) bool { return b == ' ' || isSpaceButBlank(b) }

func isSpaceButBlank(b byte) bool { return b == '\t' || b == '\n' || b == '\r' }

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

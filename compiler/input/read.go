package input

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Read splits a file and parses its documents. Documents that are empty or null are left out; a file without any other
// is an error. All errors are of type *Error; the first in the file is returned.
func Read(file string, data []byte, limits Limits) ([]*Document, error) {
	chunks, err := Split(file, data, limits)
	if err != nil {
		return nil, err
	}
	var docs []*Document
	for _, c := range chunks {
		more, err := c.Documents()
		if err != nil {
			return nil, err
		}
		docs = append(docs, more...)
	}
	if len(docs) == 0 {
		return nil, &Error{File: file, Problem: "the file holds no document: it is empty, or holds only comments"}
	}
	return docs, nil
}

// Chunk is a piece of a file that can be parsed by itself. Chunks of one file may be parsed concurrently.
type Chunk struct {
	file   string
	data   []byte
	line   int // lines before data
	limits Limits
}

// Split cuts a file at its `---` lines. It refuses what is over the limit, empty, binary or not UTF-8, so that each of
// these has an error of its own.
func Split(file string, data []byte, limits Limits) ([]Chunk, error) {
	if int64(len(data)) > limits.Bytes {
		return nil, &Error{File: file, Problem: fmt.Sprintf("the file has more than %d bytes, which is the limit; --max-bytes sets another", limits.Bytes)}
	}
	data, err := decode(file, data)
	if err != nil {
		return nil, err
	}
	s := splitter{file: file, data: data, limits: limits, blank: true}
	for at := 0; at < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		s.take(at, end)
		at = end
	}
	s.cut(len(data))
	if len(s.chunks) > limits.Documents {
		return nil, &Error{File: file, Problem: fmt.Sprintf("the file holds %d documents, the limit is %d; split it into several files", len(s.chunks), limits.Documents)}
	}
	return s.chunks, nil
}

// splitter walks over the lines of a file and cuts it at markers.
type splitter struct {
	file   string
	data   []byte
	limits Limits
	chunks []Chunk

	start, startLine int  // of the chunk that is being read
	line             int  // lines read
	blank            bool // the chunk so far holds only its marker, white space, comments and directives
	directives       bool // it holds directives (%YAML, %TAG), which stand before the marker of their own document
}

// take reads the line data[at:end].
func (s *splitter) take(at, end int) {
	text := s.data[at:end]
	switch {
	case isMarker(text, "---"):
		if !s.directives {
			s.cut(at)
		}
		s.directives = false
		s.blank = len(bytes.TrimSpace(text)) == 3
		s.line++
	case isMarker(text, "..."):
		rest := bytes.TrimSpace(text[3:])
		s.blank = s.blank && (len(rest) == 0 || rest[0] == '#') // other text is a mistake, and must not be lost
		s.line++
		s.cut(end)
	default:
		text = bytes.TrimSpace(text)
		s.directives = s.directives || s.blank && s.data[at] == '%'
		s.blank = s.blank && (len(text) == 0 || text[0] == '#' || s.data[at] == '%')
		s.line++
	}
}

// cut ends the chunk before an offset. A chunk that holds no value is left out.
func (s *splitter) cut(end int) {
	if !s.blank || s.directives {
		s.chunks = append(s.chunks, Chunk{s.file, s.data[s.start:end], s.startLine, s.limits})
	}
	s.start, s.startLine, s.blank, s.directives = end, s.line, true, false
}

// isMarker reports a line that begins with a document marker: at the first column, followed by white space or nothing.
// YAML knows no context, quotes and block scalars included, in which such a line is text.
func isMarker(line []byte, marker string) bool {
	return len(line) >= 3 && string(line[:3]) == marker &&
		(len(line) == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r' || line[3] == '\n')
}

// decode takes off a UTF-8 byte order mark and refuses what is not text in UTF-8.
func decode(file string, data []byte) ([]byte, error) {
	data = Unwrapped(data)
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return nil, &Error{File: file, Problem: "the file is binary (a zip file, as the plans of terraform are); give what terraform show -json prints of it: " + showPlan(file)}
	}
	if name := encoding(data); name != "" {
		return nil, &Error{File: file, Line: 1, Column: 1, Problem: fmt.Sprintf("the file is %s; make it UTF-8: iconv -f %[1]s -t UTF-8", name)}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &Error{File: file, Problem: "the file is empty"}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		line, column := lineColumn(data, i)
		return nil, &Error{File: file, Line: line, Column: column, Problem: "the file is binary (it holds a zero byte); give YAML or JSON in UTF-8"}
	}
	if !utf8.Valid(data) {
		line, column := lineColumn(data, firstInvalid(data))
		return nil, &Error{File: file, Line: line, Column: column, Problem: "the file is not valid UTF-8; make it so, for example: iconv -f WINDOWS-1252 -t UTF-8"}
	}
	return data, nil
}

// Unwrapped is a file without its UTF-8 byte order mark, and with blanks for the lines that the action setup-terraform
// puts around what terraform prints: "[command]" and the command line before it, workflow commands after it.
func Unwrapped(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !bytes.HasPrefix(data, []byte("[command]")) {
		return data
	}
	out := make([]byte, 0, len(data))
	for line := range bytes.Lines(data) {
		if len(out) == 0 || bytes.HasPrefix(line, []byte("::")) {
			text := bytes.TrimRight(line, "\r\n")
			out = append(append(out, bytes.Repeat([]byte(" "), len(text))...), line[len(text):]...)
			continue
		}
		out = append(out, line...)
	}
	return out
}

// showPlan is the command that prints a saved plan.
func showPlan(file string) string {
	if file == "-" || strings.ContainsFunc(file, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-", r)
	}) {
		file = "PLAN"
	}
	return "terraform show -json " + file + " | bulkhead check -"
}

// encoding names, as iconv does, the encoding that a byte order mark other than UTF-8's tells of.
func encoding(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return "UTF-32"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "UTF-16"
	}
	return ""
}

func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

func lineColumn(data []byte, offset int) (line, column int) {
	before := data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// Documents parses the chunk: usually one document, none where it holds only comments or null, more than one where it
// is a stream of JSON values.
func (c Chunk) Documents() ([]*Document, error) {
	if !c.looksLikeJSON() {
		docs, err := c.yaml()
		if err != nil && bytes.HasPrefix(bytes.TrimSpace(c.body()), []byte("/")) && c.isForeignJSON() {
			return nil, c.foreignJSON()
		}
		return docs, err
	}
	docs, syntax, err := c.json()
	if syntax == nil {
		return docs, err
	}
	// What begins like JSON may still be YAML in flow style. Where it is neither, a quoted key says which was meant.
	docs, err = c.yaml()
	if err == nil {
		return docs, nil
	}
	if c.isForeignJSON() {
		return nil, c.foreignJSON()
	}
	if c.quotesKeys() {
		return nil, syntax
	}
	return docs, err
}

// isForeignJSON reports JSON with comments that is no object and no plan.
func (c Chunk) isForeignJSON() bool {
	d := c.withoutComments()
	return d != nil && d.Root.Get("kind") == nil && !d.IsPlan()
}

func (c Chunk) foreignJSON() *Error {
	return &Error{File: c.file, Line: c.line + 1, Problem: "not a Kubernetes object: it is JSON with comments, and states no kind", Foreign: true}
}

// withoutComments reads a value of JSON with comments and trailing commas, as editors and TypeScript write it; nil where
// the chunk is none.
func (c Chunk) withoutComments() *Document {
	var plain []byte
	data := c.body()
	for i := 0; i < len(data); i++ {
		rest := data[i:]
		switch {
		case rest[0] == '"':
			end := endOfString(rest)
			plain = append(plain, rest[:end]...)
			i += end - 1
		case bytes.HasPrefix(rest, []byte("//")):
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			i += end
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest, []byte("*/"))
			if end < 0 {
				return nil
			}
			i += end + 1
		case rest[0] == '}' || rest[0] == ']':
			plain = append(bytes.TrimSuffix(bytes.TrimRight(plain, " \t\r\n"), []byte(",")), rest[0])
		default:
			plain = append(plain, rest[0])
		}
	}
	docs, syntax, err := Chunk{file: c.file, data: plain, line: c.line, limits: c.limits}.json()
	if syntax != nil || err != nil || len(docs) != 1 {
		return nil
	}
	return docs[0]
}

// endOfString gives the length of the JSON string at the beginning of a text, with its quotes.
func endOfString(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// helmAction is what Helm's templates have and hardly anything else: an action of Go's templates that begins with one of
// its words or with a value of Helm.
var helmAction = regexp.MustCompile(`\{\{-?\s*(if|else|end|with|range|include|template|define|toYaml|tpl|\.(Values|Release|Chart|Capabilities|Files|Template))\b`)

// template is what to do where text that is no YAML or JSON holds the mark of Go's templates, which Helm's charts are
// made of.
func (c Chunk) template() string {
	if !bytes.Contains(c.data, []byte("{{")) {
		return ""
	}
	return "; it is a template: check what is made of it, as in helm template CHART | bulkhead check -"
}

func (c Chunk) errorf(line, column int, format string, args ...any) *Error {
	return &Error{File: c.file, Line: line, Column: column, Problem: fmt.Sprintf(format, args...)}
}

// Text is the document as it stands in the file, with its marker.
func (c Chunk) Text() []byte { return c.data }

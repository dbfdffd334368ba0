package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable writes out what a text has of characters that terminals act upon, such as
// newlines and escapes, and of those that change the direction of writing. The text
// may come from an input; it stays on its line.
func Printable(s string) string {
	if !strings.ContainsFunc(s, acted) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if acted(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func acted(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}

// escaped makes JSON or XML text on which neither a terminal nor a CI system acts. What they act upon can only be in strings and
// texts, where form is how a character is written by its number; all of them are below U+10000.
func escaped(text, form string) string {
	if !strings.Contains(text, "##") && !strings.ContainsFunc(text, actedInside) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		if actedInside(r) || r == '#' && strings.HasPrefix(text[i+1:], "#") {
			fmt.Fprintf(&b, form, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func actedInside(r rune) bool { return r != '\n' && r != utf8.RuneError && acted(r) }

// PrintableLines is Printable for a text of several lines.
func PrintableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// LineWriter writes lines that nothing acts upon: terminals not upon control
// characters, and CI systems not upon commands. Close writes what has no end of line.
type LineWriter struct {
	to   io.Writer
	rest []byte // of a line that has not ended
}

// NewLineWriter gives a LineWriter that writes to another writer.
func NewLineWriter(to io.Writer) *LineWriter { return &LineWriter{to: to} }

// Write writes the lines that have ended.
func (w *LineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	end := bytes.LastIndexByte(w.rest, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	var out bytes.Buffer
	for line := range bytes.Lines(w.rest[:end]) {
		out.Write(inert(line))
	}
	w.rest = append(w.rest[:0], w.rest[end:]...)
	if _, err := w.to.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close writes the rest. It does not close the writer below.
func (w *LineWriter) Close() error {
	if len(w.rest) == 0 {
		return nil
	}
	_, err := w.to.Write(inert(w.rest))
	w.rest = nil
	return err
}

// inert makes a line one that nothing acts upon. GitHub obeys lines that begin with ::
// after white space, and it and Azure Pipelines what follows ## anywhere.
func inert(line []byte) []byte {
	text := string(line)
	body := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	end := text[len(body):]
	parts := strings.Split(body, "\t") // which only move to the right
	for i := range parts {
		parts[i] = Printable(parts[i])
	}
	body = strings.Join(parts, "\t")
	if trimmed := strings.TrimLeftFunc(body, unicode.IsSpace); strings.HasPrefix(trimmed, "::") {
		body = body[:len(body)-len(trimmed)] + `\` + trimmed
	}
	return []byte(withoutCommands(body) + end)
}

// withoutCommands breaks the commands that CI systems find anywhere on a line.
func withoutCommands(s string) string {
	for _, command := range []string{"##[", "##vso[", "##teamcity["} {
		s = strings.ReplaceAll(s, command, `#\`+command[1:])
	}
	return s
}

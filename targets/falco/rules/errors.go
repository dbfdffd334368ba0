package rules

import (
	"fmt"
	"strings"
)

// Error is a mistake in a rules file. Line and Column count from 1 and are 0 where
// the place is the whole file.
type Error struct {
	File         string
	Line, Column int
	Item         string // `rule "x"`, `macro "y"`, `list "z"`, or empty
	Message      string
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ":")
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", e.Line, e.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if e.Item != "" {
		b.WriteString(e.Item + ": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Errors are the mistakes of a load, in order of the files.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Linted is an artifact with what lints say of it.
type Linted struct {
	File  string
	Notes []target.Diagnostic
}

// Warns says whether somebody should change something.
func (l Linted) Warns() bool {
	return slices.ContainsFunc(l.Notes, func(n target.Diagnostic) bool { return n.Warning })
}

// Lints are the formats of what lints found, by name.
var Lints = map[string]func(io.Writer, []Linted) error{"text": lintText, "json": lintJSON}

// severity is what reports call a note.
func severity(n target.Diagnostic) string {
	if n.Warning {
		return "warning"
	}
	return "note"
}

// lintText prints a line for each note, as compilers do, and the counts.
func lintText(out io.Writer, found []Linted) error {
	w := bufio.NewWriter(out)
	counts := map[string]int{}
	for _, l := range found {
		for _, n := range l.Notes {
			counts[severity(n)]++
			fmt.Fprintf(w, "%s:%d:%d: %s: %s: %s\n", shown(l.File), max(n.Line, 1), max(n.Column, 1), severity(n), n.Lint, shown(n.Message))
		}
	}
	fmt.Fprintf(w, "%s read, %s, %s\n", count(len(found), "file"), count(counts["warning"], "warning"), count(counts["note"], "note"))
	return w.Flush()
}

type lintOutcome struct {
	Findings []lintFinding `json:"findings"`
	Files    int           `json:"files"`
}

type lintFinding struct {
	Lint     string `json:"lint"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Message  string `json:"message"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Place    string `json:"place,omitempty"`
	Subject  string `json:"subject,omitempty"`
}

func lintJSON(w io.Writer, found []Linted) error {
	out := lintOutcome{Findings: []lintFinding{}, Files: len(found)}
	for _, l := range found {
		for _, n := range l.Notes {
			out.Findings = append(out.Findings, lintFinding{n.Lint, severity(n), n.Summary, n.Message, l.File, n.Line, n.Column, n.Location, n.Subject})
		}
	}
	return encode(w, out)
}

package report

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

func init() { formats["github"] = github }

// github prints workflow commands, which GitHub shows beside the lines of a pull
// request, and for the log what was skipped and the counts.
func github(w *bufio.Writer, r Result) error {
	for _, f := range r.all() {
		severity := f.Severity
		if f.Suppressed != nil || f.Severity == Note {
			severity = "notice"
		}
		message := f.Message
		if f.Related.File != "" {
			message += " [" + f.Related.String() + "]"
		}
		if f.Suppressed != nil {
			message += "\n" + f.suppression()
		}
		fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n",
			severity, property(filepath.ToSlash(f.File)), max(f.Line, 1), max(f.Column, 1), property(f.rule()), data(message))
	}
	for _, err := range r.Problems {
		where := ""
		if e, ok := err.(*input.Error); ok && e.Line > 0 {
			where = fmt.Sprintf(" file=%s,line=%d", property(filepath.ToSlash(e.File)), e.Line)
		}
		fmt.Fprintf(w, "::error%s::%s\n", where, data(err.Error()))
	}
	lines := NewLineWriter(w) // beside the commands, which are meant
	tally(lines, r)
	return lines.Close()
}

// data escapes the text of a workflow command, and property what stands before
// it. The log is shown on terminals, so that other control characters are written
// out.
func data(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "%", "%25"), "\n")
	for i := range lines {
		lines[i] = withoutCommands(Printable(lines[i]))
	}
	return strings.Join(lines, "%0A")
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

// checkGitHub prints workflow commands, which GitHub shows beside the lines of a
// pull request, and for the log what was skipped and the counts.
func checkGitHub(out io.Writer, r check.Result, p *lang.Program) error {
	w := bufio.NewWriter(out)
	for _, f := range r.Findings {
		severity := f.Severity
		if f.Suppressed != nil {
			severity = "notice"
		}
		message := f.Message
		if at := positionOf(f.Policy, p); at.File != "" {
			message += " [" + at.String() + "]"
		}
		if f.Suppressed != nil {
			message += "\n" + letThrough(f)
		}
		fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n",
			severity, property(filepath.ToSlash(f.File)), f.Line, f.Column, property(ruleID(f)), data(message))
	}
	for _, err := range r.Problems {
		where := ""
		if e, ok := err.(*input.Error); ok && e.Line > 0 {
			where = fmt.Sprintf(" file=%s,line=%d", property(filepath.ToSlash(e.File)), e.Line)
		}
		fmt.Fprintf(w, "::error%s::%s\n", where, data(err.Error()))
	}
	if err := tally(w, r); err != nil {
		return err
	}
	return w.Flush()
}

// data escapes the text of a workflow command, and property what stands before
// it. The log is shown on terminals, so that other control characters are written
// out.
func data(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "%", "%25"), "\n")
	for i := range lines {
		lines[i] = shown(lines[i])
	}
	return strings.Join(lines, "%0A")
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}

// issue is one of GitLab's Code Quality report.
type issue struct {
	Description string        `json:"description"`
	CheckName   string        `json:"check_name"`
	Fingerprint string        `json:"fingerprint"`
	Severity    string        `json:"severity"`
	Location    issueLocation `json:"location"`
}

type issueLocation struct {
	Path  string     `json:"path"`
	Lines issueLines `json:"lines"`
}

type issueLines struct {
	Begin int `json:"begin"`
}

// gitlabSeverities are the words of GitLab.
var gitlabSeverities = map[string]string{check.Error: "major", check.Warning: "minor"}

const gitlabSuppressed = "info"

// checkGitLab prints a Code Quality report. It has no place for what was skipped
// and what could not be used: those are on standard error.
func checkGitLab(w io.Writer, r check.Result, _ *lang.Program) error {
	issues, seen := []issue{}, map[string]int{}
	for _, f := range r.Findings {
		severity := gitlabSeverities[f.Severity]
		if f.Suppressed != nil {
			severity = gitlabSuppressed
		}
		issues = append(issues, issue{
			f.Message, ruleID(f), unique(f, seen), severity, issueLocation{filepath.ToSlash(f.File), issueLines{max(f.Line, 1)}},
		})
	}
	return encode(w, issues)
}

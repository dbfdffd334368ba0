package report

import (
	"bufio"
	"path/filepath"
)

func init() { formats["gitlab"], withoutSkipped["gitlab"] = gitlab, true }

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
var gitlabSeverities = map[string]string{Error: "major", Warning: "minor", Note: gitlabInfo}

const gitlabInfo = "info"

// gitlab prints a Code Quality report. It has no place for what was skipped and
// what could not be used: those are on standard error.
func gitlab(w *bufio.Writer, r Result) error {
	issues, fingerprint := []issue{}, unique()
	for _, f := range r.all() {
		severity := gitlabSeverities[f.Severity]
		if f.Suppressed != nil {
			severity = gitlabInfo
		}
		issues = append(issues, issue{
			f.Message, f.rule(), fingerprint(f), severity, issueLocation{filepath.ToSlash(f.File), issueLines{max(f.Line, 1)}},
		})
	}
	return encode(w, issues)
}

package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

func init() { formats["json"] = asJSON }

func encode(w io.Writer, v any) error { return encodeIndented(w, v, "  ") }

// encodeIndented writes JSON, in which nothing but ends of lines acts on a terminal or a CI system: JSON itself escapes only
// what is below a blank.
func encodeIndented(w io.Writer, v any, indent string) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(text.String(), `\u%04x`))
	return err
}

// resultJSON leaves out what the command does not have.
type resultJSON struct {
	Policy     *Policy       `json:"policy,omitempty"`
	Tests      []Test        `json:"tests,omitzero"`
	Findings   []any         `json:"findings,omitzero"`
	Files      *int          `json:"files,omitempty"`
	Checked    *int          `json:"checked,omitempty"`
	Skipped    []skippedJSON `json:"skipped,omitzero"`
	Errors     []string      `json:"errors,omitempty"`
	Untested   []ControlAt   `json:"untested,omitzero"`
	Inert      []ControlAt   `json:"inert,omitzero"`
	Exceptions []Exception   `json:"exceptions,omitzero"`
	Passed     *int          `json:"passed,omitempty"`
	Failed     *int          `json:"failed,omitempty"`
}

// controlFinding is a finding of a control, and lintFinding one of a lint.
type (
	controlFinding struct {
		Control     string           `json:"control"`
		Severity    string           `json:"severity"`
		Message     string           `json:"message"`
		Resource    resourceJSON     `json:"resource"`
		Container   string           `json:"container"`
		File        string           `json:"file"`
		Line        int              `json:"line"`
		Column      int              `json:"column"`
		Policy      Position         `json:"policy"`
		Fingerprint string           `json:"fingerprint"`
		Suppressed  *suppressionJSON `json:"suppressed,omitempty"`
	}
	lintFinding struct {
		Lint     string `json:"lint"`
		Severity string `json:"severity"`
		Summary  string `json:"summary"`
		Message  string `json:"message"`
		Position
		Column  int    `json:"column,omitempty"`
		Place   string `json:"place,omitempty"`
		Subject string `json:"subject,omitempty"`
	}
	suppressionJSON struct {
		By        string     `json:"by"`
		Reason    string     `json:"reason"`
		Exception *Exception `json:"exception,omitempty"`
	}
	resourceJSON struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	}
	skippedJSON struct {
		File   string `json:"file"`
		Line   int    `json:"line,omitempty"`
		Reason string `json:"reason"`
		Pods   bool   `json:"pods,omitempty"` // it has pods, or may have
	}
)

// asJSON prints all of a result in one object.
func asJSON(w *bufio.Writer, r Result) error {
	out := resultJSON{
		Policy: r.Policy, Tests: r.Tests, Findings: findingsJSON(r), Checked: r.Checked, Files: r.Files,
		Untested: r.Untested, Inert: r.Inert, Exceptions: r.Exceptions,
	}
	if r.Tests != nil {
		passed, failed := r.tests()
		out.Passed, out.Failed = &passed, &failed
	}
	if r.Skipped != nil {
		out.Skipped = []skippedJSON{}
	}
	for _, s := range r.Skipped {
		out.Skipped = append(out.Skipped, skippedJSON(s))
	}
	for _, err := range r.Problems {
		out.Errors = append(out.Errors, err.Error())
	}
	return encode(w, out)
}

func findingsJSON(r Result) []any {
	if r.Findings == nil {
		return nil
	}
	out, fingerprint := make([]any, len(r.Findings)), unique()
	for i, f := range r.Findings {
		if f.Lint {
			out[i] = lintFinding{f.Rule, f.Severity, f.Summary, f.Message, f.Position, f.Column, f.Place, f.Subject}
			continue
		}
		finding := controlFinding{
			Control: f.Rule, Severity: f.Severity, Message: f.Message, Resource: resourceJSON(f.Resource), Container: f.Container,
			File: f.File, Line: f.Line, Column: f.Column, Policy: f.Related, Fingerprint: fingerprint(f),
		}
		if s := f.Suppressed; s != nil {
			finding.Suppressed = &suppressionJSON{By: s.By, Reason: s.Reason}
			if s.Exception != nil {
				e := exceptionOf(s.Exception)
				finding.Suppressed.Exception = &e
			}
		}
		out[i] = finding
	}
	return out
}

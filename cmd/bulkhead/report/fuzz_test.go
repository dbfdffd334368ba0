package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// FuzzWrite puts anything into every text of a result, and writes it in every format: twice the same, without a character that a
// terminal acts upon, with no command of CI but our own, and as JSON or XML that others can read.
func FuzzWrite(f *testing.F) {
	f.Add("host.pid", "a.yaml", "hostPID must not be true", "Pod", "reason")
	f.Add("x", hostile, hostile, hostile, hostile)
	f.Add("\n::error::x", "a,b:c%0A", "##[error]y\r##vso[a]", "]]>\x00\x7f", "\u202e\u2028\xff")
	f.Fuzz(func(t *testing.T, rule, file, message, name, reason string) {
		one := 1
		finding := report.Finding{
			Rule: rule, Lint: true, Summary: name, Severity: report.Error, Message: message, Position: report.Position{File: file, Line: 3}, Column: 2, Source: reason,
			Related: report.Position{File: name, Line: 7}, Resource: check.Resource{Kind: name, Namespace: reason, Name: message}, Container: name, Place: reason, Subject: file,
			Fingerprint: "f", ID: "f",
		}
		warning, suppressed := finding, finding
		warning.Severity = report.Warning
		suppressed.Suppressed = &check.Suppression{By: check.ByComment, Reason: reason}
		at := report.Position{File: file, Line: 1}
		attempt := report.Attempt{Kind: name, Outcome: "allow", Wanted: "deny", Target: rule, Containers: []string{name}, Control: rule, Layers: [][]string{{rule}}, Position: at, Problem: message,
			Places: []report.Place{{Artifact: file, Place: reason, Message: message, Policy: []report.Setting{{Position: at, Control: rule}}}}}
		r := report.Result{
			Command: "check", Policy: &report.Policy{Name: name, Version: reason}, Severities: []string{report.Error, report.Warning},
			Findings: []report.Finding{finding, warning, suppressed}, Tests: []report.Test{{Name: name, Position: at, Attempts: []report.Attempt{attempt}}},
			Untested: []report.ControlAt{{Control: rule, Position: at}}, Inert: []report.ControlAt{{Control: rule, Position: at}},
			Exceptions: []report.Exception{{Name: name, Owner: reason, Ticket: rule, Expires: message, Reason: reason}}, Checked: &one, Files: &one,
			Skipped: []input.Skipped{{File: file, Line: 1, Reason: reason + name}}, Problems: []error{&input.Error{File: file, Line: 1, Problem: message}, errors.New(message)},
		}
		for _, format := range report.Formats() {
			text := written(t, format, r)
			if again := written(t, format, r); again != text {
				t.Errorf("%s: written again, it differs", format)
			}
			harmless(t, format, text)
			readable(t, format, text)
		}
	})
}

// written is a report as the command prints it: but for GitHub's commands, all of it goes through a LineWriter.
func written(t *testing.T, format string, r report.Result) string {
	t.Helper()
	var out, cleaned bytes.Buffer
	if err := report.Write(&out, format, r); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	if format == "github" {
		return out.String()
	}
	lines := report.NewLineWriter(&cleaned)
	if _, err := lines.Write(out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	return cleaned.String()
}

// harmless demands that nothing acts upon a report.
func harmless(t *testing.T, format, text string) {
	t.Helper()
	ours := map[string]int{"github": 7} // three findings, a test, what has no effect, and two problems
	commands := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") {
			commands++
		}
	}
	if commands != ours[format] {
		t.Errorf("%s: %d commands\n%q", format, commands, text)
	}
	for _, command := range []string{"##[", "##vso["} {
		if strings.Contains(text, command) {
			t.Errorf("%s: %q is written as it stands", format, command)
		}
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("%s: %q is written as it stands\n%q", format, r, text)
		}
	}
}

// readable demands that a report in a format of others is one.
func readable(t *testing.T, format, text string) {
	t.Helper()
	switch format {
	case "json", "sarif", "gitlab":
		if !json.Valid([]byte(text)) {
			t.Errorf("%s is not JSON:\n%s", format, text)
		}
	case "jsonl":
		for line := range strings.Lines(text) {
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
	case "junit":
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
		}
	}
}

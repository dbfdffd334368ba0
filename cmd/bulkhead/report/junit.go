package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

// The elements of JUnit's XML that CI systems read.
type suite struct {
	XMLName  xml.Name   `xml:"testsuite"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	File    string   `xml:"file,attr,omitempty"`
	Line    int      `xml:"line,attr,omitempty"`
	Failure *failure `xml:"failure"`
	Error   *failure `xml:"error"`
	Skipped *failure `xml:"skipped"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (s *suite) add(c testCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (s *suite) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func testJUnit(w io.Writer, r *trial.Report, p *lang.Program) error {
	s := &suite{Name: "bulkhead test " + p.Policy.Name}
	for _, t := range r.Tests {
		c := testCase{Name: t.Name, Class: p.Policy.Name, File: p.Path(t.Range.Filename), Line: t.Range.Start.Line}
		var problems []string
		for _, a := range t.Attempts {
			if !a.Passed() {
				problems = append(problems, fmt.Sprintf("%s: %s%s: %s", positionOf(a.Range, p), a.Kind, by(a), a.Problem))
			}
		}
		if !t.Passed() && len(problems) == 0 {
			problems = []string{"nothing was tried"}
		}
		if len(problems) > 0 {
			c.Failure = &failure{Message: firstLine(problems[0]), Text: strings.Join(problems, "\n")}
		}
		s.add(c)
	}
	for _, u := range r.Inert {
		message := u.Control + " changes no artifact"
		s.add(testCase{Name: u.Control, Class: p.Policy.Name, File: p.Path(u.Range.Filename), Line: u.Range.Start.Line, Failure: &failure{Message: message, Text: message}})
	}
	return s.write(w)
}

// checkJUnit prints a case for each finding, and one for all that was checked
// without any, so that a clean run is not an empty one.
func checkJUnit(w io.Writer, r check.Result, _ *lang.Program) error {
	s := &suite{Name: "bulkhead check"}
	for _, f := range r.Findings {
		c := testCase{Name: strings.TrimSpace(resource(f) + " " + f.Control), Class: f.Control, File: f.File, Line: f.Line}
		text := fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
		switch {
		case f.Suppressed != nil:
			c.Skipped = &failure{Message: f.Severity + ", " + letThrough(f) + ": " + f.Message, Text: text}
		case f.Severity == check.Error:
			c.Failure = &failure{Message: f.Message, Text: text}
		default:
			c.Skipped = &failure{Message: "warning: " + f.Message, Text: text}
		}
		s.add(c)
	}
	for _, sk := range r.Skipped {
		s.add(testCase{Name: skippedAt(sk), Class: "skipped", File: sk.File, Line: sk.Line, Skipped: &failure{Message: sk.Reason}})
	}
	for _, err := range r.Problems {
		s.add(testCase{Name: firstLine(err.Error()), Class: "unusable", Error: &failure{Message: firstLine(err.Error()), Text: err.Error()}})
	}
	if len(r.Findings) == 0 && len(r.Problems) == 0 && r.Checked > 0 {
		s.add(testCase{Name: fmt.Sprintf("%d checked", r.Checked), Class: "bulkhead check"})
	}
	return s.write(w)
}

// resource names what a finding is about: an object, or of a plan the file.
func resource(f check.Finding) string { return cmp.Or(f.Resource.String(), f.File) }

func firstLine(s string) string { line, _, _ := strings.Cut(s, "\n"); return line }

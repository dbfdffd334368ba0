package report

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

func init() { formats["junit"] = junit }

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

// junit prints a case for each test and each finding, and one for all that was
// checked without any, so that a clean run is not an empty one.
func junit(w *bufio.Writer, r Result) error {
	s := &suite{Name: r.title()}
	s.addTests(r)
	for _, f := range r.Findings {
		s.add(r.caseOf(f))
	}
	for _, sk := range r.Skipped {
		s.add(testCase{Name: Position{sk.File, sk.Line}.String(), Class: "skipped", File: sk.File, Line: sk.Line, Skipped: &failure{Message: sk.Reason}})
	}
	for _, err := range r.Problems {
		s.add(testCase{Name: firstLine(err.Error()), Class: "unusable", Error: &failure{Message: firstLine(err.Error()), Text: err.Error()}})
	}
	if looked := r.looked(); len(r.Findings) == 0 && len(r.Problems) == 0 && looked != "" {
		s.add(testCase{Name: looked, Class: s.Name})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	var text bytes.Buffer
	e := xml.NewEncoder(&text)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(text.String(), "&#x%x;")+"\n")
	return err
}

func (s *suite) addTests(r Result) {
	class := s.Name
	if r.Policy != nil {
		class = r.Policy.Name
	}
	for _, t := range r.Tests {
		c := testCase{Name: t.Name, Class: class, File: t.Position.File, Line: t.Position.Line}
		var problems []string
		for _, a := range t.Attempts {
			if !a.Passed {
				problems = append(problems, fmt.Sprintf("%s: %s%s: %s", a.Position, a.Kind, a.by(), a.Problem))
			}
		}
		if !t.Passed && len(problems) == 0 {
			problems = []string{nothingTried}
		}
		if len(problems) > 0 {
			c.Failure = &failure{Message: firstLine(problems[0]), Text: strings.Join(problems, "\n")}
		}
		s.add(c)
	}
	for _, u := range r.Inert {
		message := u.Control + " " + changesNothing
		s.add(testCase{Name: u.Control, Class: class, File: u.File, Line: u.Line, Failure: &failure{Message: message, Text: message}})
	}
}

func (r Result) caseOf(f Finding) testCase {
	c := testCase{Name: strings.TrimSpace(f.subject() + " " + f.Rule), Class: f.Rule, File: f.File, Line: f.Line}
	text := fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
	switch {
	case f.Suppressed != nil:
		c.Skipped = &failure{Message: f.Severity + ", " + f.suppression() + ": " + f.Message, Text: text}
	case r.fails(f):
		c.Failure = &failure{Message: f.Message, Text: text}
	default:
		c.Skipped = &failure{Message: f.Severity + ": " + f.Message, Text: text}
	}
	return c
}

// looked says how much was looked at; "" of nothing.
func (r Result) looked() string {
	switch {
	case r.Checked != nil && *r.Checked > 0:
		return fmt.Sprintf("%d checked", *r.Checked)
	case r.Files != nil && *r.Files > 0:
		return count(*r.Files, "file") + " read"
	}
	return ""
}

func firstLine(s string) string { line, _, _ := strings.Cut(s, "\n"); return line }

// Package report prints the result of a command: for people, for programs and for
// CI systems. A command fills a Result; each format is one file that renders any
// Result.
package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Version is Bulkhead's own.
const Version = "0.1.0"

// Severities of findings.
const (
	Error   = check.Error
	Warning = check.Warning
	Note    = "note" // good to know; nothing need be changed
)

// Result is what a command found. What a command does not have stays nil, and
// reports leave it out; what is empty is reported as none.
type Result struct {
	Command    string   // the command's name: "check"
	Policy     *Policy  // the policy that the result is about; nil where reports do not name it
	Severities []string // that findings of the command can have, the worst first, which fails
	Findings   []Finding
	Tests      []Test
	Untested   []ControlAt // settings that no passing test covers
	Inert      []ControlAt // settings that have no effect: they fail
	Exceptions []Exception // that are in force
	Checked    *int        // how many objects and plans were judged
	Files      *int        // how many files were read
	Skipped    []input.Skipped
	Problems   []error // inputs that could not be used; some are *input.Error
}

// Policy names a policy.
type Policy struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Position is a line of a file; line 0 is the whole file.
type Position struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// String is as compilers write it: FILE:LINE.
func (p Position) String() string {
	if p.Line == 0 && p.File != "" {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// Finding is one thing that somebody may have to change.
type Finding struct {
	Rule     string // the control or lint behind it; "" where none explains it
	Lint     bool   // the rule is a lint, which Summary explains, and not a control
	Summary  string // the lint's title
	Severity string
	Message  string
	Position
	Column  int    // from 1; 0: not known
	Source  string // the line's text; "": not known
	Related Position
	// Resource and Container are the object of a manifest.
	Resource  check.Resource
	Container string
	// Place and Subject are the part of an artifact.
	Place, Subject string
	Fingerprint    string // stays the same while lines move; equal findings have equal ones
	ID             string // what check --explain takes; "" where it explains nothing
	Suppressed     *check.Suppression
}

// Test is a test, with what came of its attempts.
type Test struct {
	Name     string    `json:"name"`
	Passed   bool      `json:"passed"`
	Position Position  `json:"policy"`
	Attempts []Attempt `json:"attempts"`
}

// Attempt is what the artifacts of one target say of one attempt.
type Attempt struct {
	Kind       string     `json:"kind"`
	Passed     bool       `json:"passed"`
	Outcome    string     `json:"outcome"`
	Wanted     string     `json:"wanted"` // "" where nobody expects anything
	Target     string     `json:"target"`
	Containers []string   `json:"containers"`
	Control    string     `json:"control,omitempty"`
	Layers     [][]string `json:"layers"` // the controls behind a refusal, the outermost first
	Layer      int        `json:"-"`      // of the layers, the one of the control
	SecondLine bool       `json:"secondLine"`
	Places     []Place    `json:"places"`
	Position   Position   `json:"policy"`
	Problem    string     `json:"problem,omitempty"` // why it failed
}

// Place is a part of an artifact that decided, and the settings that it comes from.
type Place struct {
	Artifact string    `json:"artifact"`
	Place    string    `json:"place"`
	Message  string    `json:"message"`
	Policy   []Setting `json:"policy"`
}

// Setting is a line of a policy, with its control where that is known.
type Setting struct {
	Position
	Control string `json:"control,omitempty"`
}

// ControlAt is a control that a policy sets.
type ControlAt struct {
	Control string `json:"control"`
	Position
}

// Exception is one of a policy's.
type Exception struct {
	Name    string `json:"name"`
	Owner   string `json:"owner"`
	Ticket  string `json:"ticket"`
	Expires string `json:"expires"`
	Reason  string `json:"reason"`
}

func exceptionOf(e *policy.Exception) Exception {
	return Exception{e.Name, e.Owner, e.Ticket, e.Expires, e.Reason}
}

// positionOf gives a place in the policy by the name that its user knows it by.
func positionOf(r hcl.Range, p *lang.Program) Position {
	if r.Filename == "" {
		return Position{}
	}
	return Position{p.Path(r.Filename), r.Start.Line}
}

// formats are those that files of this package register, by name.
var formats = map[string]func(*bufio.Writer, Result) error{}

// withoutSkipped are the formats that have no place for what was skipped.
var withoutSkipped = map[string]bool{}

// ShowsSkipped reports whether a format has a place for what was skipped; where not, the command prints it elsewhere.
func ShowsSkipped(format string) bool { return !withoutSkipped[format] }

// Formats lists the names of all formats.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// Write prints a result in a format.
func Write(out io.Writer, format string, r Result) error {
	write, ok := formats[format]
	if !ok {
		return fmt.Errorf("no format is called %q; there are %s", format, strings.Join(Formats(), ", "))
	}
	w := bufio.NewWriter(out)
	if err := write(w, r); err != nil {
		return err
	}
	return w.Flush()
}

// longestText is how many bytes of a message, name or reason are printed: texts of inputs may be as long as the inputs.
const longestText = 1000

// Cut shortens a text of an input to what is printed: of a long one the middle is left out, because messages begin with what is
// wrong and end with what it must be.
func Cut(s string) string {
	if len(s) <= longestText {
		return s
	}
	const head, tail = longestText * 7 / 10, longestText * 3 / 10
	return fmt.Sprintf("%s… (%d bytes left out) …%s", strings.ToValidUTF8(s[:head], ""), len(s)-head-tail, strings.ToValidUTF8(s[len(s)-tail:], ""))
}

// cutError is an error of which no more is printed than of other texts.
type cutError struct{ error }

func (e cutError) Error() string { return Cut(e.error.Error()) }
func (e cutError) Unwrap() error { return e.error }

// Cut shortens what comes from inputs and artifacts; a policy's tests are its author's. Fingerprints stay those of the whole texts.
func (r Result) Cut() Result {
	r.Findings, r.Skipped, r.Problems = slices.Clone(r.Findings), slices.Clone(r.Skipped), slices.Clone(r.Problems)
	for i := range r.Findings {
		f := &r.Findings[i]
		cut(&f.Message, &f.Container, &f.Place, &f.Subject, &f.Resource.Kind, &f.Resource.Namespace, &f.Resource.Name)
	}
	for i := range r.Skipped {
		cut(&r.Skipped[i].Reason)
	}
	for i, err := range r.Problems {
		r.Problems[i] = cutError{err}
	}
	r.Tests = slices.Clone(r.Tests)
	for i := range r.Tests {
		r.Tests[i].Attempts = slices.Clone(r.Tests[i].Attempts)
		for j := range r.Tests[i].Attempts {
			a := &r.Tests[i].Attempts[j]
			a.Places = slices.Clone(a.Places)
			for k := range a.Places {
				cut(&a.Places[k].Message, &a.Places[k].Place)
			}
		}
	}
	return r
}

func cut(texts ...*string) {
	for _, s := range texts {
		*s = Cut(*s)
	}
}

// title names the run.
func (r Result) title() string {
	if r.Policy == nil {
		return "bulkhead " + r.Command
	}
	return "bulkhead " + r.Command + " " + r.Policy.Name
}

// Failed reports whether a finding of the worst severity counts, a test failed, or
// a setting has no effect.
func (r Result) Failed() bool {
	_, failed := r.tests()
	return failed > 0 || len(r.Inert) > 0 || slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Suppressed == nil && r.fails(f) })
}

// fails reports whether a finding has the worst severity of its command.
func (r Result) fails(f Finding) bool { return len(r.Severities) > 0 && f.Severity == r.Severities[0] }

// tests gives the numbers of passed and failed tests.
func (r Result) tests() (passed, failed int) {
	for _, t := range r.Tests {
		if t.Passed {
			passed++
		} else {
			failed++
		}
	}
	return passed, failed
}

// all are the findings, and what failed of tests as findings, for formats that
// have no tests.
func (r Result) all() []Finding {
	out := slices.Clip(r.Findings)
	for _, t := range r.Tests {
		failed := slices.DeleteFunc(slices.Clone(t.Attempts), func(a Attempt) bool { return a.Passed })
		for _, a := range failed {
			out = append(out, testFinding(a.Control, a.Kind+a.by()+": "+a.Problem, a.Position, t.Name))
		}
		if !t.Passed && len(failed) == 0 {
			out = append(out, testFinding("", nothingTried, t.Position, t.Name))
		}
	}
	for _, c := range r.Inert {
		out = append(out, testFinding(c.Control, c.Control+" "+changesNothing, c.Position, ""))
	}
	return out
}

const (
	nothingTried   = "nothing was tried"
	changesNothing = "changes no artifact"
	// failedTest is the rule of tests that fail and name no control.
	failedTest = "bulkhead.test"
)

func testFinding(control, message string, at Position, test string) Finding {
	f := Finding{Rule: control, Severity: Error, Message: message, Position: at}
	if control == "" {
		f.Rule, f.Lint, f.Summary = failedTest, true, "A test of the policy fails"
	}
	f.Fingerprint = check.Finding{Control: f.Rule, Message: message, File: at.File, Path: []string{test}}.Fingerprint()
	return f
}

// subject names what a finding is about: an object, or else the file.
func (f Finding) subject() string {
	if name := f.Resource.String(); name != "" {
		return name
	}
	return f.File
}

// undecided is the rule of findings that no control explains.
const undecided = "bulkhead.undecided"

// rule names what is behind a finding.
func (f Finding) rule() string {
	if f.Rule == "" {
		return undecided
	}
	return f.Rule
}

// suppression says why a finding that is suppressed does not count.
func (f Finding) suppression() string {
	s := f.Suppressed
	if e := s.Exception; e != nil {
		return fmt.Sprintf("let through by the exception %q of %s until %s (%s): %s", e.Name, e.Owner, e.Expires, e.Ticket, e.Reason)
	}
	return fmt.Sprintf("let through by a %s: %s", s.By, s.Reason)
}

// unique gives a function that tells fingerprints of equal findings apart.
func unique() func(Finding) string {
	seen := map[string]int{}
	return func(f Finding) string {
		seen[f.Fingerprint]++
		if n := seen[f.Fingerprint]; n > 1 {
			return fmt.Sprintf("%s-%d", f.Fingerprint, n)
		}
		return f.Fingerprint
	}
}

// by says who judged an attempt, for whom.
func (a Attempt) by() string {
	out := ""
	if a.Target != "" {
		out = ", judged by " + a.Target
	}
	if len(a.Containers) > 0 {
		out += " for " + list(a.Containers)
	}
	return out
}

func list(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

package report

import (
	"encoding/json"
	"io"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

type testsJSON struct {
	Policy     policyJSON      `json:"policy"`
	Tests      []testOutcome   `json:"tests"`
	Untested   []controlAt     `json:"untested"`
	Inert      []controlAt     `json:"inert"`
	Exceptions []exceptionJSON `json:"exceptions"`
	Passed     int             `json:"passed"`
	Failed     int             `json:"failed"`
}

type policyJSON struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type exceptionJSON struct {
	Name    string `json:"name"`
	Owner   string `json:"owner"`
	Ticket  string `json:"ticket"`
	Expires string `json:"expires"`
	Reason  string `json:"reason"`
}

type controlAt struct {
	Control string `json:"control"`
	position
}

type testOutcome struct {
	Name     string        `json:"name"`
	Passed   bool          `json:"passed"`
	Policy   position      `json:"policy"`
	Attempts []attemptJSON `json:"attempts"`
}

type attemptJSON struct {
	Kind       string      `json:"kind"`
	Passed     bool        `json:"passed"`
	Outcome    string      `json:"outcome"`
	Wanted     string      `json:"wanted"`
	Target     string      `json:"target"`
	Containers []string    `json:"containers"`
	Control    string      `json:"control,omitempty"`
	Layers     [][]string  `json:"layers"`
	SecondLine bool        `json:"secondLine"`
	Places     []placeJSON `json:"places"`
	Policy     position    `json:"policy"`
	Problem    string      `json:"problem,omitempty"`
}

type placeJSON struct {
	Artifact string     `json:"artifact"`
	Place    string     `json:"place"`
	Message  string     `json:"message"`
	Policy   []position `json:"policy"`
}

func testJSON(w io.Writer, r *trial.Report, p *lang.Program) error {
	out := testsJSON{Policy: policyJSON{p.Policy.Name, p.Policy.Version}, Tests: []testOutcome{}, Untested: controlsAt(r.Untested, p), Inert: controlsAt(r.Inert, p), Exceptions: []exceptionJSON{}}
	out.Passed, out.Failed = r.Counts()
	for _, e := range p.Policy.Exceptions {
		out.Exceptions = append(out.Exceptions, exceptionJSON{e.Name, e.Owner, e.Ticket, e.Expires, e.Reason})
	}
	for _, t := range r.Tests {
		o := testOutcome{Name: t.Name, Passed: t.Passed(), Policy: positionOf(t.Range, p), Attempts: []attemptJSON{}}
		for _, a := range t.Attempts {
			o.Attempts = append(o.Attempts, attemptOf(a, p))
		}
		out.Tests = append(out.Tests, o)
	}
	return encode(w, out)
}

func attemptOf(a *trial.AttemptResult, program *lang.Program) attemptJSON {
	out := attemptJSON{
		Kind: a.Kind, Passed: a.Passed(), Outcome: a.Outcome, Wanted: a.Wanted, Target: a.Target, Containers: append([]string{}, a.Containers...),
		Control: a.Control, Layers: append([][]string{}, a.Layers...), SecondLine: a.SecondLine, Places: []placeJSON{}, Policy: positionOf(a.Range, program), Problem: a.Problem,
	}
	for _, p := range a.Locations {
		place := placeJSON{Artifact: p.Artifact, Place: p.Location, Message: p.Message, Policy: []position{}}
		for _, r := range p.Sources {
			place.Policy = append(place.Policy, positionOf(r, program))
		}
		out.Places = append(out.Places, place)
	}
	return out
}

func controlsAt(list []trial.Untested, p *lang.Program) []controlAt {
	out := []controlAt{}
	for _, u := range list {
		out = append(out, controlAt{u.Control, positionOf(u.Range, p)})
	}
	return out
}

type checkOutcome struct {
	Findings []findingJSON `json:"findings"`
	Checked  int           `json:"checked"`
	Skipped  []skippedJSON `json:"skipped"`
	Errors   []string      `json:"errors,omitempty"`
}

type findingJSON struct {
	Control   string       `json:"control"`
	Severity  string       `json:"severity"`
	Message   string       `json:"message"`
	Resource  resourceJSON `json:"resource"`
	Container string       `json:"container"`
	File      string       `json:"file"`
	Line      int          `json:"line"`
	Column    int          `json:"column"`
	Policy    position     `json:"policy"`
	// Fingerprint stays the same while lines move.
	Fingerprint string           `json:"fingerprint"`
	Suppressed  *suppressionJSON `json:"suppressed,omitempty"`
}

type suppressionJSON struct {
	By        string         `json:"by"`
	Reason    string         `json:"reason"`
	Exception *exceptionJSON `json:"exception,omitempty"`
}

type resourceJSON struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type skippedJSON struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Reason string `json:"reason"`
}

func checkJSON(w io.Writer, r check.Result, p *lang.Program) error {
	out := checkOutcome{Findings: []findingJSON{}, Checked: r.Checked, Skipped: []skippedJSON{}}
	seen := map[string]int{}
	for _, f := range r.Findings {
		finding := findingJSON{
			Control: f.Control, Severity: f.Severity, Message: f.Message, Resource: resourceJSON(f.Resource), Container: f.Container,
			File: f.File, Line: f.Line, Column: f.Column, Policy: positionOf(f.Policy, p), Fingerprint: unique(f, seen),
		}
		if s := f.Suppressed; s != nil {
			finding.Suppressed = &suppressionJSON{By: s.By, Reason: s.Reason}
			if e := s.Exception; e != nil {
				finding.Suppressed.Exception = &exceptionJSON{e.Name, e.Owner, e.Ticket, e.Expires, e.Reason}
			}
		}
		out.Findings = append(out.Findings, finding)
	}
	for _, s := range r.Skipped {
		out.Skipped = append(out.Skipped, skippedJSON{s.File, s.Line, s.Reason})
	}
	for _, err := range r.Problems {
		out.Errors = append(out.Errors, err.Error())
	}
	return encode(w, out)
}

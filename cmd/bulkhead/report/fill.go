package report

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

// OfCheck is what bulkhead check found.
func OfCheck(r check.Result, p *lang.Program) Result {
	out := Result{
		Command: "check", Severities: []string{Error, Warning}, Findings: make([]Finding, len(r.Findings)),
		Checked: &r.Checked, Skipped: append([]input.Skipped{}, r.Skipped...), Problems: r.Problems,
	}
	for i, f := range r.Findings {
		out.Findings[i] = checkFinding(f, p)
	}
	return out
}

func checkFinding(f check.Finding, p *lang.Program) Finding {
	fingerprint := f.Fingerprint() // which costs more than the rest
	return Finding{
		Rule: f.Control, Severity: f.Severity, Message: f.Message, Position: Position{f.File, f.Line}, Column: f.Column, Source: f.Source,
		Related: positionOf(f.Policy, p), Resource: f.Resource, Container: f.Container, Fingerprint: fingerprint, ID: check.ShortID(fingerprint), Suppressed: f.Suppressed,
	}
}

// OfTests is what came of a policy's tests.
func OfTests(r *trial.Report, p *lang.Program) Result {
	out := Result{
		Command: "test", Policy: &Policy{p.Policy.Name, p.Policy.Version}, Severities: []string{Error}, Tests: []Test{},
		Untested: controlsAt(r.Untested, p), Inert: controlsAt(r.Inert, p), Exceptions: []Exception{},
	}
	for _, e := range p.Policy.Exceptions {
		out.Exceptions = append(out.Exceptions, exceptionOf(e))
	}
	for _, t := range r.Tests {
		test := Test{t.Name, t.Passed(), positionOf(t.Range, p), []Attempt{}}
		for _, a := range t.Attempts {
			test.Attempts = append(test.Attempts, attemptOf(a, p))
		}
		out.Tests = append(out.Tests, test)
	}
	return out
}

func attemptOf(a *trial.AttemptResult, p *lang.Program) Attempt {
	out := Attempt{
		Kind: a.Kind, Passed: a.Passed(), Outcome: a.Outcome, Wanted: a.Wanted, Target: a.Target, Containers: append([]string{}, a.Containers...),
		Control: a.Control, Layers: append([][]string{}, a.Layers...), Layer: a.Layer, SecondLine: a.SecondLine, Places: []Place{},
		Position: positionOf(a.Range, p), Problem: a.Problem,
	}
	for _, from := range a.Locations {
		place := Place{from.Artifact, from.Location, from.Message, []Setting{}}
		for _, r := range from.Sources {
			place.Policy = append(place.Policy, Setting{Position: positionOf(r, p)})
		}
		out.Places = append(out.Places, place)
	}
	return out
}

func controlsAt(list []trial.Untested, p *lang.Program) []ControlAt {
	out := []ControlAt{}
	for _, u := range list {
		out = append(out, ControlAt{u.Control, positionOf(u.Range, p)})
	}
	return out
}

// OfLint is an empty result of bulkhead lint, to which artifacts are added.
func OfLint() Result {
	return Result{Command: "lint", Severities: []string{Warning, Note}, Findings: []Finding{}, Files: new(int)}
}

// AddLinted adds what lints say of an artifact.
func (r *Result) AddLinted(file string, notes []target.Diagnostic) {
	*r.Files++
	for _, n := range notes {
		severity := Note
		if n.Warning {
			severity = Warning
		}
		r.Findings = append(r.Findings, Finding{
			Rule: n.Lint, Lint: true, Summary: n.Summary, Severity: severity, Message: n.Message, Position: Position{file, n.Line}, Column: n.Column,
			Place: n.Location, Subject: n.Subject,
			Fingerprint: check.Finding{Control: n.Lint, Message: n.Message, File: file, Path: []string{n.Location, n.Subject}}.Fingerprint(),
		})
	}
}

// OfJudge is an empty result of bulkhead judge, to which verdicts are added.
func OfJudge() Result { return Result{Command: "judge", Tests: []Test{}} }

// AddVerdict adds a target's verdict on an attempt, which stands on a line.
// Statements gives the settings that a finding comes from. Of objects to which the
// artifacts do not apply, it reports why.
func (r *Result) AddVerdict(at Position, kind, target string, v target.Verdict, statements func(target.Finding) []target.ManifestOrigin) {
	a := Attempt{Kind: kind, Passed: true, Outcome: v.Outcome.String(), Target: target, Containers: []string{}, Layers: [][]string{}, Places: []Place{}, Position: at}
	for _, f := range v.Findings {
		place := Place{f.Artifact, f.Location, f.Message, []Setting{}}
		for _, o := range statements(f) {
			place.Policy = append(place.Policy, Setting{Position{o.File, o.Line}, o.Control})
		}
		a.Places = append(a.Places, place)
	}
	for _, s := range v.Skipped {
		a.Places = append(a.Places, Place{Message: fmt.Sprintf("/%s is skipped: %s", strings.Join(s.Path, "/"), s.Message), Policy: []Setting{}})
	}
	r.Tests = append(r.Tests, Test{at.String(), true, at, []Attempt{a}})
}

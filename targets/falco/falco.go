// Package falco compiles a policy into Falco rules that report what the policy
// refuses, and judges events by rules files.
package falco

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

// Target is the Falco target.
type Target struct{}

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "falco", Layer: target.Detection, Default: true,
		Facts:      []platform.Definition{platform.Architectures, platform.APIServer, platform.Networks},
		Extensions: []string{".yaml", ".yml"},
	}
}

// Kinds are events.
func (Target) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindEvent} }

// Support says how far the rules show violations of a statement. They prevent
// nothing: the mode is Detects.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	if s.Control == nil {
		return target.Support{Level: target.NotApplicable}
	}
	how, special := specials[s.Control.ID]
	if special && s.Control.Scope == control.OfPolicy {
		return how.support(p, s)
	}
	if s.Container == nil {
		return target.Support{Level: target.NotApplicable}
	}
	watched := watcherOf(s.Control, s.Container) != nil
	if !watched && !special {
		return target.Support{Level: target.NotApplicable}
	}
	if why := unwatched(s.Container); why != "" {
		return target.Support{Level: target.None, Reason: why}
	}
	switch {
	case special:
		return how.support(p, s)
	case priorityOf(s.Container) == "":
		return target.Support{Level: target.NotApplicable, Reason: "monitoring.violations is off."}
	}
	return watchOf(p, s.Container, s.Control).support()
}

// supportViolations is full where there is something to report: each control says
// for itself how far its violations are seen.
func supportViolations(p *policy.Policy, s policy.Statement) target.Support {
	for _, ctrl := range control.Controls() {
		if len(watchOf(p, s.Container, ctrl).clauses) > 0 {
			return target.Support{Level: target.Full, Mode: control.Detects}
		}
	}
	return target.Support{Level: target.None, Reason: "Nothing that the policy refuses here shows in system calls, so there is nothing to report."}
}

// support is how far a watch sees the violations of its control.
func (w watch) support() target.Support {
	switch {
	case len(w.clauses) == 0 && w.gap == "":
		return target.Support{Level: target.NotApplicable}
	case len(w.clauses) == 0:
		return target.Support{Level: target.None, Reason: sentence(w.gap)}
	case w.gap != "":
		return target.Support{Level: target.Partial, Mode: control.Detects, Reason: sentence(w.gap)}
	}
	return target.Support{Level: target.Full, Mode: control.Detects}
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

func supportUndeclared(p *policy.Policy, _ policy.Statement) target.Support {
	if gravest(p) == "" {
		return target.Support{Level: target.NotApplicable, Reason: "monitoring.violations is off."}
	}
	return target.Support{Level: target.Full, Mode: control.Detects}
}

// supportDetections holds the author's conditions to Falco's grammar and fields.
// A condition that is wrong, or that no event can fulfil, is not held.
func supportDetections(_ *policy.Policy, s policy.Statement) target.Support {
	for _, it := range s.Setting.Items {
		d := it.Body.(*control.Detection)
		if err := checkDetection(d); err != nil {
			return target.Support{Level: target.None, Range: d.ConditionRange,
				Reason: fmt.Sprintf("The condition of monitoring.detect %q does not work in Falco (line and column within the condition): %v.", it.Key, err)}
		}
	}
	return target.Support{Level: target.Full, Mode: control.Detects}
}

func checkDetection(d *control.Detection) error {
	if _, ok := rules.ParsePriority(d.Priority); !ok {
		return fmt.Errorf("no priority is called %q", d.Priority)
	}
	return rules.CheckCondition(d.Condition)
}

// Load reads rules files as Falco loads them, in the order given. They must have a
// rule that could fire: a set of rules that is silent about everything proves
// nothing.
func (Target) Load(_ target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	var files []rules.File
	for _, a := range artifacts {
		files = append(files, rules.File{Name: a.Path, Body: a.Body})
	}
	set, err := rules.Load(files...)
	if err != nil {
		return nil, err
	}
	live := 0
	for _, r := range set.Rules {
		if r.Enabled && r.Skipped == "" {
			live++
		}
	}
	if live == 0 {
		return nil, errors.New("falco: no rule is enabled in these files, so no event could raise an alert")
	}
	return &judge{set}, nil
}

type judge struct{ set *rules.Ruleset }

// Judge tries an event. The findings name every rule that fires, in load order;
// with Falco's default `rule_matching: first` the first one is reported.
func (j *judge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	e, ok := a.(attempt.Event)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable}, nil
	}
	event, err := rules.NewEvent(e.Fields)
	if err != nil {
		return target.Verdict{}, err
	}
	result := j.set.Match(event)
	v := target.Verdict{Outcome: target.Silent}
	for _, f := range result.Fired {
		v.Outcome = target.Alert
		v.Findings = append(v.Findings, target.Finding{Artifact: f.Rule.File, Location: f.Rule.Name,
			Message: fmt.Sprintf("rule %q fires at priority %s", f.Rule.Name, f.Rule.Priority)})
	}
	if v.Outcome == target.Alert {
		return v, nil
	}
	for _, d := range result.Doubts {
		v.Outcome = target.Undecided
		v.Findings = append(v.Findings, target.Finding{Artifact: d.Rule.File, Location: d.Rule.Name,
			Message: "the condition is not modelled at " + strings.Join(d.Reasons, "; ")})
	}
	return v, nil
}

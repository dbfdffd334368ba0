package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// loaded is a target's artifacts, and their judge, who reads them when it is
// first asked: that costs more than judging a file.
type loaded struct {
	name      string // of the target
	judge     func() (target.Judge, error)
	artifacts []target.Artifact
	support   map[control.ID][]scope
}

// scope is where a target supports a control, and how far.
type scope struct {
	containers []string // policy.Container.ID; none: it is no control of containers
	level      target.Level
}

// supports gives how far the target supports a control in a container; Unknown
// where the policy does not say of which container it speaks.
func (l loaded) supports(id control.ID, container string) target.Level {
	for _, s := range l.support[id] {
		if len(s.containers) == 0 || slices.Contains(s.containers, container) {
			return s.level
		}
	}
	return target.Unknown
}

// judgesOf lists a build's judges of each kind of input, in the order in which
// they are asked: that of platform.targets, or else of the list of all targets.
func judgesOf(b *target.Build, environment target.Environment) map[attempt.Kind][]loaded {
	out := map[attempt.Kind][]loaded{}
	for _, t := range inOrder(b) {
		l := load(b, t, environment)
		for _, k := range t.Kinds() {
			out[k] = append(out[k], l)
		}
	}
	return out
}

// inOrder lists the judgers that a policy's inputs are asked of.
func inOrder(b *target.Build) []target.Judger {
	var out []target.Judger
	for _, t := range b.Targets {
		if j, ok := t.(target.Judger); ok && Needs(t) {
			out = append(out, j)
		}
	}
	listed := control.Value{Items: platform.Targets.Of(b.Policy.Platform)}.Keys()
	slices.SortStableFunc(out, func(x, y target.Judger) int {
		return cmp.Compare(slices.Index(listed, x.Info().Name), slices.Index(listed, y.Info().Name))
	})
	return out
}

func load(b *target.Build, t target.Judger, environment target.Environment) loaded {
	l := loaded{name: t.Info().Name, artifacts: b.Artifacts[t.Info().Name], support: map[control.ID][]scope{}}
	l.judge = sync.OnceValues(func() (target.Judge, error) {
		judge, err := t.Load(environment, l.artifacts)
		if err != nil {
			err = fmt.Errorf("%s cannot read what it emitted: %w", l.name, err)
		}
		return judge, err
	})
	for _, row := range b.Coverage.Rows {
		if c := row.Statement.Control; c != nil {
			s := scope{row.Containers, row.Supports[l.name].Level}
			if s.level == target.Full && !row.Supports[l.name].Enforces(row.Statement) {
				s.level = target.Partial
			}
			l.support[c.ID] = append(l.support[c.ID], s)
		}
	}
	return l
}

// responsible gives the judge whose findings of a control in a container count:
// the first with full support, else the first with some, else the first.
func responsible(judges []loaded, id control.ID, container string) int {
	best, at := target.None, 0
	for i, l := range judges {
		if level := l.supports(id, container); level > best {
			best, at = level, i
		}
	}
	return at
}

// needed lists the judges that are responsible for a control of the policy, and the
// first.
func needed(judges []loaded, rows []target.Row) []loaded {
	asked := map[int]bool{0: true}
	for _, row := range rows {
		if row.Statement.Control != nil && len(judges) > 1 {
			container := ""
			if len(row.Containers) > 0 {
				container = row.Containers[0] // all of them are supported alike
			}
			asked[responsible(judges, row.Statement.Control.ID, container)] = true
		}
	}
	var out []loaded
	for i, l := range judges {
		if asked[i] {
			out = append(out, l)
		}
	}
	return out
}

// answer is what one judge says of a document.
type answer struct {
	by       loaded
	outcome  target.Outcome
	reason   string // of an outcome that is Inapplicable
	findings []Finding
	skipped  []target.Finding // objects of the document to which no control applies
}

// ask has one judge judge a document. What is not allowed has at least one finding
// that is more than a warning, whatever the judge gives as reasons.
func (c *Checker) ask(ctx context.Context, l loaded, a attempt.Attempt, d *input.Document, read []input.Object) (answer, error) {
	judge, err := l.judge()
	if err != nil {
		return answer{}, err
	}
	v, err := judge.Judge(ctx, a)
	if err != nil {
		return answer{}, err
	}
	out := answer{by: l, outcome: v.Outcome, skipped: v.Skipped}
	if v.Outcome == target.Inapplicable {
		out.reason = nothingApplies(v)
		return out, nil
	}
	refused := slices.ContainsFunc(v.Findings, func(f target.Finding) bool { return !f.Warning })
	switch {
	case v.Outcome == target.Allow || refused:
	case v.Outcome == target.Undecided:
		v.Findings = append(v.Findings, target.Finding{Message: "the artifacts cannot decide this"})
	default:
		v.Findings = append(v.Findings, target.Finding{Message: "the artifacts refuse this, and do not say why"})
	}
	if len(v.Findings) == 0 {
		return out, nil
	}
	objects := c.byPath(read)
	for _, f := range v.Findings {
		found := c.finding(l, f, d, objects)
		if found.OfUndeclared() && len(read) > 0 {
			found.Message += c.missingLabels(objects, f.Path)
		}
		out.findings = append(out.findings, found)
	}
	return out, nil
}

// judge asks the judges of an attempt's kind: those that are needed for the
// policy's controls, or all. Nothing to say, and no judge, are listed as skipped.
func (c *Checker) judge(ctx context.Context, r *Result, a attempt.Attempt, d *input.Document, read []input.Object) (findings []Finding, skipped []target.Finding, ok bool) {
	judges := c.judges[a.Kind()]
	if len(judges) == 0 {
		r.Skipped = append(r.Skipped, input.Skipped{File: d.File, Line: int(d.Root.Line), Reason: fmt.Sprintf("none of the policy's targets judges a %s", a.Kind())})
		return nil, nil, false
	}
	if !c.all {
		judges = c.needed[a.Kind()]
	}
	var answers []answer
	for _, l := range judges {
		got, err := c.ask(ctx, l, a, d, read)
		if err != nil {
			var known *input.Error
			if !errors.As(err, &known) {
				err = fmt.Errorf("%s: %w", d.File, err)
			}
			r.Problems = append(r.Problems, err)
			return nil, nil, false
		}
		answers = append(answers, got)
	}
	if !slices.ContainsFunc(answers, func(a answer) bool { return a.outcome != target.Inapplicable }) {
		r.Skipped = append(r.Skipped, input.Skipped{File: d.File, Line: int(d.Root.Line), Reason: answers[0].reason})
		return nil, nil, false
	}
	if c.all {
		r.Problems = append(r.Problems, disagreements(answers)...)
		return strictest(answers), skippedByAll(answers), true
	}
	return counting(judges, answers), skippedByAll(answers), true
}

// skippedByAll lists the objects that no judge read: one that has nothing to say of
// the document read none.
func skippedByAll(answers []answer) []target.Finding {
	answers = slices.DeleteFunc(slices.Clone(answers), func(a answer) bool { return a.outcome == target.Inapplicable })
	out := slices.Clone(answers[0].skipped)
	for _, a := range answers[1:] {
		out = slices.DeleteFunc(out, func(f target.Finding) bool {
			return !slices.ContainsFunc(a.skipped, func(g target.Finding) bool { return slices.Equal(f.Path, g.Path) })
		})
	}
	return out
}

func nothingApplies(v target.Verdict) string {
	for _, f := range v.Findings {
		if f.Message != "" {
			return f.Message
		}
	}
	return "the policy does not apply to it: it is in another namespace, or has no pods"
}

// counting gives the findings of the judges that are responsible for them, and
// those that name no control, or a container for which the target's say is not
// known: nobody else may have found them.
func counting(judges []loaded, answers []answer) []Finding {
	if len(answers) == 1 {
		return answers[0].findings
	}
	var out []Finding
	for i, a := range answers {
		for _, f := range a.findings {
			ref, ok := control.ParseRef(f.Control)
			if !ok || a.by.supports(ref.ID, f.Subject) == target.Unknown || responsible(judges, ref.ID, f.Subject) == i {
				out = append(out, f)
			}
		}
	}
	return out
}

// subject is what judges have to agree on: a control in a container of an object.
type subject struct {
	resource           Resource
	control, container string
}

func (f Finding) subject() subject { return subject{f.Resource, f.Control, f.Container} }

// said gives what an answer comes to for each subject of its findings.
func (a answer) said() map[subject]target.Outcome {
	out := map[subject]target.Outcome{}
	for _, f := range a.findings {
		is := target.Deny
		if f.Severity == Warning {
			is = target.Allow
		} else if a.outcome == target.Undecided {
			is = target.Undecided
		}
		if before, ok := out[f.subject()]; ok {
			is = target.Stricter(before, is)
		}
		out[f.subject()] = is
	}
	return out
}

// of gives the answer for a subject, and whether its target has a say in it: full
// support of the control there.
func (a answer) of(said map[subject]target.Outcome, f Finding) (target.Outcome, bool) {
	if is, ok := said[f.subject()]; ok {
		return is, true
	}
	ref, ok := control.ParseRef(f.Control)
	if ok && a.by.supports(ref.ID, f.Subject) < target.Full {
		return 0, false
	}
	if a.outcome == target.Inapplicable || a.outcome == target.Undecided && !ok {
		return a.outcome, true
	}
	return target.Allow, true
}

// disagreements are errors: judges that have full support of a control and say
// different things of it. At most one of them is right.
func disagreements(answers []answer) []error {
	said := make([]map[subject]target.Outcome, len(answers))
	for i, a := range answers {
		said[i] = a.said()
	}
	var out []error
	seen := map[subject]bool{}
	for _, a := range answers {
		for _, f := range a.findings {
			if seen[f.subject()] {
				continue
			}
			seen[f.subject()] = true
			if problem := disagreement(answers, said, f); problem != "" {
				out = append(out, &input.Error{File: f.File, Line: f.Line, Problem: problem})
			}
		}
	}
	return out
}

// disagreement names the verdicts of all judges on what a finding is about; "" where
// they agree.
func disagreement(answers []answer, said []map[subject]target.Outcome, f Finding) string {
	var verdicts []string
	outcomes := map[target.Outcome]bool{}
	for i, a := range answers {
		if is, ok := a.of(said[i], f); ok {
			outcomes[is] = true
			verdicts = append(verdicts, fmt.Sprintf("%s says %s", a.by.name, is))
		}
	}
	if len(outcomes) < 2 {
		return ""
	}
	about := cmp.Or(f.Resource.String(), "the document")
	if f.Container != "" {
		about += ", container " + f.Container
	}
	if f.Control != "" {
		about += ", " + f.Control
	}
	return fmt.Sprintf("the judges disagree on %s: %s; the strictest counts. Please report this with the policy and the input", about, strings.Join(verdicts, ", "))
}

// strictest gives for each subject the findings of the first judge that is
// strictest about it.
func strictest(answers []answer) []Finding {
	worst, best := map[subject]target.Outcome{}, map[subject]int{}
	for i, a := range answers {
		for s, is := range a.said() {
			if before, ok := worst[s]; !ok || target.Stricter(before, is) != before {
				worst[s], best[s] = is, i
			}
		}
	}
	var out []Finding
	for i, a := range answers {
		for _, f := range a.findings {
			if best[f.subject()] == i {
				out = append(out, f)
			}
		}
	}
	return out
}

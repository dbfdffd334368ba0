package trial

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Options narrow what is run.
type Options struct {
	Run      *regexp.Regexp // names of tests; nil: all
	Limits   input.Limits   // of fixtures
	Progress func(done, total int)
}

// Run runs the tests against what the build emitted. The error is ours, or of a
// fixture that cannot be read.
func Run(ctx context.Context, b *target.Build, tests []*lang.Test, environment target.Environment, opts Options) (*Report, error) {
	r := &runner{ctx: ctx, workshop: newWorkshop(b, environment), limits: opts.Limits}
	report := &Report{}
	if opts.Run != nil {
		tests = slices.DeleteFunc(slices.Clone(tests), func(t *lang.Test) bool { return !opts.Run.MatchString(t.Name) })
	}
	if err := r.all(tests, report, opts.Progress); err != nil {
		return nil, err
	}
	if opts.Run == nil {
		if err := r.untested(report); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// all runs tests side by side, and reports them in their order.
func (r *runner) all(tests []*lang.Test, report *Report, progress func(done, total int)) error {
	runs := make([]runner, len(tests))
	results, errs := make([]*TestResult, len(tests)), make([]error, len(tests))
	var next atomic.Int64
	var telling sync.Mutex
	done := 0
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(tests)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(tests); i = int(next.Add(1)) - 1 {
				if progress != nil {
					telling.Lock()
					progress(done, len(tests))
					done++
					telling.Unlock()
				}
				runs[i] = runner{ctx: r.ctx, workshop: r.workshop, limits: r.limits}
				results[i], errs[i] = runs[i].test(tests[i])
			}
		})
	}
	workers.Wait()
	for i, result := range results {
		if errs[i] != nil {
			return errs[i]
		}
		report.Tests = append(report.Tests, result)
		r.proven = append(r.proven, runs[i].proven...)
	}
	return nil
}

type runner struct {
	ctx      context.Context
	workshop *workshop
	limits   input.Limits
	// proven are the controls that passing attempts name, of labelled blocks those
	// that decided.
	proven []control.Ref
}

func (r *runner) test(t *lang.Test) (*TestResult, error) {
	result := &TestResult{Name: t.Name, Range: t.Range}
	for _, a := range t.Attempts {
		attempts, err := r.attempts(a)
		if err != nil {
			return nil, err
		}
		if problem := r.showsNothing(attempts); problem != "" {
			failed := failure(a, nil, target.Undecided)
			failed.Problem = a.Fixture.Name + problem
			result.Attempts = append(result.Attempts, failed)
			continue
		}
		results, err := r.attempt(t, a, attempts)
		if err != nil {
			return nil, err
		}
		result.Attempts = append(result.Attempts, results...)
	}
	return result, nil
}

// attempts opens the fixture that an attempt is made of: a manifest gives one
// attempt for each document.
func (r *runner) attempts(a *lang.Attempt) ([]attempt.Attempt, error) {
	if a.Fixture == nil {
		return []attempt.Attempt{a.Value}, nil
	}
	body, err := a.Fixture.Read(r.limits.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Fixture.Name, err)
	}
	content := attempt.Content{File: a.Fixture.Name, Body: body, Limits: r.limits}
	if list := r.workshop.policy.Namespaces; len(list) == 1 {
		content.Namespace = list[0].Key
	}
	schema, _ := attempt.Lookup(a.Kind)
	return schema.Open(content)
}

// showsNothing says why judging manifests would show nothing, of all or of one of
// the objects; "" where they can be judged, and for other attempts.
func (r *runner) showsNothing(attempts []attempt.Attempt) string {
	found := false
	podPaths := r.workshop.environment.Platform.PodTemplatePaths()
	for _, a := range attempts {
		m, ok := a.(attempt.Manifest)
		if !ok {
			return ""
		}
		objects, _ := m.Document.Objects(podPaths)
		for _, o := range objects {
			judged, problem := r.examine(o, m.Namespace)
			if problem != "" {
				return fmt.Sprintf(":%d: %s", o.Node.Line, problem)
			}
			found = found || judged
		}
	}
	if found {
		return ""
	}
	return " holds no container and no node, so there is nothing that could be refused, and the test shows nothing"
}

// examine reports whether a control can apply to an object, and what is wrong with
// it: a pod is not where its kind has it, or the object is in a namespace that the
// policy does not have, or of a kind with containers that no control reads.
func (r *runner) examine(o input.Object, namespace string) (judged bool, problem string) {
	class, reason := o.Class()
	namespace = cmp.Or(o.Namespace, namespace)
	switch {
	case class == input.MalformedClass:
		return false, reason
	case class == input.UnsupportedClass && o.LooksLikePod():
		return false, reason + ", or leave the object out"
	case class == input.UnsupportedClass:
		return false, ""
	case class.Namespaced() && namespace != "" && !r.holds(namespace):
		return false, fmt.Sprintf("the %s %q is in the namespace %q, of which the policy says nothing", o.Kind, o.Name, namespace)
	case class == input.WorkloadClass:
		return slices.ContainsFunc(o.Pods(), hasContainers), ""
	}
	return true, ""
}

func hasContainers(p input.Pod) bool {
	return slices.ContainsFunc([]string{"containers", "initContainers", "ephemeralContainers"}, func(list string) bool {
		containers := p.Node.Get("spec").Get(list)
		return containers != nil && len(containers.Items) > 0
	})
}

// holds reports whether a namespace is the policy's; one that names none holds
// all.
func (r *runner) holds(namespace string) bool {
	list := r.workshop.policy.Namespaces
	return len(list) == 0 || slices.ContainsFunc(list, func(it control.Item) bool { return it.Key == namespace })
}

// attempt has every target that understands the attempt judge it, for every
// container that the test speaks of. All must agree.
func (r *runner) attempt(t *lang.Test, a *lang.Attempt, attempts []attempt.Attempt) ([]*AttemptResult, error) {
	var results []*AttemptResult
	answered := map[string]bool{}
	var asked []string
	for _, judger := range r.judgers(t, a.Kind) {
		cells, err := r.cells(t, a, judger)
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			asked = append(asked, c.containers...)
			result, err := r.cell(a, c, attempts)
			if err != nil {
				return nil, err
			}
			if result == nil {
				continue
			}
			results = append(results, result)
			for _, id := range c.containers {
				answered[id] = true
			}
		}
	}
	asked = slices.DeleteFunc(asked, func(id string) bool { return answered[id] || len(results) > 0 && r.excused(t, a.Kind, id) })
	if len(results) == 0 || len(asked) > 0 {
		slices.Sort(asked)
		results = append(results, unanswered(a, slices.Compact(asked)))
	}
	return results, nil
}

// unanswered is the failure of an attempt that no artifact speaks of, for all or
// for some containers: such a test shows nothing.
func unanswered(a *lang.Attempt, containers []string) *AttemptResult {
	where := "of this policy"
	if len(containers) > 0 {
		where = "that is for " + strings.Join(containers, ", ")
	}
	out := failure(a, containers, target.Inapplicable)
	out.Problem = "no artifact " + where + " understands the attempt, so the test shows nothing: add a target that does to platform.targets, or narrow or remove the test"
	return out
}

// failure is the result of an attempt that no target judged.
func failure(a *lang.Attempt, containers []string, o target.Outcome) *AttemptResult {
	return &AttemptResult{Kind: string(a.Kind), Range: a.Range, Containers: containers, Wanted: a.Expect, Control: name(a.Control), Outcome: o.String()}
}

func (r *runner) judgers(t *lang.Test, kind attempt.Kind) []target.Judger {
	var out []target.Judger
	for _, tg := range r.workshop.targets {
		judger, ok := tg.(target.Judger)
		narrowed := len(t.Targets) > 0 && !slices.ContainsFunc(t.Targets, func(it control.Item) bool { return it.Key == tg.Info().Name })
		if ok && !narrowed && slices.Contains(judger.Kinds(), kind) {
			out = append(out, judger)
		}
	}
	return out
}

// named reports whether a test says which containers it speaks of.
func named(t *lang.Test) bool { return t.Workload != "" || t.Container != "" }

// excused reports whether a test of every container need not hold for one: the
// targets that would answer cannot hold it, and an exception accepts that.
func (r *runner) excused(t *lang.Test, kind attempt.Kind, container string) bool {
	return !named(t) && slices.ContainsFunc(r.workshop.gaps, func(g target.Gap) bool {
		return slices.Contains(g.Containers, container) && slices.ContainsFunc(r.judgers(t, kind), func(j target.Judger) bool {
			return g.Supports[j.Info().Name].Level == target.None
		})
	})
}

// cell is a set of artifacts of one target that stands for some containers.
type cell struct {
	judger     target.Judger
	container  string // a representative; "" where artifacts are for all
	containers []string
	in         *attempt.Container // of an attempt that identifies its container; else nil
}

// cells groups the containers that a test speaks of by the artifacts that are
// for them, so that what is alike is judged once. An attempt that identifies its
// container is made in each, even though the artifacts are for all. Containers of
// Windows are left out.
func (r *runner) cells(t *lang.Test, a *lang.Attempt, judger target.Judger) ([]cell, error) {
	schema, _ := attempt.Lookup(a.Kind)
	identified := schema.Subject == attempt.InContainer
	artifacts, err := r.workshop.emit(judger, nil)
	if err != nil {
		return nil, err
	}
	perContainer := slices.ContainsFunc(artifacts, func(a target.Artifact) bool { return len(a.Containers) > 0 })
	if !perContainer && !identified {
		return []cell{{judger: judger}}, nil
	}
	var out []cell
	groups := map[string]int{}
	for c := range r.workshop.policy.Subjects() {
		if !speaksOf(t, c) || c.Workload.OS == "windows" {
			continue
		}
		if identified {
			if !named(t) && r.accepted(a.Control.ID, c.ID()) {
				continue
			}
			out = append(out, cell{judger: judger, containers: []string{c.ID()}, in: r.identify(c)})
			continue
		}
		key := bodies(artifacts, c.ID())
		i, ok := groups[key]
		if !ok {
			i = len(out)
			groups[key] = i
			out = append(out, cell{judger: judger, container: c.ID()})
		}
		out[i].containers = append(out[i].containers, c.ID())
	}
	return out, nil
}

// identify returns what identifies a container of the policy.
func (r *runner) identify(c *policy.Container) *attempt.Container {
	out := &attempt.Container{Name: c.Name, Workload: c.Workload.Name, Labels: c.Workload.Match}
	if c.Name == policy.AnyContainer {
		out.Name = ""
	}
	if list := r.workshop.policy.Namespaces; len(list) > 0 {
		out.Namespace = list[0].Key
	}
	return out
}

func speaksOf(t *lang.Test, c *policy.Container) bool {
	if t.Workload != "" && c.Workload.Name != t.Workload {
		return false
	}
	return t.Container == "" || c.Workload.Container(t.Container) == c
}

// cell judges the attempts with one set of artifacts. Nil means that they do not
// speak of any.
func (r *runner) cell(a *lang.Attempt, c cell, attempts []attempt.Attempt) (*AttemptResult, error) {
	parts, err := r.divide(c, attempts)
	if err != nil {
		return nil, err
	}
	var results []*AttemptResult
	for _, p := range parts {
		result, err := r.part(a, c, p)
		if err != nil {
			return nil, err
		}
		if result == nil {
			continue
		}
		if p.name != "" && !result.Passed() {
			result.Problem = p.name + ": " + result.Problem
		}
		results = append(results, result)
	}
	if len(results) == 0 {
		return nil, nil
	}
	out := together(results)
	if out.Passed() && a.Control.ID != "" {
		for _, result := range results {
			r.proven = append(r.proven, result.proved(a.Control)...)
		}
	}
	return out, nil
}

// part is what is judged as one: a whole attempt, the objects of a file, or a part
// of what an attempt stands for.
type part struct {
	name     string // "" where there is one only
	attempts []attempt.Attempt
	problem  string // why it cannot be asked; "" where it can
}

// divide gives the parts of attempts that the artifacts tell apart. What happens in a
// container happens in each of the policy's namespaces.
func (r *runner) divide(c cell, attempts []attempt.Attempt) ([]part, error) {
	if namespaces := r.workshop.policy.Namespaces; c.in != nil && len(namespaces) > 1 {
		return inEach(namespaces, *c.in, attempts), nil
	}
	j, err := r.workshop.judge(c.judger, c.container, nil)
	if err != nil {
		return nil, err
	}
	divider, ok := j.(target.Divider)
	if !ok {
		return []part{{attempts: attempts}}, nil
	}
	var out []part
	for _, a := range attempts {
		parts, err := divider.Divide(a)
		if err != nil {
			out = append(out, part{attempts: []attempt.Attempt{a}, problem: err.Error()})
		}
		for _, p := range parts {
			out = append(out, part{name: p.Name, attempts: []attempt.Attempt{p.Attempt}})
		}
	}
	return out, nil
}

// inEach gives the attempts in a container of each namespace.
func inEach(namespaces []control.Item, in attempt.Container, attempts []attempt.Attempt) []part {
	var out []part
	for _, ns := range namespaces {
		in.Namespace = ns.Key
		p := part{name: "in namespace " + ns.Key}
		for _, a := range attempts {
			if contained, ok := a.(attempt.Contained); ok {
				a = contained.In(in)
			}
			p.attempts = append(p.attempts, a)
		}
		out = append(out, p)
	}
	return out
}

// part judges one part. Nil means that the artifacts do not speak of it.
func (r *runner) part(a *lang.Attempt, c cell, p part) (*AttemptResult, error) {
	out := &AttemptResult{Kind: string(a.Kind), Range: a.Range, Target: c.judger.Info().Name, Containers: c.containers, Wanted: a.Expect, Control: name(a.Control)}
	if p.problem != "" {
		out.Outcome = target.Undecided.String()
		out.Problem = fmt.Sprintf("wanted %s, got %s%s", a.Expect, out.Outcome, because([]target.Finding{{Artifact: c.judger.Info().Name, Message: p.problem}}))
		return out, nil
	}
	verdict, err := r.judge(c, p.attempts, nil)
	if err != nil {
		return nil, err
	}
	if verdict.Outcome == target.Inapplicable {
		return nil, nil
	}
	out.Outcome = verdict.Outcome.String()
	artifacts, err := r.workshop.emit(c.judger, nil)
	if err != nil {
		return nil, err
	}
	out.Locations = places(artifacts, verdict.Findings)
	if out.Outcome != a.Expect {
		out.Problem = fmt.Sprintf("wanted %s, got %s%s", a.Expect, out.Outcome, because(verdict.Findings))
		return out, nil
	}
	if a.Expect == target.Deny.String() || a.Expect == target.Alert.String() {
		if err := r.ablate(a, c, p.attempts, verdict, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// maxNamed bounds the parts that a problem names.
const maxNamed = 5

// together is the result of all parts: that of the first, or where some fail, of
// the first that does, and each of these is named.
func together(results []*AttemptResult) *AttemptResult {
	out := *results[0]
	failed, problems := 0, []string{}
	for _, result := range results {
		if result.SecondLine && out.Passed() {
			out.SecondLine = true
		}
		if result.Passed() {
			continue
		}
		if failed++; failed == 1 {
			out = *result
		}
		if failed <= maxNamed {
			problems = append(problems, result.Problem)
		}
	}
	if failed > maxNamed {
		problems = append(problems, fmt.Sprintf("and %d more of %d parts", failed-maxNamed, len(results)))
	}
	out.Problem = strings.Join(problems, "\n")
	return &out
}

// judge gives one verdict of several attempts: of a manifest's objects, one that
// is refused refuses the file.
func (r *runner) judge(c cell, attempts []attempt.Attempt, loosened []control.Ref) (target.Verdict, error) {
	j, err := r.workshop.judge(c.judger, c.container, loosened)
	if err != nil || j == nil {
		return target.Verdict{Outcome: target.Inapplicable}, err
	}
	var all target.Verdict
	all.Outcome = target.Inapplicable
	for _, a := range attempts {
		v, err := j.Judge(r.ctx, r.workshop.inContext(a, c))
		if err != nil { // what was tried cannot be judged: that attempt fails, and the others go on
			v = target.Verdict{Outcome: target.Undecided, Findings: []target.Finding{{Artifact: c.judger.Info().Name, Message: err.Error()}}}
		}
		all.Findings = append(all.Findings, v.Findings...)
		all.Outcome = target.Stricter(all.Outcome, v.Outcome)
	}
	return all, nil
}

func places(artifacts []target.Artifact, findings []target.Finding) []Location {
	var out []Location
	for _, f := range findings {
		p := Location{Artifact: f.Artifact, Location: f.Location, Message: f.Message}
		for _, o := range target.Attribute(artifacts, f) {
			p.Sources = append(p.Sources, o.Range)
		}
		out = append(out, p)
	}
	return out
}

func because(findings []target.Finding) string {
	var messages []string
	for _, f := range findings {
		at := f.Artifact
		if f.Location != "" {
			at += " " + f.Location
		}
		messages = append(messages, fmt.Sprintf("\n  %s: %s", at, f.Message))
	}
	return strings.Join(messages, "")
}

func name(ref control.Ref) string {
	if ref.ID == "" {
		return ""
	}
	return ref.String()
}

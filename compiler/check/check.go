// Package check holds files that people deploy, manifests and plans, against a
// compiled policy: every document is judged by the artifacts, and every finding
// gets its place in the file and in the policy.
package check

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// File is one input.
type File struct {
	Name string
	Open func() ([]byte, error)
	// Partial is why the file holds no whole objects, and what to check in its place;
	// "" where it holds some. Only what it states is held against the policy, and not
	// what it leaves out; it is listed as skipped.
	Partial string
	// Searched is true where the file was found in a folder and not named, so that it may be empty.
	Searched bool
}

// Severity of a finding.
const (
	Error   = "error"   // refused
	Warning = "warning" // reported, by an exception of the policy
)

// Resource is what a finding is about.
type Resource struct {
	Kind, Namespace, Name string
}

// String is the kind and the name, as in "Pod shop/api"; "" of no object.
func (r Resource) String() string {
	name := r.Name
	if r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	return strings.TrimSpace(r.Kind + " " + name)
}

// Finding is one reason why something would not be admitted.
type Finding struct {
	Control   string
	Severity  string
	Message   string
	Resource  Resource
	Container string
	File      string
	Line      int
	Column    int
	// Source is the line's text, of a long line the 200 bytes around the column; "" where
	// the input is gone.
	Source string
	// Subject is the policy.Container.ID whose value is broken; "" of none.
	Subject string
	// Path leads through the document to what is wrong, or to what is missing.
	Path []string
	// Value is a digest of what the input states there; "" where it states nothing.
	Value  string
	Policy hcl.Range // where the policy says so
	// Undecided is what the artifacts could not decide, such as a value that is known
	// only after apply. No baseline has it: the next value may be any.
	Undecided bool
	// Suppressed is why the finding does not count; nil where it does.
	Suppressed *Suppression
}

// Fails reports whether the finding makes a check fail that fails on findings of
// a severity, or of a worse one. Those of exceptions are warnings.
func (f Finding) Fails(on string) bool {
	if f.Suppressed != nil && f.Suppressed.By != ByException {
		return false
	}
	return f.Severity == Error || on == Warning
}

// Fingerprint tells the finding from others and stays the same while lines and
// list elements move: it is made of the file, the object, the control, the names
// of the fields, what they state and what is said of them. Equal findings have equal ones.
func (f Finding) Fingerprint() string {
	h := sha256.New()
	parts := []string{f.File, f.Resource.Kind, f.Resource.Namespace, f.Resource.Name, f.Container, f.Control, f.Message}
	for _, part := range append(parts, f.Path...) {
		if !isIndex(part) {
			fmt.Fprintf(h, "%d:%s", len(part), part)
		}
	}
	if f.Value != "" {
		fmt.Fprintf(h, "value:%s", f.Value)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// isIndex reports whether a part of a path is a number. Most are names, of which the error
// that strconv.Atoi makes costs more than the rest of a fingerprint.
func isIndex(part string) bool {
	if part == "" || !strings.ContainsRune("+-0123456789", rune(part[0])) {
		return false
	}
	_, err := strconv.Atoi(part)
	return err == nil
}

// Result is what came of checking.
type Result struct {
	Findings []Finding
	Checked  int // objects and plans that were judged
	Skipped  []input.Skipped
	// Problems are inputs that could not be used. The others were checked all the
	// same.
	Problems []error
}

// Checker judges inputs. It is made once and is safe for concurrent use.
type Checker struct {
	policy      *policy.Policy
	environment target.Environment
	limits      input.Limits
	namespace   string
	podPaths    input.PodTemplatePaths
	judges      map[attempt.Kind][]loaded // in the order in which they are asked
	joiners     []joined
	needed      map[attempt.Kind][]loaded // those without whom a control would not be judged
	all         bool                      // all judges are asked, and have to agree
	partial     bool                      // what is checked are parts of objects
	allowEmpty  bool                      // an empty file is no problem
}

// Kinds are the attempts that are made from inputs.
var Kinds = attempt.DocumentKinds()

// Needs reports whether checking needs a target's artifacts.
func Needs(t target.Target) bool {
	if _, ok := t.(target.Joiner); ok {
		return true
	}
	j, ok := t.(target.Judger)
	return ok && slices.ContainsFunc(Kinds, func(k attempt.Kind) bool { return slices.Contains(j.Kinds(), k) })
}

// New finds the judges of a build. The namespace is that of objects which name
// none; where it is empty and the policy holds several, such objects are a
// problem.
func New(b *target.Build, environment target.Environment, namespace string, limits input.Limits) *Checker {
	c := &Checker{policy: b.Policy, environment: environment, limits: limits, namespace: namespace, podPaths: environment.Platform.PodTemplatePaths(), judges: judgesOf(b, environment), joiners: joinersOf(b, environment), needed: map[attempt.Kind][]loaded{}}
	for k, judges := range c.judges {
		c.needed[k] = needed(judges, b.Coverage.Rows)
	}
	if c.namespace == "" && len(b.Policy.Namespaces) == 1 {
		c.namespace = b.Policy.Namespaces[0].Key
	}
	if c.namespace == "" && len(b.Policy.Namespaces) == 0 {
		c.namespace = "default"
	}
	return c
}

// AskAll has every judge asked that understands an input, and not only those that
// are needed. Where two with full support of a control say different things, that
// is a problem, and the stricter verdict counts.
func (c *Checker) AskAll() { c.all = true }

// AllowEmpty has empty files listed as skipped. Otherwise they are problems: what was to
// write them may have failed.
func (c *Checker) AllowEmpty() { c.allowEmpty = true }

// longest is how much of a line is shown, in bytes. A document in one line is not.
const longest = 200

// sources gives findings the lines that they point at, of a long one what is around the column.
func sources(findings []Finding, body []byte) {
	if len(findings) == 0 {
		return
	}
	at := map[int][]*Finding{}
	for i := range findings {
		at[findings[i].Line] = append(at[findings[i].Line], &findings[i])
	}
	number := 0
	for line := range bytes.Lines(body) {
		number++
		here := at[number]
		if len(here) == 0 {
			continue
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > longest {
			excerpts(line, here)
			continue
		}
		for _, f := range here {
			f.Source = strings.ToValidUTF8(string(line), "")
		}
	}
}

// excerpts gives findings of a long line what is around their columns. The line is gone through once, however many they are.
func excerpts(line []byte, findings []*Finding) {
	slices.SortStableFunc(findings, func(a, b *Finding) int { return cmp.Compare(a.Column, b.Column) })
	column, at := 1, 0
	for _, f := range findings {
		for ; column < f.Column && at < len(line); column++ {
			_, size := utf8.DecodeRune(line[at:])
			at += size
		}
		f.Source = excerpt(line, at)
	}
}

// excerpt gives what is around a byte of a long line, with an ellipsis where something is left out.
func excerpt(line []byte, at int) string {
	const ellipsis = "…"
	const room = longest - 2*len(ellipsis)
	start := max(0, min(at-room/2, len(line)-room))
	end := start + room
	out := strings.ToValidUTF8(string(line[start:end]), "")
	if start > 0 {
		out = ellipsis + out
	}
	if end < len(line) {
		out += ellipsis
	}
	return out
}

// manifest judges the objects of a document.
func (c *Checker) manifest(ctx context.Context, r *fileResult, m attempt.Manifest) {
	d := m.Document
	objects, skipped := d.Objects(c.podPaths)
	r.Skipped = append(r.Skipped, skipped...)
	var read []input.Object
	for _, o := range objects {
		if a, ok := o.Addition(); ok && !c.partial && c.additionOf(r, a, d) {
			continue
		}
		switch class, reason := o.Class(); class {
		case input.UnsupportedClass:
			r.Skipped = append(r.Skipped, input.Skipped{File: d.File, Line: int(o.Node.Line), Reason: reason, Pods: o.MayHavePods() || o.Installs() != ""})
		case input.MalformedClass:
			if c.partial {
				continue
			}
			r.Problems = append(r.Problems, &input.Error{File: d.File, Line: int(o.Node.Line), Problem: reason})
		default:
			if o.Namespace == "" && c.namespace == "" && class.Namespaced() {
				r.Problems = append(r.Problems, &input.Error{File: d.File, Line: int(o.Node.Line), Problem: fmt.Sprintf("the %s %q states no namespace, and the policy holds several: give one with --namespace", o.Kind, o.Name)})
				return
			}
			read = append(read, o)
		}
	}
	if len(read) == 0 {
		return
	}
	problems := len(r.Problems)
	findings, skips, ok := c.judge(ctx, &r.Result, m, d, read)
	if ok {
		r.Checked += len(read)
	}
	if len(r.Problems) == problems && !c.partial {
		c.nearMisses(&r.Result, read)
	}
	if len(skips) > 0 {
		c.skip(&r.Result, d, skips, c.byPath(read), ok)
	}
	for _, found := range findings {
		if !c.partial || stated(found, d) {
			r.Findings = append(r.Findings, found)
		}
	}
}

// skip lists objects to which no control applies, and which may have been counted as
// checked.
func (c *Checker) skip(r *Result, d *input.Document, skips []target.Finding, at map[string]placed, counted bool) {
	for _, s := range skips {
		o, ok := at[pathKey(s.Path)]
		if !ok {
			continue
		}
		if counted {
			r.Checked--
		}
		class, _ := o.Class()
		skipped := input.Skipped{File: d.File, Line: int(o.Node.Line), Reason: s.Message, Pods: class == input.WorkloadClass}
		if class.Namespaced() && !c.holds(o.Object) {
			skipped.Reason = target.OtherNamespace(o.resource.Namespace, c.namespaces())
		}
		r.Skipped = append(r.Skipped, skipped)
	}
}

// namespaces names those that the policy holds; none: it holds all.
func (c *Checker) namespaces() []string { return control.Value{Items: c.policy.Namespaces}.Keys() }

// stated reports whether what is wrong stands in the document, and is not missing
// in it. Whose labels a part of an object has, it does not say.
func stated(f Finding, d *input.Document) bool {
	_, _, exact := d.Position(f.Path...)
	return exact && !f.OfUndeclared()
}

// whole judges a document that is one thing, such as a Terraform plan.
func (c *Checker) whole(ctx context.Context, r *fileResult, d *input.Document, a attempt.Attempt) {
	findings, skips, ok := c.judge(ctx, &r.Result, a, d, nil)
	if a.Kind() == attempt.KindPlan {
		var kept []input.Addition
		for _, one := range d.PlanAdditions() {
			switch {
			case one.Class != input.UnsupportedClass && c.additionOf(r, one, d):
				kept = append(kept, one)
			case input.IsAdditionType(one.Type): // which nothing else lists
				line, _, _ := d.Position(one.Path...)
				r.Skipped = append(r.Skipped, input.Skipped{File: d.File, Line: line, Reason: one.Address + ": no control applies"})
			}
		}
		skips = withoutAdditions(skips, kept)
	}
	if ok {
		r.Checked++
	}
	var skipped []input.Skipped
	for _, s := range skips {
		line, _, _ := d.Position(s.Path...)
		skipped = append(skipped, input.Skipped{File: d.File, Line: line, Reason: s.Message, Pods: s.Undecided})
	}
	slices.SortStableFunc(skipped, func(a, b input.Skipped) int { return cmp.Compare(a.Line, b.Line) })
	r.Skipped = append(r.Skipped, skipped...)
	r.Findings = append(r.Findings, findings...)
}

// finding places a judge's finding in the input and in the policy.
func (c *Checker) finding(l loaded, f target.Finding, d *input.Document, objects map[string]placed) Finding {
	out := Finding{Control: f.Control, Severity: Error, Message: f.Message, Container: f.Container, File: d.File, Undecided: f.Undecided}
	if f.Warning {
		out.Severity = Warning
	}
	path := fieldOf(f, d)
	out.Line, out.Column, _ = d.Position(path...)
	out.Path = path
	var labels map[string]string
	for n := range len(f.Path) + 1 {
		if o, ok := objects[pathKey(f.Path[:n])]; ok {
			out.Resource, labels = o.resource, o.labelsAt(f.Path[n:])
			break // an object holds no other
		}
	}
	origins := target.Attribute(l.artifacts, f)
	if out.Control == "" && len(origins) > 0 {
		out.Control = origins[0].Control.String()
	}
	out.Value = valueOf(f, path, d, out.Control)
	origin := c.origin(origins, labels, f.Container)
	out.Policy, out.Subject = origin.Range, origin.Container
	if f.Warning {
		out.Suppressed = c.warned(origin, cmp.Or(f.Exception, origin.Exception))
	}
	return out
}

// fieldOf is the way to the field of a finding, whose names stand between dots.
// The names of annotations, labels and resources have dots of their own.
func fieldOf(f target.Finding, d *input.Document) []string {
	path := append(make([]string, 0, len(f.Path)+1+strings.Count(f.Field, ".")), f.Path...)
	if f.Field == "" {
		return path
	}
	one := append(path, f.Field)
	if _, _, exact := d.Position(one...); exact {
		return one
	}
	for rest := f.Field; rest != ""; {
		if n := len(path); n > 0 && (path[n-1] == "annotations" || path[n-1] == "labels") {
			return append(path, rest)
		}
		var step string
		step, rest, _ = strings.Cut(rest, ".")
		path = append(path, step)
	}
	return path
}

// warned finds the exception by which a statement is only reported. One for images
// is named.
func (c *Checker) warned(o target.SourceMapping, name string) *Suppression {
	for container := range c.policy.Subjects() {
		if container.ID() != o.Container {
			continue
		}
		s := container.Get(o.Control.ID)
		for _, e := range append(slices.Clone(s.Exempt), s.Warn) {
			if e != nil && (name == "" && e == s.Warn || name != "" && e.Name == name) {
				return &Suppression{ByException, e.Reason, e}
			}
		}
	}
	return nil
}

// origin picks, of the statements behind a control, the one that speaks of the
// container at hand: of its workload, else (of a plan, whose pods' labels are not
// looked at here) of any container of that name, or of ordinary ones.
func (c *Checker) origin(origins []target.SourceMapping, labels map[string]string, container string) target.SourceMapping {
	want := "*/"
	for _, w := range c.policy.Workloads {
		if matches(w.Match, labels) {
			want = w.Name + "/"
		}
	}
	for _, id := range []string{want + container, want + policy.AnyContainer, ""} {
		for _, o := range origins {
			if o.Container == id {
				return o
			}
		}
	}
	for _, name := range []string{"/" + container, "/" + policy.AnyContainer, ""} {
		for _, o := range origins {
			if strings.HasSuffix(o.Container, name) {
				return o
			}
		}
	}
	return target.SourceMapping{}
}

func matches(match, labels map[string]string) bool {
	for key, value := range match {
		if got, ok := labels[key]; !ok || got != value {
			return false
		}
	}
	return len(match) > 0
}

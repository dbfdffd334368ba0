package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// resolver decides one policy. Exceptions are marked as they are used, so that
// an unused one can be told.
type resolver struct {
	*level
	policy *Policy
	used   map[*Exception]bool
	diags  hcl.Diagnostics
}

// Resolve works out what a policy comes to for every container. Time decides
// which exceptions are in force. The policy is usable only if there are no
// errors; warnings tell of exceptions that end soon.
func Resolve(doc *Document, now time.Time) (*Policy, hcl.Diagnostics) {
	l, diags := newLevel(doc)
	r := &resolver{level: l, diags: diags, used: map[*Exception]bool{}}
	r.policy = &Policy{
		Name: doc.Name, Version: doc.Version, Owner: doc.Owner, Range: doc.Range, Namespaces: doc.Namespaces,
		Platform: l.platform, Settings: l.values, Sources: l.sources(nil), Ignorable: doc.Ignorable,
		ChoosesLayers: l.choosesLayers(), presetFiles: map[string]bool{},
	}
	l.presetFiles(r.policy.presetFiles)
	r.exceptionsInForce(now)
	r.mayExcept(l, map[*Document]bool{})
	r.policyWide()
	r.workloads()
	r.disjoint()
	r.undeclared()
	r.flows()
	r.unused()
	return r.policy.finished(), r.diags
}

func (r *resolver) errorAt(at hcl.Range, summary, format string, args ...any) {
	r.diags = append(r.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: at.Ptr()})
}

func (l *level) sources(seen []Source) []Source {
	if !slices.Contains(seen, l.doc.Source) {
		seen = append(seen, l.doc.Source)
	}
	for _, p := range l.parents {
		seen = p.sources(seen)
	}
	return seen
}

// choosesLayers reports whether the policy and all that it extends, presets aside, name targets. Those add up, so that what
// is left out for want of a target was left out in each of them: no policy switches off a layer of one that it extends.
func (l *level) choosesLayers() bool {
	if len(platform.Targets.Of(l.platform)) == 0 {
		return false
	}
	return !slices.ContainsFunc(l.parents, func(up *level) bool { return !up.doc.Preset && !up.choosesLayers() })
}

// presetFiles adds the files that the presets among the extended policies are written in; each is one file.
func (l *level) presetFiles(files map[string]bool) {
	if l.doc.Preset {
		files[l.doc.Range.Filename] = true
	}
	for _, up := range l.parents {
		up.presetFiles(files)
	}
}

const (
	dayFormat = "2006-01-02"
	// warnDays is how long before its end an exception is announced.
	warnDays = 30
)

// exceptionsInForce refuses what has ended and announces what ends soon. Days
// are UTC, and the last day still counts.
func (r *resolver) exceptionsInForce(now time.Time) {
	today := now.UTC().Format(dayFormat)
	soon := now.UTC().AddDate(0, 0, warnDays).Format(dayFormat)
	for _, e := range r.exceptions {
		switch {
		case e.Expires < today:
			r.errorAt(e.Range, "Exception expired", "The exception %q ended on %s. Mend what it was made for, or have its owner (%s) renew it under %s.", e.Name, e.Expires, e.Owner, e.Ticket)
			continue
		case e.Expires <= soon:
			r.diags = append(r.diags, &hcl.Diagnostic{
				Severity: hcl.DiagWarning, Summary: "Exception ends soon", Subject: e.Range.Ptr(),
				Detail: fmt.Sprintf("The exception %q ends on %s; from the day after, the policy no longer compiles. Its owner is %s, its ticket %s.", e.Name, e.Expires, e.Owner, e.Ticket),
			})
		}
		r.policy.Exceptions = append(r.policy.Exceptions, e)
	}
	slices.SortStableFunc(r.policy.Exceptions, func(a, b *Exception) int { return cmp.Compare(a.Name, b.Name) })
}

// mayExcept holds the exceptions of a policy, and of those that it extends, to
// what each may loosen: what it set itself, and what its parents delegate.
func (r *resolver) mayExcept(l *level, seen map[*Document]bool) {
	if seen[l.doc] {
		return
	}
	seen[l.doc] = true
	r.mayWaive(l, l.doc.Ignorable)
	for _, e := range l.doc.Exceptions {
		r.mayWaive(l, e.Controls)
		refused := map[control.ID]bool{}
		for _, c := range control.Controls() {
			s, ok := e.Allow[c.ID]
			if !ok || refused[s.Via] {
				continue
			}
			beyond := func(v control.Value) bool { return !c.Within(s.Value, v) }
			if blocker, ok := l.mayLoosen(s.Source(c.ID), func(up *level) bool { return !beyond(up.ceilings[c.ID].Value) && !up.states(c, beyond) }); !ok {
				r.notDelegated(s.Source(c.ID), s.Range, blocker)
				refused[c.ID] = true
			}
		}
	}
	for _, up := range l.parents {
		r.mayExcept(up, seen)
	}
}

// mayWaive holds controls that a policy lets go altogether to what it may loosen.
func (r *resolver) mayWaive(l *level, controls []control.Item) {
	for _, item := range controls {
		for _, c := range control.Controls() {
			if !item.Covers(c.ID) {
				continue
			}
			if blocker, ok := l.mayLoosen(c.ID, func(up *level) bool { return !c.Restricts(up.values[c.ID].Value) && !up.states(c, c.Restricts) }); !ok {
				r.notDelegated(c.ID, item.Range, blocker)
				break
			}
		}
	}
}

func (r *resolver) notDelegated(id control.ID, at hcl.Range, blocker *Document) {
	if r.broken[id] {
		return
	}
	var listed []string
	for _, d := range blocker.Delegate {
		listed = append(listed, d.Key)
	}
	lists := "It delegates nothing"
	if len(listed) > 0 {
		lists = "It delegates " + strings.Join(listed, ", ")
	}
	r.errorAt(at, "Exception not delegated", "%s is decided by %q, at %s, which does not let policies that extend it make exceptions from it. %s. Ask its owner (%s) to add %q to delegate.",
		id, blocker.Name, hcltext.At(blocker.Range), lists, blocker.Owner, id)
}

func (r *resolver) workloads() {
	for _, w := range r.doc.Workloads {
		r.policy.Workloads = append(r.policy.Workloads, r.workload(w))
	}
	slices.SortFunc(r.policy.Workloads, func(a, b *Workload) int { return cmp.Compare(a.Name, b.Name) })
}

// workload decides every container of a workload.
func (r *resolver) workload(block *WorkloadBlock) *Workload {
	w := &Workload{Name: block.Name, Match: block.Match, OS: block.OS, Ports: block.Ports, Range: block.Range}
	own := r.apply(r.values, r.permitted(w, AnyContainer, fmt.Sprintf("The workload %q", w.Name), block.Settings))
	r.containersOf(w, own, block.Containers)
	return w
}

// containersOf makes a workload's containers: those with a block at the top of
// the policy or in the workload, by name, and the one that stands for all others.
func (r *resolver) containersOf(w *Workload, own Settings, blocks []*ContainerBlock) {
	add := func(name string, at hcl.Range, s Settings) {
		w.Containers = append(w.Containers, &Container{Workload: w, Name: name, Range: at, Settings: r.finish(w, s)})
	}
	for _, top := range r.containers {
		if _, again := findContainer(blocks, top.Name); !again {
			add(top.Name, top.Range, r.apply(own, top.Settings))
		}
	}
	for _, b := range blocks {
		base := own
		if top, ok := findContainer(r.containers, b.Name); ok {
			base = r.apply(own, top.Settings)
		}
		add(b.Name, b.Range, r.apply(base, r.permitted(w, b.Name, fmt.Sprintf("The container %q of the workload %q", b.Name, w.Name), b.Settings)))
	}
	slices.SortFunc(w.Containers, func(a, b *Container) int { return cmp.Compare(a.Name, b.Name) })
	add(AnyContainer, w.Range, own)
}

// permitted holds what a block asks for to the ceiling of its container.
func (r *resolver) permitted(w *Workload, container, who string, stated Settings) Settings {
	out := maps.Clone(stated)
	for _, c := range control.Controls() {
		if s, ok := stated[c.ID]; ok && c.Order != control.DenySet && c.Order != control.Fixed {
			s.Granted = r.permit(w, who, container, c, s)
			out[c.ID] = s
		}
	}
	return out
}

// apply lays what a block states over what it would get without it.
func (r *resolver) apply(above, stated Settings) Settings {
	out := maps.Clone(above)
	for _, c := range control.Controls() {
		s, ok := stated[c.ID]
		switch {
		case !ok:
		case c.Order == control.DenySet:
			union, more := unite(c, above[c.ID], s)
			out[c.ID], r.diags = union, append(r.diags, more...)
		default:
			s.Value = s.Value.Sorted()
			out[c.ID] = s
		}
	}
	return out
}

// permit holds a request to the ceiling, raised by the exceptions that allow
// more, and gives the exception that was needed; of several, the one that ends
// first.
func (r *resolver) permit(w *Workload, who, container string, c *control.Control, asked Setting) *Exception {
	most := r.most(c, container)
	if r.broken[c.ID] || c.Within(asked.Value, most.Value) {
		return nil
	}
	var first *Exception
	refused := asked
	refused.Items = nil
	ok := true
	for _, part := range parts(c, asked.Value, most.Value) {
		e := r.allows(w, c, part, most.Value)
		if e == nil {
			ok = false
			refused.Items = append(refused.Items, part.Items...)
			continue
		}
		r.used[e] = true
		if first == nil || e.Expires < first.Expires {
			first = e
		}
	}
	if ok {
		return first
	}
	if r.refused(asked, container) {
		return nil
	}
	d := r.ceilingError(c, refused, most, who, container)
	if first != nil {
		d.Detail += fmt.Sprintf(" The exception %q allows some of it, but not all.", first.Name)
	}
	r.diags = append(r.diags, d)
	return nil
}

// parts gives what exceptions have to cover of a request: of an allow set each
// element that exceeds the ceiling, since each may have an exception of its own.
func parts(c *control.Control, asked, most control.Value) []control.Value {
	if c.Order != control.AllowSet {
		return []control.Value{asked}
	}
	var out []control.Value
	for _, it := range c.Exceeding(asked, most) {
		out = append(out, control.Value{Items: []control.Item{it}})
	}
	return out
}

// allows finds the exception that lets a workload have more than the ceiling; of
// several, the one that ends last.
func (r *resolver) allows(w *Workload, c *control.Control, part, most control.Value) *Exception {
	var found *Exception
	for _, e := range r.policy.Exceptions {
		more, ok := e.Allow[c.ID]
		if !ok || e.Workload != "" && e.Workload != w.Name || !c.Within(part, c.Join(most, more.Value)) {
			continue
		}
		if found == nil || e.Expires > found.Expires {
			found = e
		}
	}
	return found
}

// finish marks what is only reported, and takes away what means nothing on the
// workload's operating system.
func (r *resolver) finish(w *Workload, settings Settings) Settings {
	out := make(Settings, len(settings))
	for _, c := range control.Controls() {
		s := settings[c.ID]
		if !w.Applies(c) {
			s = Setting{Value: c.Loosest}
		}
		if c.Scope != control.OfPolicy {
			s.Warn = r.warns(c, s, w.Name)
		}
		if c.ShowsImage() {
			s.Exempt = r.exempts(c, s, w.Name)
		}
		out[c.ID] = s
	}
	return out
}

// policyWide decides the controls of the policy as a whole.
func (r *resolver) policyWide() {
	r.policy.Settings = maps.Clone(r.values)
	for _, c := range control.Controls() {
		if s := r.values[c.ID]; c.Scope == control.OfPolicy {
			s.Warn = r.warns(c, s, "")
			r.policy.Settings[c.ID] = s
		}
	}
}

// warns finds the exception by which violations of a control are only reported;
// of several, the one that ends last.
func (r *resolver) warns(c *control.Control, s Setting, workload string) *Exception {
	var found *Exception
	for _, e := range r.policy.Exceptions {
		if len(e.Images) > 0 || !r.reports(e, c, s, workload) {
			continue
		}
		if found == nil || e.Expires > found.Expires {
			found = e
		}
	}
	return found
}

// exempts finds the exceptions by which violations are only reported in
// containers of some images.
func (r *resolver) exempts(c *control.Control, s Setting, workload string) []*Exception {
	var found []*Exception
	for _, e := range r.policy.Exceptions {
		if len(e.Images) > 0 && r.reports(e, c, s, workload) {
			found = append(found, e)
		}
	}
	return found
}

// reports says whether an exception has violations of a control reported only,
// and marks it as used.
func (r *resolver) reports(e *Exception, c *control.Control, s Setting, workload string) bool {
	if e.Kind != ExceptionWarn || !e.Covers(s.Source(c.ID), workload) || !c.Restricts(s.Value) {
		return false
	}
	r.used[e] = true
	return true
}

// disjoint demands that no pod can belong to two workloads: two that share no
// label key with different values might both match one pod.
func (r *resolver) disjoint() {
	for i, a := range r.policy.Workloads {
		for _, b := range r.policy.Workloads[:i] {
			if len(a.Match) == 0 || len(b.Match) == 0 || matchesApart(a.Match, b.Match) {
				continue
			}
			r.errorAt(a.Range, "Workloads overlap", "A pod can carry the labels of %q and of %q (%s) at once. Give both a label with the same key and different values.", a.Name, b.Name, hcltext.At(b.Range))
			break // one is enough to be told of a workload
		}
	}
}

func matchesApart(a, b map[string]string) bool {
	for key, value := range a {
		if other, ok := b[key]; ok && other != value {
			return true
		}
	}
	return false
}

// undeclared makes the stand-in for pods that no block describes: they may be
// all that the ceiling allows.
func (r *resolver) undeclared() {
	w := &Workload{OS: "linux", Range: r.doc.Range}
	base := Settings{}
	for _, c := range control.Controls() {
		base[c.ID] = r.ceilings[c.ID]
		if c.Order == control.Fixed {
			base[c.ID] = r.values[c.ID]
		}
	}
	r.containersOf(w, base, nil)
	r.policy.undeclared = w
	if r.policy.admitsUndeclared() {
		r.policy.Undeclared = w
	}
}

// UndeclaredSetting gives the control that says what happens to pods that no workload
// describes, and what the policy sets it to.
func (p *Policy) UndeclaredSetting() (*control.Control, Setting) {
	c, ok := control.Lookup(control.Undeclared)
	if !ok {
		panic("policy: no control says what happens to undeclared pods")
	}
	return c, p.Settings[c.ID]
}

// admitsUndeclared reports whether such pods are admitted, if only with a warning.
func (p *Policy) admitsUndeclared() bool {
	_, s := p.UndeclaredSetting()
	return s.Text != control.Deny || s.Warn != nil
}

// unused refuses this policy's own exceptions that loosened nothing. Whether one
// that says unheld is used is for coverage to tell.
func (r *resolver) unused() {
	if r.doc.holdsNothing() {
		return
	}
	for _, e := range r.doc.Exceptions {
		if e.Kind == ExceptionUnheld || r.used[e] || !slices.Contains(r.policy.Exceptions, e) || r.unsure(e) {
			continue
		}
		detail := "no workload asks for more than its ceiling in what it allows"
		if e.Kind == ExceptionWarn {
			detail = "nothing that it names is restricted where it applies"
		}
		r.errorAt(e.Range, "Exception not used", "The exception %q loosens nothing: %s. Remove it.", e.Name, detail)
	}
}

// unsure reports whether an exception speaks of a control that could not be read.
func (r *resolver) unsure(e *Exception) bool {
	for id := range r.broken {
		if _, ok := e.Allow[id]; ok || e.Covers(id, e.Workload) {
			return true
		}
	}
	return false
}

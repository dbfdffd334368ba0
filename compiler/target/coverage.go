package target

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Coverage is how every statement of a policy is held.
type Coverage struct {
	Rows []Row
	// Gaps are the statements that no target enforces, and that are accepted all the same.
	Gaps []Gap
}

// Row is the support of one statement by each target, for all containers that
// have it alike.
type Row struct {
	Statement  policy.Statement // of the first container
	Containers []string
	Supports   map[string]Support // by target
}

// Gap is a statement that no target in force enforces. It is an error unless an exception accepts it, or the choice of
// targets leaves it out.
type Gap struct {
	Row
	Accepted *policy.Exception
	// LeftOut names the targets not in force that would enforce it. The policy chose its layers without them, and only a
	// preset states the control.
	LeftOut []string
}

// accepted reports whether the gap is no error.
func (g Gap) accepted() bool { return g.Accepted != nil || len(g.LeftOut) > 0 }

// LeftOut lists the gaps that the choice of targets leaves.
func (c Coverage) LeftOut() []Gap {
	return slices.DeleteFunc(slices.Clone(c.Gaps), func(g Gap) bool { return len(g.LeftOut) == 0 })
}

// InPart lists the rows that are enforced, but by every target that does so only as far as the platform's version allows.
func (c Coverage) InPart() []Row {
	return slices.DeleteFunc(slices.Clone(c.Rows), func(r Row) bool {
		full := func(s Support) bool { return s.Level == Full && s.Enforces(r.Statement) }
		return !r.enforced() || slices.ContainsFunc(slices.Collect(maps.Values(r.Supports)), full)
	})
}

// Cover asks every target in force about every statement. A statement that none enforces is an error unless an exception
// accepts that by name, or the policy chose its layers and a preset states it for another layer: then one of all targets
// would enforce it. An exception that accepts what is enforced is an error too.
func Cover(p *policy.Policy, targets, all []Target) (Coverage, hcl.Diagnostics, error) {
	var cov Coverage
	rows := map[statementKey][]int{}
	names := Names(targets)
	supports := make([]Support, len(targets)) // of one statement after the other
	for s := range profile.Statements(p) {
		for i, t := range targets {
			support := t.Support(p, s)
			if support.Level == Unknown {
				return cov, nil, fmt.Errorf("the target %s does not answer for %s", names[i], name(s))
			}
			if c := s.Control; c != nil && support.Level != NotApplicable && !c.Known(p.Platform.SinceKubernetes) {
				support = Support{Level: None, Reason: fmt.Sprintf("Kubernetes enables the field by default since 1.%d.", c.Since)}
			}
			supports[i] = support.ofImages(s.Setting.Exempt)
		}
		key := statementKey{s.Control, s.Flow, s.Setting.Range}
		i := slices.IndexFunc(rows[key], func(i int) bool { return cov.Rows[i].like(s, names, supports) })
		if i < 0 {
			i = len(rows[key])
			rows[key] = append(rows[key], len(cov.Rows))
			row := Row{Statement: s, Supports: map[string]Support{}}
			for i, name := range names {
				row.Supports[name] = supports[i]
			}
			cov.Rows = append(cov.Rows, row)
		}
		if s.Container != nil {
			row := &cov.Rows[rows[key][i]]
			row.Containers = append(row.Containers, s.Container.ID())
		}
	}
	return cov, cov.judge(p, all), nil
}

// ofImages adds to a support what exceptions for images mean to it. What checks
// manifests and plans sees images; all else knows a container by its name.
func (s Support) ofImages(exceptions []*policy.Exception) Support {
	if len(exceptions) == 0 || s.Level <= None {
		return s
	}
	names := make([]string, len(exceptions))
	for i, e := range exceptions {
		names[i] = fmt.Sprintf("%q", e.Name)
	}
	more := "It sees no images, and holds this in those of the exception %s too."
	if s.Mode == control.Checks {
		more = "In containers of the images of the exception %s, violations are only reported."
	}
	s.Reason = strings.TrimSpace(s.Reason + " " + fmt.Sprintf(more, strings.Join(names, " and ")))
	return s
}

// statementKey is what statements of several containers have in common where one
// place of the policy makes them.
type statementKey struct {
	control *control.Control
	flow    *policy.Flow
	at      hcl.Range
}

// like reports whether a statement of the row's place says the same and is held
// alike.
func (r Row) like(s policy.Statement, targets []string, supports []Support) bool {
	for i, name := range targets {
		if r.Supports[name] != supports[i] {
			return false
		}
	}
	same := func(a, b control.Item) bool { return a.Key == b.Key && a.Arg == b.Arg }
	v, w := r.Statement.Setting.Value, s.Setting.Value
	return v.Bool == w.Bool && v.Text == w.Text && slices.EqualFunc(v.Items, w.Items, same)
}

func name(s policy.Statement) string {
	if s.Flow != nil {
		return "flow " + s.Flow.Name
	}
	return string(s.Control.ID)
}

// enforced reports whether any target enforces the row's statement.
func (r Row) enforced() bool {
	for _, s := range r.Supports {
		if s.Enforces(r.Statement) {
			return true
		}
	}
	return false
}

func (c *Coverage) judge(p *policy.Policy, all []Target) hcl.Diagnostics {
	var diags hcl.Diagnostics
	used := map[*policy.Exception]map[string]bool{}
	rows := c.Rows
	c.Rows = nil
	for _, row := range rows {
		if row.enforced() {
			c.Rows = append(c.Rows, row)
			continue
		}
		for _, gap := range row.gaps(p, used) {
			var others []string
			if gap.Accepted == nil {
				others = gap.enforcers(p, all)
			}
			if gap.mayBeLeftOut(p) {
				gap.LeftOut = others
			}
			c.Rows = append(c.Rows, gap.Row)
			c.Gaps = append(c.Gaps, gap)
			if !gap.accepted() {
				diags = append(diags, gap.diagnostic(p, others))
			}
		}
	}
	return append(diags, unusedUnheld(p, used)...)
}

// gaps splits a row that nothing holds by the exceptions that accept it, since
// those of several workloads may each have their own, and marks these as used.
func (r Row) gaps(p *policy.Policy, used map[*policy.Exception]map[string]bool) []Gap {
	var out []Gap
	add := func(workload string, containers ...string) {
		e, item := accepted(p, r.Statement.Control, workload)
		if e != nil && used[e] == nil {
			used[e] = map[string]bool{}
		}
		if e != nil {
			used[e][item] = true
		}
		i := slices.IndexFunc(out, func(g Gap) bool { return g.Accepted == e })
		if i < 0 {
			i = len(out)
			out = append(out, Gap{Row: r, Accepted: e})
			out[i].Containers = nil
		}
		out[i].Containers = append(out[i].Containers, containers...)
	}
	if len(r.Containers) == 0 {
		add("")
	}
	for _, id := range r.Containers {
		workload, _, _ := strings.Cut(id, "/")
		add(workload, id)
	}
	return out
}

// mayBeLeftOut reports whether the row is one that a choice of layers may leave out: what the policy itself states is never
// left out.
func (r Row) mayBeLeftOut(p *policy.Policy) bool {
	s := r.Statement
	return p.ChoosesLayers && s.Control != nil && (s.Setting.Assumed || p.FromPreset(s.Setting))
}

// enforcers names those of all targets that would enforce the row, were they all in force.
func (r Row) enforcers(p *policy.Policy, all []Target) []string {
	everywhere := withProfiles(p, all)
	var out []string
	for _, t := range all {
		if t.Support(everywhere, r.Statement).Enforces(r.Statement) {
			out = append(out, t.Info().Name)
		}
	}
	return out
}

// accepted finds the exception that says a gap of a workload is known. Nothing
// accepts that a flow is not held.
func accepted(p *policy.Policy, ctrl *control.Control, workload string) (*policy.Exception, string) {
	if ctrl == nil {
		return nil, ""
	}
	for _, e := range p.Exceptions {
		if e.Kind != policy.ExceptionUnheld || !e.Covers(ctrl.ID, workload) {
			continue
		}
		for _, item := range e.Controls {
			if item.Key == string(ctrl.ID) || item.Key == ctrl.ID.Block() {
				return e, item.Key
			}
		}
	}
	return nil, ""
}

func unusedUnheld(p *policy.Policy, used map[*policy.Exception]map[string]bool) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, e := range p.Exceptions {
		if e.Kind != policy.ExceptionUnheld || e.Policy != p.Name || len(p.Namespaces) == 0 && len(p.Workloads) == 0 {
			continue
		}
		for _, item := range e.Controls {
			if !used[e][item.Key] {
				diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Exception not used", Subject: item.Range.Ptr(),
					Detail: fmt.Sprintf("The exception %q accepts that %s is not held, but nothing states it where the exception applies, or a target holds it. Remove it.", e.Name, item.Key)})
			}
		}
	}
	return diags
}

// diagnostic says what is not enforced, for whom, what each target has to say, and which others would enforce it.
func (r Row) diagnostic(p *policy.Policy, others []string) *hcl.Diagnostic {
	s := r.Statement
	subject, what, kind := s.Setting.Range, "", "control"
	if s.Flow != nil {
		subject, what, kind = s.Flow.Range, fmt.Sprintf("The flow %q", s.Flow.Name), "flow"
	} else {
		what = fmt.Sprintf("%s = %s", s.Control.ID, s.Control.Show(s.Setting.Value))
		if len(r.Containers) > 0 {
			what += " in " + list(r.Containers)
		}
	}
	var reasons []string
	for _, t := range slices.Sorted(maps.Keys(r.Supports)) {
		support := r.Supports[t]
		if support.Level == NotApplicable {
			continue
		}
		if support.Range.Filename != "" {
			subject = support.Range
		}
		if support.Mode == control.Detects && support.Reason == "" {
			support.Reason = "it would only report it"
		}
		reasons = append(reasons, fmt.Sprintf("\n  - %s (%s): %s", t, support.Level, cmp.Or(support.Reason, "it cannot")))
	}
	if len(reasons) == 0 {
		reasons = []string{"\n  - none of the policy's targets covers it"}
	}
	add := "add a target that enforces this"
	if len(others) > 0 {
		add = fmt.Sprintf("add to platform.targets one that enforces this (%s)", strings.Join(others, ", "))
	}
	remedy := fmt.Sprintf("State something that a target enforces, or %s.", add)
	if s.Control != nil {
		remedy = fmt.Sprintf("State something that a target enforces, %s, or accept the gap with an exception that says unheld = [%q].", add, s.Control.ID)
	}
	if len(others) > 0 && p.FromPreset(s.Setting) && len(platform.Targets.Of(p.Platform)) > 0 {
		remedy += " A choice of targets leaves out what presets state only where every policy that this one extends names its targets too."
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "No target enforces this " + kind, Subject: subject.Ptr(),
		Detail: fmt.Sprintf("%s would not be enforced:%s\n%s", what, strings.Join(reasons, ""), remedy),
	}
}

func list(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

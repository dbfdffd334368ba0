package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// level is what holds once a policy and all that it extends have spoken, before
// any workload does.
type level struct {
	doc        *Document
	parents    []*level
	values     Settings
	ceilings   Settings
	platform   Platform
	containers []*ContainerBlock
	flows      []*FlowBlock
	exceptions []*Exception
}

// newLevel decides values and ceilings from the outermost policy inwards.
func newLevel(doc *Document) (*level, hcl.Diagnostics) {
	l := &level{doc: doc, values: Defaults(), ceilings: Defaults()}
	var diags hcl.Diagnostics
	for i, parent := range doc.Parents {
		above, more := newLevel(parent.Document)
		diags = append(diags, more...)
		l.parents = append(l.parents, above)
		if i == 0 {
			l.values, l.ceilings = above.values, above.ceilings
		} else {
			diags = append(diags, l.meet(above, parent.Range)...)
		}
		l.inherit(above)
	}
	diags = append(diags, l.injected()...)
	diags = append(diags, l.state()...)
	l.platform = overlay(l.platform, doc.Platform)
	l.containers = mergeContainers(l.containers, doc.Containers)
	l.flows = append(l.flows, doc.Flows...)
	l.exceptions = append(l.exceptions, doc.Exceptions...)
	return l, diags
}

// inherit takes over what is not a value, once where two parents extend the same
// policy. Flows between workloads stay with the policy that has the workloads.
func (l *level) inherit(above *level) {
	l.platform = overlay(l.platform, above.platform)
	l.containers = mergeContainers(l.containers, above.containers)
	for _, f := range above.flows {
		same := func(g *FlowBlock) bool { return g.Name == f.Name && g.Range == f.Range }
		if !slices.ContainsFunc(l.flows, same) && !f.namesWorkload() {
			l.flows = append(l.flows, f)
		}
	}
	for _, e := range above.exceptions {
		same := func(g *Exception) bool { return g.Name == e.Name && g.Range == e.Range }
		if !slices.ContainsFunc(l.exceptions, same) {
			l.exceptions = append(l.exceptions, e)
		}
	}
}

func (f *FlowBlock) namesWorkload() bool {
	return slices.ContainsFunc(slices.Concat(f.From, f.To), func(e EndRef) bool { return e.Workload != "" })
}

// meet takes the stricter of two extended policies, control by control.
func (l *level) meet(other *level, at hcl.Range) hcl.Diagnostics {
	var diags hcl.Diagnostics
	values, ceilings := Settings{}, Settings{}
	for _, c := range catalogue {
		v, okV := c.Meet(l.values[c.ID], other.values[c.ID])
		ceiling, okC := c.Meet(l.ceilings[c.ID], other.ceilings[c.ID])
		if !okV || !okC {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Extended policies disagree", Subject: at.Ptr(),
				Detail: fmt.Sprintf("One extended policy sets %s to %s, another to %s, and neither is the stricter. State %s in this policy's parents alike, or extend only one of them.",
					c.ID, c.Show(l.values[c.ID].Value), c.Show(other.values[c.ID].Value), c.ID),
			})
		}
		values[c.ID], ceilings[c.ID] = v, ceiling
	}
	l.values, l.ceilings = values, ceilings
	return diags
}

// state applies what this policy says: the nearest policy that states a control
// decides its value and its ceiling, both within the ceiling above.
func (l *level) state() hcl.Diagnostics {
	var diags hcl.Diagnostics
	values, ceilings := Settings{}, Settings{}
	for _, c := range catalogue {
		above, most := l.values[c.ID], l.ceilings[c.ID]
		own, stated := l.doc.Values[c.ID]
		raised, hasCeiling := l.doc.Ceilings[c.ID]
		value, ceiling := above, most
		switch {
		case c.Order == Refusal:
			value, _ = c.Meet(above, own)
			ceiling = value
		case c.Order == Plain:
			if stated {
				value, ceiling = own, own
			}
		default:
			if stated {
				diags = append(diags, l.exceeds(c, own, most, "value")...)
				value, ceiling = own, own
			}
			if hasCeiling {
				diags = append(diags, l.exceeds(c, raised, most, "ceiling")...)
				ceiling = raised
			}
			if met, ok := c.Meet(value, ceiling); ok && !c.Within(value.Value, ceiling.Value) {
				if stated && hasCeiling {
					diags = append(diags, aboveOwnCeiling(c, own, raised))
				}
				value = met
			}
		}
		value.Value, ceiling.Value = value.Value.sorted(), ceiling.Value.sorted()
		values[c.ID], ceilings[c.ID] = value, ceiling
	}
	l.values, l.ceilings = values, ceilings
	return diags
}

// injected holds the containers that this policy puts into every pod to the
// ceiling above the policy, as its values are: who states a ceiling for others
// may give its own sidecar more.
func (l *level) injected() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, block := range l.doc.Containers {
		for _, c := range catalogue {
			asked, stated := block.Settings[c.ID]
			if !stated || c.Order == Refusal || c.Order == Plain || c.Within(asked.Value, l.ceilings[c.ID].Value) {
				continue
			}
			if above, ok := findContainer(l.containers, block.Name); ok {
				if s, ok := above.Settings[c.ID]; ok && c.Within(asked.Value, s.Value) {
					continue
				}
			}
			diags = append(diags, l.ceilingError(c, asked, l.ceilings[c.ID], fmt.Sprintf("The container %q, in its statement of", block.Name)))
		}
	}
	return diags
}

func findContainer(list []*ContainerBlock, name string) (*ContainerBlock, bool) {
	i := slices.IndexFunc(list, func(c *ContainerBlock) bool { return c.Name == name })
	if i < 0 {
		return nil, false
	}
	return list[i], true
}

func aboveOwnCeiling(c *Control, value, ceiling Setting) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Value above its own ceiling", Subject: value.Range.Ptr(),
		Detail: fmt.Sprintf("%s is %s, and the ceiling at %s is %s. A value that workloads get without asking lies within what they may ask for.",
			c.ID, c.Show(value.Value), where(ceiling.Range), c.Show(ceiling.Value)),
	}
}

// exceeds checks a statement of the policy against the ceiling above it.
func (l *level) exceeds(c *Control, asked, most Setting, what string) hcl.Diagnostics {
	if c.Within(asked.Value, most.Value) {
		return nil
	}
	return hcl.Diagnostics{l.ceilingError(c, asked, most, "This "+what+" of")}
}

// ceilingError shows the request, the ceiling and the policies between.
func (l *level) ceilingError(c *Control, asked, most Setting, subject string) *hcl.Diagnostic {
	at := asked.Range
	request := c.Show(asked.Value)
	if over := c.Exceeding(asked.Value, most.Value); c.Order == Grant && len(over) > 0 {
		request = c.Show(Value{Items: over})
		if len(over) == 1 && over[0].Range.Filename != "" {
			at = over[0].Range
		}
	}
	var chain strings.Builder
	for _, step := range l.chain(c, map[Source]bool{}) {
		fmt.Fprintf(&chain, "\n  - %s", step)
	}
	decided := "nothing restricts it"
	if most.Stated() {
		decided = "stated at " + where(most.Range)
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Request above the ceiling", Subject: at.Ptr(),
		Detail: fmt.Sprintf("%s %s asks for %s; the ceiling is %s, %s. The policies that it passed:%s\nAsk for less, raise the ceiling in the policy that states it, or make an exception with allow.",
			subject, c.ID, request, c.Show(most.Value), decided, chain.String()),
	}
}

// chain tells, outermost first, what each policy between makes of a control.
func (l *level) chain(c *Control, seen map[Source]bool) []string {
	if seen[l.doc.Source] {
		return nil
	}
	seen[l.doc.Source] = true
	var steps []string
	for _, parent := range l.parents {
		steps = append(steps, parent.chain(c, seen)...)
	}
	said := "says nothing"
	if s, ok := l.doc.Ceilings[c.ID]; ok {
		said = fmt.Sprintf("ceiling %s at %s", c.Show(s.Value), where(s.Range))
	} else if s, ok := l.doc.Values[c.ID]; ok {
		said = fmt.Sprintf("%s at %s", c.Show(s.Value), where(s.Range))
	}
	return append(steps, l.doc.Name+": "+said)
}

// mayLoosen reports whether an exception of this policy may let a request pass
// that its own ceiling refuses; where not, it gives the policy that does not
// delegate.
func (l *level) mayLoosen(c *Control, within func(*level) bool) (blocker *Document, ok bool) {
	for _, parent := range l.parents {
		if within(parent) {
			continue
		}
		if !parent.doc.delegates(c.ID) {
			return parent.doc, false
		}
		if blocker, ok := parent.mayLoosen(c, within); !ok {
			return blocker, false
		}
	}
	return nil, true
}

func where(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// overlay gives the facts of below where it states them, else those of above.
func overlay(above, below Platform) Platform {
	pick := func(a, b string) string {
		if b != "" {
			return b
		}
		return a
	}
	out := Platform{
		Kubernetes: pick(above.Kubernetes, below.Kubernetes), Runtime: pick(above.Runtime, below.Runtime),
		AppArmor: pick(above.AppArmor, below.AppArmor), Architectures: above.Architectures,
		APIServer: above.APIServer, Targets: above.Targets, Range: above.Range,
	}
	if below.Architectures != nil {
		out.Architectures = below.Architectures
	}
	if below.APIServer != nil {
		out.APIServer = below.APIServer
	}
	if below.Targets != nil {
		out.Targets = below.Targets
	}
	if below.Range.Filename != "" {
		out.Range = below.Range
	}
	return out
}

// mergeContainers adds the blocks of below to those of above. Of two with one
// name the lower one's statements win, attribute by attribute; refusals add up.
func mergeContainers(above, below []*ContainerBlock) []*ContainerBlock {
	out := slices.Clone(above)
	for _, b := range below {
		i := slices.IndexFunc(out, func(a *ContainerBlock) bool { return a.Name == b.Name })
		if i < 0 {
			out = append(out, b)
			continue
		}
		merged := &ContainerBlock{Name: b.Name, Range: b.Range, Settings: maps.Clone(out[i].Settings)}
		for id, s := range b.Settings {
			if c, _ := Lookup(id); c.Order == Refusal {
				s, _ = c.Meet(merged.Settings[id], s)
			}
			merged.Settings[id] = s
		}
		out[i] = merged
	}
	return out
}

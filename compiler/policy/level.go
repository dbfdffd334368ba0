package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// level is what holds once a policy and all that it extends have spoken, before
// any workload does.
type level struct {
	doc        *Document
	parents    []*level
	values     Settings
	ceilings   Settings
	platform   platform.Facts
	containers []*ContainerBlock
	flows      []*FlowBlock
	exceptions []*Exception
	broken     map[control.ID]bool
}

// newLevel decides values and ceilings from the outermost policy inwards.
func newLevel(doc *Document) (*level, hcl.Diagnostics) {
	doc.complete()
	l := &level{doc: doc, values: Defaults(), ceilings: Defaults(), broken: map[control.ID]bool{}}
	maps.Copy(l.broken, doc.Broken)
	var diags hcl.Diagnostics
	for i, parent := range doc.Parents {
		above, more := newLevel(parent.Document)
		diags = append(diags, more...)
		l.parents = append(l.parents, above)
		maps.Copy(l.broken, above.broken)
		if i == 0 {
			l.values, l.ceilings = above.values, above.ceilings
		} else {
			diags = append(diags, l.meet(above, parent.Range)...)
		}
		diags = append(diags, l.inherit(above)...)
	}
	diags = append(diags, l.injected()...)
	diags = append(diags, l.state()...)
	l.platform = platform.Overlay(l.platform, doc.Platform)
	diags = append(diags, l.merge(doc.Containers, nearest)...)
	l.flows = append(l.flows, doc.Flows...)
	l.exceptions = append(l.exceptions, doc.Exceptions...)
	return l, diags
}

// inherit takes over what is not a value, once where two parents extend the same
// policy. What names a workload stays with the policy that has the workload: one
// of the same name here is another.
func (l *level) inherit(above *level) hcl.Diagnostics {
	l.platform = platform.Overlay(l.platform, above.platform)
	for _, f := range above.flows {
		if !slices.Contains(l.flows, f) && !f.namesWorkload() {
			l.flows = append(l.flows, f)
		}
	}
	for _, e := range above.exceptions {
		if !slices.Contains(l.exceptions, e) && e.Workload == "" {
			l.exceptions = append(l.exceptions, e)
		}
	}
	return l.merge(above.containers, stricter)
}

func (f *FlowBlock) namesWorkload() bool {
	return slices.ContainsFunc(slices.Concat(f.From, f.To), func(e EndRef) bool { return e.Workload != "" })
}

// meet takes the stricter of two extended policies, control by control.
func (l *level) meet(other *level, at hcl.Range) hcl.Diagnostics {
	var diags hcl.Diagnostics
	values, ceilings := Settings{}, Settings{}
	for _, c := range control.Controls() {
		v, okV := meet(c, l.values[c.ID], other.values[c.ID])
		ceiling, okC := meet(c, l.ceilings[c.ID], other.ceilings[c.ID])
		_, decides := l.doc.Values[c.ID]
		if (!okV || !okC) && !(c.Order == control.Fixed && decides) && !l.broken[c.ID] {
			diags = append(diags, l.disagree(c, l.values[c.ID], other.values[c.ID], at))
		}
		values[c.ID], ceilings[c.ID] = v, ceiling
	}
	l.values, l.ceilings = values, ceilings
	return diags
}

// disagree tells that two extended policies cannot both hold.
func (l *level) disagree(c *control.Control, a, b Setting, at hcl.Range) *hcl.Diagnostic {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Extended policies disagree", Subject: at.Ptr()}
	switch c.Order {
	case control.DenySet:
		d.Detail = clash(c, a, b).Detail
	case control.Fixed:
		d.Detail = fmt.Sprintf("%q sets %s to %s (%s), %q to %s (%s), and neither is the stricter. State here which it is.",
			a.Policy, c.ID, c.Brief(a.Value), hcltext.At(a.Range), b.Policy, c.Brief(b.Value), hcltext.At(b.Range))
	default:
		d.Detail = fmt.Sprintf("%q sets %s to %s (%s), %q to %s (%s), and neither is the stricter, so nothing is within both. Extend only one of them.",
			a.Policy, c.ID, c.Brief(a.Value), hcltext.At(a.Range), b.Policy, c.Brief(b.Value), hcltext.At(b.Range))
	}
	return d
}

// clash tells of the first block of b whose label stands in a with another content.
func clash(c *control.Control, a, b Setting) *hcl.Diagnostic {
	for _, it := range b.Items {
		above, ok := a.Item(it.Key)
		if !ok {
			continue
		}
		if _, agree := c.Block.Meet(above, it); !agree {
			return &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Label stated above", Subject: it.Range.Ptr(),
				Detail: fmt.Sprintf("%s %q, at %s, stands at %s already and says something else there. What is refused above stays refused, so neither replaces the other: rename one of them.",
					c.ID, it.Key, hcltext.At(it.Range), hcltext.At(above.Range)),
			}
		}
	}
	panic("policy: no clash in " + string(c.ID))
}

// unite adds what a block refuses to what is refused above it.
func unite(c *control.Control, above, own Setting) (Setting, hcl.Diagnostics) {
	out, ok := meet(c, above, own)
	if ok {
		return out, nil
	}
	return out, hcl.Diagnostics{clash(c, above, own)}
}

// state applies what this policy says: the nearest policy that states a control
// decides its value and its ceiling, both within the ceiling above.
func (l *level) state() hcl.Diagnostics {
	var diags hcl.Diagnostics
	values, ceilings := Settings{}, Settings{}
	for _, c := range control.Controls() {
		above, most := l.values[c.ID], l.ceilings[c.ID]
		own, stated := l.doc.Values[c.ID]
		raised, hasCeiling := l.doc.Ceilings[c.ID]
		value, ceiling := above, most
		switch {
		case c.Order == control.DenySet:
			var more hcl.Diagnostics
			value, more = unite(c, above, own)
			diags = append(diags, more...)
			ceiling = value
		case c.Order == control.Fixed:
			if stated {
				value, ceiling = own, own
			}
		default:
			if stated {
				diags = append(diags, l.exceeds(c, own, most, "The value here")...)
				value, ceiling = own, own
			}
			if hasCeiling {
				diags = append(diags, l.exceeds(c, raised, most, "The ceiling here")...)
				ceiling = raised
			}
			if !c.Within(value.Value, ceiling.Value) {
				met, ok := meet(c, value, ceiling)
				if (stated && hasCeiling || !ok) && !l.broken[c.ID] && (own.Via == "" || raised.Via == "") {
					diags = append(diags, aboveOwnCeiling(c, value, ceiling))
				}
				met.Range, met.Policy = ceiling.Range, ceiling.Policy // which decided what is left
				value = met
			}
		}
		value.Value, ceiling.Value = value.Value.Sorted(), ceiling.Value.Sorted()
		values[c.ID], ceilings[c.ID] = value, ceiling
	}
	l.values, l.ceilings = values, ceilings
	return diags
}

// injected holds the containers that this policy puts into every pod to the
// ceiling above the policy, as its values are: who states a ceiling for others
// may give its own sidecar more. What an extended policy states of a container of
// that name is the ceiling for the same name below: nobody else may pass for it.
func (l *level) injected() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, block := range l.doc.Containers {
		for _, c := range control.Controls() {
			asked, stated := block.Settings[c.ID]
			if !stated || c.Order == control.DenySet || c.Order == control.Fixed {
				continue
			}
			if most := l.most(c, block.Name); !l.broken[c.ID] && !c.Within(asked.Value, most.Value) && !l.refused(asked, block.Name) {
				diags = append(diags, l.ceilingError(c, asked, most, fmt.Sprintf("The container %q", block.Name), block.Name))
			}
		}
	}
	return diags
}

// most is the ceiling of a control for a container: what a block at the top of
// the policy, or of one that it extends, states of that name, else the ceiling of
// all.
func (l *level) most(c *control.Control, container string) Setting {
	if top, ok := findContainer(l.containers, container); ok {
		if s, ok := top.Settings[c.ID]; ok {
			return s
		}
	}
	return l.ceilings[c.ID]
}

// refused reports whether what sets a control is above its own ceiling, which is reported once.
func (l *level) refused(asked Setting, container string) bool {
	by, ok := control.Lookup(asked.Via)
	return ok && !by.Within(asked.Value, l.most(by, container).Value)
}

// states reports whether a container block at the top restricts a control beyond
// what a value would.
func (l *level) states(c *control.Control, beyond func(control.Value) bool) bool {
	return slices.ContainsFunc(l.containers, func(b *ContainerBlock) bool {
		s, ok := b.Settings[c.ID]
		return ok && beyond(s.Value)
	})
}

// statement gives what a block, if there is one, states of a control.
func (b *ContainerBlock) statement(id control.ID) (Setting, bool) {
	if b == nil {
		return Setting{}, false
	}
	s, ok := b.Settings[id]
	return s, ok
}

func findContainer(list []*ContainerBlock, name string) (*ContainerBlock, bool) {
	i := slices.IndexFunc(list, func(c *ContainerBlock) bool { return c.Name == name })
	if i < 0 {
		return nil, false
	}
	return list[i], true
}

func aboveOwnCeiling(c *control.Control, value, ceiling Setting) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Value above its own ceiling", Subject: value.Range.Ptr(),
		Detail: fmt.Sprintf("%s is %s, and the ceiling at %s is %s. A value that workloads get without asking lies within what they may ask for.",
			c.ID, c.Brief(value.Value), hcltext.At(ceiling.Range), c.Brief(ceiling.Value)),
	}
}

// exceeds checks a statement of the policy against the ceiling above it.
func (l *level) exceeds(c *control.Control, asked, most Setting, who string) hcl.Diagnostics {
	if l.broken[c.ID] || c.Within(asked.Value, most.Value) || l.refused(asked, AnyContainer) {
		return nil
	}
	return hcl.Diagnostics{l.ceilingError(c, asked, most, who, AnyContainer)}
}

// ceilingError shows what a container asks for, the ceiling and the policies
// between.
func (l *level) ceilingError(c *control.Control, asked, most Setting, who, container string) *hcl.Diagnostic {
	at := asked.Range
	request := c.Brief(asked.Value)
	if over := c.Exceeding(asked.Value, most.Value); c.Order == control.AllowSet && len(over) > 0 {
		request = c.Brief(control.Value{Items: over})
		if len(over) == 1 && over[0].Range.Filename != "" {
			at = over[0].Range
		}
	}
	var chain strings.Builder
	for _, step := range l.chain(c, container, map[Source]bool{}) {
		fmt.Fprintf(&chain, "\n  - %s", step)
	}
	decided := "nothing restricts it"
	if most.Stated() {
		decided = "stated at " + hcltext.At(most.Range)
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Request above the ceiling", Subject: at.Ptr(),
		Detail: fmt.Sprintf("%s asks for %s in %s; the ceiling is %s, %s. The policies that it passed:%s\nAsk for less, raise the ceiling in the policy that states it, or make an exception with allow.",
			who, request, c.ID, c.Brief(most.Value), decided, chain.String()),
	}
}

// chain tells, outermost first, what each policy between makes of a control, for
// a container if it speaks of it.
func (l *level) chain(c *control.Control, container string, seen map[Source]bool) []string {
	if seen[l.doc.Source] {
		return nil
	}
	seen[l.doc.Source] = true
	var steps []string
	for _, parent := range l.parents {
		steps = append(steps, parent.chain(c, container, seen)...)
	}
	said := "says nothing"
	block, _ := findContainer(l.doc.Containers, container)
	if s, ok := block.statement(c.ID); ok {
		said = fmt.Sprintf("%s for that container at %s", c.Brief(s.Value), hcltext.At(s.Range))
	} else if s, ok := l.doc.Ceilings[c.ID]; ok {
		said = fmt.Sprintf("ceiling %s at %s", c.Brief(s.Value), hcltext.At(s.Range))
	} else if s, ok := l.doc.Values[c.ID]; ok {
		said = fmt.Sprintf("%s at %s", c.Brief(s.Value), hcltext.At(s.Range))
	}
	return append(steps, l.doc.Name+": "+said)
}

// mayLoosen reports whether an exception of this policy may let a request pass
// that its own ceiling refuses; where not, it gives the policy that does not
// delegate.
func (l *level) mayLoosen(id control.ID, within func(*level) bool) (blocker *Document, ok bool) {
	for _, parent := range l.parents {
		if within(parent) {
			continue
		}
		if !parent.doc.delegates(id) {
			return parent.doc, false
		}
		if blocker, ok := parent.mayLoosen(id, within); !ok {
			return blocker, false
		}
	}
	return nil, true
}

// merge adds containers to those that are there already. Of two with one name
// pick says which statement of a control holds; refusals add up.
func (l *level) merge(blocks []*ContainerBlock, pick func(c *control.Control, there, own Setting) Setting) hcl.Diagnostics {
	var diags hcl.Diagnostics
	l.containers = slices.Clone(l.containers)
	for _, b := range blocks {
		i := slices.IndexFunc(l.containers, func(a *ContainerBlock) bool { return a.Name == b.Name })
		if i < 0 {
			l.containers = append(l.containers, b)
			continue
		}
		merged := &ContainerBlock{Name: b.Name, Range: b.Range, Settings: maps.Clone(l.containers[i].Settings)}
		for _, c := range control.Controls() {
			own, stated := b.Settings[c.ID]
			there, both := merged.Settings[c.ID]
			switch {
			case !stated:
			case !both:
				merged.Settings[c.ID] = own
			case c.Order == control.DenySet:
				union, more := unite(c, there, own)
				merged.Settings[c.ID], diags = union, append(diags, more...)
			default:
				merged.Settings[c.ID] = pick(c, there, own)
			}
		}
		l.containers[i] = merged
	}
	return diags
}

func nearest(_ *control.Control, _, own Setting) Setting { return own }

func stricter(c *control.Control, there, own Setting) Setting { s, _ := meet(c, there, own); return s }

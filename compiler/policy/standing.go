package policy

import "github.com/bulkhead-policy/bulkhead/compiler/control"

// Standing is what is known of a statement beyond its value: by which way it came
// into a policy, and how the policy may let it go.
type Standing struct {
	// Chain leads from the policy to the one that says so, both included.
	Chain []Source
	// Ceiling is what a workload may ask for without an exception.
	Ceiling Setting
	// Blocker is the extended policy that does not let this one make exceptions; nil
	// of none.
	Blocker *Document
}

// Standing tells how a statement of a control that the policy of a name makes
// stands in this one.
func (d *Document) Standing(c *control.Control, from string) Standing {
	l, _ := newLevel(d)
	s := Standing{Chain: d.chain(from), Ceiling: l.ceilings[c.ID]}
	within := func(up *level) bool { return !c.Restricts(up.values[c.ID].Value) && !up.states(c, c.Restricts) }
	s.Blocker, _ = l.mayLoosen(c, within)
	return s
}

// chain is the shortest way to an extended policy; nil where there is none.
func (d *Document) chain(name string) []Source {
	if d.Name == name {
		return []Source{d.Source}
	}
	var best []Source
	for _, p := range d.Parents {
		if way := p.Document.chain(name); way != nil && (best == nil || len(way) < len(best)) {
			best = way
		}
	}
	if best == nil {
		return nil
	}
	return append([]Source{d.Source}, best...)
}

package policy

import "github.com/bulkhead-policy/bulkhead/compiler/control"

// Provenance is where a setting comes from, and how a policy may suppress it.
type Provenance struct {
	// Chain leads from the policy to the one that says so, both included.
	Chain []Source
	// Ceiling is what a workload may ask for without an exception.
	Ceiling Setting
	// Blocker is the extended policy that does not let this one make exceptions; nil
	// of none.
	Blocker *Document
}

// Provenance gives where a control is set that the policy of a name sets, as seen
// from this one.
func (d *Document) Provenance(c *control.Control, from string) Provenance {
	l, _ := newLevel(d)
	p := Provenance{Chain: d.chain(from), Ceiling: l.ceilings[c.ID]}
	within := func(up *level) bool { return !c.Restricts(up.values[c.ID].Value) && !up.states(c, c.Restricts) }
	p.Blocker, _ = l.mayLoosen(c.ID, within)
	return p
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

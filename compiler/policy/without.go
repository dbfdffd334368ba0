package policy

import (
	"maps"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Without gives a copy of the policy in which the controls, or single labelled
// blocks of them, are at their loosest in every container. Parents and ceilings
// play no part: it is the resolved policy that is loosened.
func (p *Policy) Without(refs ...control.Ref) *Policy {
	return p.mapSettings(func(s Settings) Settings { return loosen(s, refs) })
}

// mapSettings gives a copy of the policy with other settings, in every container and in the policy itself.
func (p *Policy) mapSettings(change func(Settings) Settings) *Policy {
	q := *p
	q.Settings = change(p.Settings)
	q.Workloads = make([]*Workload, len(p.Workloads))
	moved := map[*Workload]*Workload{}
	for i, w := range p.Workloads {
		q.Workloads[i] = w.mapSettings(change)
		moved[w] = q.Workloads[i]
	}
	q.undeclared = p.undeclared.mapSettings(change)
	q.Undeclared = nil
	if q.admitsUndeclared() {
		q.Undeclared = q.undeclared
	}
	q.Flows = make([]*Flow, len(p.Flows))
	for i, f := range p.Flows {
		g := *f
		g.From, g.To = moveEnds(f.From, moved), moveEnds(f.To, moved)
		q.Flows[i] = &g
	}
	return q.finished()
}

func (w *Workload) mapSettings(change func(Settings) Settings) *Workload {
	v := *w
	v.Containers = make([]*Container, len(w.Containers))
	for i, c := range w.Containers {
		d := *c
		d.Workload, d.Settings = &v, change(c.Settings)
		v.Containers[i] = &d
	}
	return &v
}

func loosen(settings Settings, refs []control.Ref) Settings {
	out := maps.Clone(settings)
	for _, ref := range refs {
		s, ok := out[ref.ID]
		if !ok {
			continue
		}
		if ref.Label == "" {
			s.Value = loosest(ref.ID)
			for id, set := range out {
				if set.Via == ref.ID {
					set.Value = loosest(id)
					out[id] = set
				}
			}
		} else {
			s.Items = slices.DeleteFunc(slices.Clone(s.Items), func(it control.Item) bool { return it.Key == ref.Label })
		}
		out[ref.ID] = s
	}
	return out
}

func moveEnds(ends []End, moved map[*Workload]*Workload) []End {
	out := slices.Clone(ends)
	for i := range out {
		if out[i].Workload != nil {
			out[i].Workload = moved[out[i].Workload]
		}
	}
	return out
}

// Defaults gives every control its loosest value, stated by nobody.
func Defaults() Settings {
	s := make(Settings, len(control.Controls()))
	for _, c := range control.Controls() {
		s[c.ID] = Setting{Value: c.Loosest}
	}
	return s
}

package policy

import "github.com/bulkhead-policy/bulkhead/compiler/control"

// Situation is a control in a container of the policy, for the control's examples.
func (p *Policy) Situation(ctrl *control.Control, c *Container) control.Situation {
	return control.Situation{
		Control: ctrl, Value: c.Get(ctrl.ID).Value, Container: c.ExampleName(),
		Get: func(id control.ID) control.Value { return c.Get(id).Value },
		Restricts: func(id control.ID) bool {
			other, ok := control.Lookup(id)
			return ok && other.Restricts(c.Get(id).Value)
		},
		Since: p.Platform.SinceKubernetes,
		Layer: func(layer *control.Control) control.Layer {
			return control.Layer{
				Own:      p.ProfileName(c) + layer.Profile.Suffix,
				Compiled: p.ProfileOf(layer.ID, c),
				OwnOnly:  p.RefusesForeignProfiles(layer, c),
			}
		},
	}
}

// ExampleName is the name of the container, or for AnyContainer one that no container
// block of the workload has.
func (c *Container) ExampleName() string {
	if c.Name != AnyContainer {
		return c.Name
	}
	name := "example"
	for taken := true; taken; {
		taken = false
		for _, other := range c.Workload.Containers {
			if other.Name == name {
				name, taken = name+"-x", true
			}
		}
	}
	return name
}

// Example is what a pod must state so that a container complies with every control:
// what several containers may share, and what only this one can state. It is false
// where nothing would do.
func (p *Policy) Example(c *Container) (shared, own control.Patch, possible bool) {
	shared, own, possible = control.Patch{}, control.Patch{}, true
	for _, ctrl := range control.Controls() {
		s := p.Situation(ctrl, c)
		if !ctrl.Restricts(s.Value) {
			continue
		}
		if ctrl.Example.Good != nil {
			patch, ok := ctrl.Example.Good(s)
			possible = possible && ok
			control.Merge(shared, patch)
		}
		if ctrl.Example.Own != nil {
			control.Merge(own, ctrl.Example.Own(s))
		}
	}
	return shared, own, possible
}

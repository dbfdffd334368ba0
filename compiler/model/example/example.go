// Package example gives what a pod states to comply with a policy, from the examples of the controls.
package example

import (
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Situation is a control in a container of the policy, for the control's examples.
func Situation(p *policy.Policy, ctrl *control.Control, c *policy.Container) control.Situation {
	return control.Situation{
		Control: ctrl, Value: c.Get(ctrl.ID).Value, Container: ContainerName(c),
		Get: func(id control.ID) control.Value { return c.Get(id).Value },
		Restricts: func(id control.ID) bool {
			other, ok := control.Lookup(id)
			return ok && other.Restricts(c.Get(id).Value)
		},
		Since: p.Platform.SinceKubernetes,
		Layer: func(layer *control.Control) control.Layer {
			return control.Layer{
				Own:      profile.Name(p, c) + layer.Profile.Suffix,
				Compiled: profile.Localhost(p, layer.ID, c),
				OwnOnly:  profile.RefusesForeign(p, layer, c),
			}
		},
	}
}

// ContainerName is the name of the container, or for policy.AnyContainer one that no container
// block of the workload has.
func ContainerName(c *policy.Container) string {
	if c.Name != policy.AnyContainer {
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

// Pod is what a pod must state so that a container complies with every control:
// what several containers may share, and what only this one can state. It is false
// where nothing would do.
func Pod(p *policy.Policy, c *policy.Container) (shared, own control.Patch, possible bool) {
	shared, own, possible = control.Patch{}, control.Patch{}, true
	for _, ctrl := range control.Controls() {
		s := Situation(p, ctrl, c)
		if ctrl.Scope == control.OfPolicy || !ctrl.Restricts(s.Value) || !ctrl.Known(s.Since) {
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

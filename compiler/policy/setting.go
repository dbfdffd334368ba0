package policy

import (
	"cmp"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Setting is a value together with who decided it.
type Setting struct {
	control.Value
	// Via is the control that was stated and sets this one (control.Control.Sets); "" where this one was stated itself.
	Via    control.ID
	Range  hcl.Range  // the statement that decided; empty where the catalogue did
	Policy string     // the policy that the statement stands in
	Warn   *Exception // set: what the control refuses is reported and let through
	// Exempt are the exceptions by which violations are only reported in containers
	// of their images, by name. Layers that see no images hold the value in these too.
	Exempt []*Exception
	// Assumed says that nobody states the value: the targets in force take it for granted, see Policy.Assume.
	Assumed bool
	// Granted is the exception that let a workload ask for more than its ceiling.
	Granted *Exception
}

// Stated reports whether any policy said something about the control.
func (s Setting) Stated() bool { return s.Range.Filename != "" }

// Source is the control whose statement decided the setting of a control.
func (s Setting) Source(id control.ID) control.ID { return cmp.Or(s.Via, id) }

// Settings are the values of all controls of one container, or one policy.
type Settings map[control.ID]Setting

// meet gives the loosest setting that is within both. The value is
// Control.Meet's; the statement is the one whose value was taken, or the first
// one's where both have a part in it. The second result is as Control.Meet's.
func meet(c *control.Control, a, b Setting) (Setting, bool) {
	if c.Order == control.Fixed {
		if !a.Stated() {
			return b, true
		}
		return a, !b.Stated() || a.Text == b.Text
	}
	v, ok := c.Meet(a.Value, b.Value)
	switch {
	case c.Order == control.DenySet && !a.Stated():
		a.Range, a.Policy = b.Range, b.Policy
	case c.Order != control.DenySet && !c.Within(a.Value, b.Value) && c.Within(b.Value, a.Value):
		return b, true
	}
	a.Value = v
	return a, ok
}

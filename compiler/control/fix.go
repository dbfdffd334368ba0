package control

import "strings"

// Fix is the change of a manifest that fixes a finding of a control, where there
// is only one. The zero Fix leaves the decision to people; see Control.Advise.
type Fix struct {
	Kind FixKind
	// Value is what FixSet writes and FixAppend adds, as YAML.
	Value string
	// Field restricts the fix to findings at a field of this name, where a control
	// has findings of several kinds; "" is every field.
	Field string
}

// FixKind is how a finding is fixed.
type FixKind int

// The kinds. Those that name a profile or a workload need the policy.
const (
	_                  FixKind = iota
	FixSet                     // set the field of the finding to Value
	FixRemove                  // remove the field of the finding
	FixAppend                  // add Value to the list of the finding
	FixProfile                 // name the profile that is compiled for the container, or else the runtime's
	FixCompiledProfile         // name the profile that is compiled for the container
	FixMembership              // give the object the labels or the namespace of the workload whose name it has
)

// orderAdvice is the advice for controls that have none of their own.
var orderAdvice = map[Order]string{
	AllowSet: "Is it needed? Ask for nothing but what the policy allows: VALUE.",
	DenySet:  "Is it needed? The policy refuses VALUE: do without.",
	Ordered:  "Change it so that it is as the policy says: CONTROL = VALUE.",
	Fixed:    "Change it so that it is as the policy says: CONTROL = VALUE.",
}

// Advise says what people have to decide to fix a finding of the control, which a
// policy sets to a value. typed asks for what fits a typed resource of Terraform.
func (c *Control) Advise(v Value, typed bool) string {
	text := c.Advice
	if typed && c.TypedAdvice != "" {
		text = c.TypedAdvice
	}
	if text == "" {
		text = orderAdvice[c.Order]
	}
	return strings.NewReplacer("CONTROL", string(c.ID), "VALUE", c.Show(v)).Replace(text)
}

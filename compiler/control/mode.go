package control

import "cmp"

// EnforcementMode says how a target enforces a control or a flow. A greater mode is enough wherever a lesser one is.
type EnforcementMode int

// The modes, from weak to strong. NoMode is that of what is not enforced.
const (
	NoMode    EnforcementMode = iota
	Detects                   // reports a violation when it happens
	Maintains                 // brings things back to what the policy says, again and again, as an update robot does
	Checks                    // refuses what would allow a violation, before it runs
	Prevents                  // makes a violation fail when it is tried
)

// String is the mode as a verb, "prevents"; "" of NoMode.
func (m EnforcementMode) String() string {
	return [...]string{"", "detects", "maintains", "checks", "prevents"}[m]
}

// EnforcedBy reports whether a mode is enough for the control to count as
// enforced: its LeastMode or a greater one, and Checks where it names none.
func (c *Control) EnforcedBy(m EnforcementMode) bool { return m >= cmp.Or(c.LeastMode, Checks) }

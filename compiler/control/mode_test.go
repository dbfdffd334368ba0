package control_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Each mode is enough where a lesser one is, and a control that names none is not
// enforced by anything that happens after the violation.
func TestModesThatAreEnough(t *testing.T) {
	modes := []control.EnforcementMode{control.NoMode, control.Detects, control.Maintains, control.Checks, control.Prevents}
	for _, least := range modes {
		c := &control.Control{LeastMode: least}
		for _, m := range modes {
			want := m >= least
			if least == control.NoMode {
				want = m == control.Checks || m == control.Prevents
			}
			if got := c.EnforcedBy(m); got != want {
				t.Errorf("least %q: enforced by what %q: %v", least, m, got)
			}
		}
	}
	for _, c := range control.Controls() {
		if c.EnforcedBy(control.NoMode) {
			t.Errorf("%s counts as enforced by nothing", c.ID)
		}
		if got, want := c.EnforcedBy(control.Detects), c.ID.Block() == "monitoring"; got != want {
			t.Errorf("%s: detecting is enough: %v, want %v", c.ID, got, want)
		}
	}
}

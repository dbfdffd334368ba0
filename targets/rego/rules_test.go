package rego

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// TestControlsAreCovered holds that the target checks what a manifest shows: by the rules that the control has as data, or
// by some written by hand, and never by both.
func TestControlsAreCovered(t *testing.T) {
	for _, c := range control.Controls() {
		_, checked := controls[c.ID]
		if want := len(c.Rules) > 0 || c.InManifest; checked != want {
			t.Errorf("%s: checked %v, want %v", c.ID, checked, want)
		}
	}
	for id := range handwritten {
		if c, _ := control.Lookup(id); len(c.Rules) > 0 {
			t.Errorf("%s has rules as data, and is written by hand too", id)
		}
	}
}

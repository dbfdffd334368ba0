package terraform

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// TestControlsAreCovered holds that the module checks what a pod shows: by the rules that the control has as data, or by an
// expression written by hand, and never by both. A plan shows neither nodes nor kubelets.
func TestControlsAreCovered(t *testing.T) {
	for _, c := range control.Controls() {
		_, checked := find(c.ID)
		ofNodes := c.ID.Block() == "updates" || c.ID.Block() == "node"
		if want := !ofNodes && (len(c.Rules) > 0 || c.InManifest); checked != want {
			t.Errorf("%s: checked %v, want %v", c.ID, checked, want)
		}
		if _, byHand := handwritten[c.ID]; byHand && len(c.Rules) > 0 {
			t.Errorf("%s has rules as data, and is written by hand too", c.ID)
		}
	}
}

// TestHostsAreReadAlike holds the module to the package that reads image references.
func TestHostsAreReadAlike(t *testing.T) {
	body, err := static.ReadFile("static/containers.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, expression := range []string{image.Numeric, image.Address4} {
		if !strings.Contains(string(body), podrule.HCLString(expression)) {
			t.Errorf("the module does not have %s", podrule.HCLString(expression))
		}
	}
}

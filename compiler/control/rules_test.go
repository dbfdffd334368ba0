package control

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// TestRules prints the rules of every control, which fails where one names a field that the table does not have, and holds
// what a control says of itself to what its rules read.
func TestRules(t *testing.T) {
	ruled := 0
	for _, c := range Controls() {
		if len(c.Rules) == 0 {
			continue
		}
		ruled++
		kind := c.Encoded(Value{}).Kind
		for _, r := range c.Rules {
			if err := r.Valid(); err != nil {
				t.Errorf("%s: %v", c.ID, err)
				continue
			}
			if len(r.Rego(kind)) == 0 || c.Scope != OfPolicy && r.Terraform(kind) == "" {
				t.Errorf("%s: a rule is printed as nothing", c.ID)
			}
			if pods := r.Over == podrule.Pods || r.Over == podrule.LinuxPods; c.Scope == OfPod && !pods {
				t.Errorf("%s is one of pods, and a rule of it asks containers", c.ID)
			}
			if (r.Over == podrule.LinuxPods || r.Over == podrule.LinuxContainers) && !c.Linux {
				t.Errorf("%s: a rule spares Windows, and the control is not one of Linux", c.ID)
			}
		}
		if c.SparesWindows || c.InManifest || c.Immutable {
			t.Errorf("%s says of itself what follows from its rules", c.ID)
		}
	}
	if ruled < 30 {
		t.Errorf("%d controls have rules as data", ruled)
	}
}

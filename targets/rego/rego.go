// Package rego compiles a policy into a bundle for Open Policy Agent, and judges manifests by such bundles with OPA's own
// evaluator.
//
// The bundle refuses Kubernetes objects: pods, whatever kind of object holds them, and nodes. Rules live in a package of
// the policy's name; main.deny and main.warn repeat them for conftest.
package rego

import (
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// LeastOPA is the oldest release of Open Policy Agent that bundles are for.
const LeastOPA = "1.3.0"

// Target compiles policies to Rego. It has no options.
type Target struct{}

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "rego", Layer: target.Admission, Default: true,
		Facts: []platform.Definition{platform.Kubernetes, platform.Pods},
	}
}

// Kinds says that the judge understands manifests.
func (Target) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindManifest} }

// Support says that every control which shows in a manifest or a node is checked before it runs. The others belong to
// other layers.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	if s.Control == nil {
		return target.Support{Level: target.NotApplicable, Reason: "a manifest does not show connections"}
	}
	if _, ok := controls[s.Control.ID]; !ok {
		return target.Support{Level: target.NotApplicable, Reason: "a manifest does not show it"}
	}
	if reason := platform.NotRead(p.Platform, s.Control); reason != "" {
		return target.Support{Level: target.None, Reason: reason}
	}
	open := s.Control.StaysOpen(s.Setting.Value, p.Platform.SinceKubernetes)
	if s.Control.Unseen != "" {
		return target.Support{Level: target.Partial, Mode: control.Checks,
			Reason: strings.TrimSpace("A manifest " + s.Control.Unseen + " " + open)}
	}
	if open != "" {
		return target.Support{Level: target.Partial, Mode: control.Checks, Reason: open, Utmost: true}
	}
	return target.Support{Level: target.Full, Mode: control.Checks}
}

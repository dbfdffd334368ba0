// Package terraform compiles a policy into a Terraform module that checks the
// pods of kubernetes_* resources before they are applied, and judges plans by
// such a module.
//
// The module holds a control by a precondition, which stops a run, or, where an
// exception says that violations are only reported, by a check block, which
// warns. The same conditions are evaluated here over a plan's JSON.
package terraform

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Target is the Terraform target.
type Target struct{}

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "terraform", Layer: target.Infrastructure, Default: true,
		Facts: []platform.Definition{platform.Kubernetes, platform.Pods},
	}
}

// Support says how far the module holds a statement: all of what can be seen in
// a plan, by checking it.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	if s.Control == nil {
		return target.Support{Level: target.NotApplicable}
	}
	if support, ok := versionSupport(s.Control.ID); ok {
		return support
	}
	if _, ok := find(s.Control.ID); !ok {
		return target.Support{Level: target.NotApplicable}
	}
	if reason := platform.NotRead(p.Platform, s.Control); reason != "" {
		return target.Support{Level: target.None, Reason: reason}
	}
	open := s.Control.StaysOpen(s.Setting.Value, p.Platform.SinceKubernetes)
	if s.Control.Unseen != "" {
		return target.Support{Level: target.Partial, Mode: control.Checks,
			Reason: strings.TrimSpace("A plan " + s.Control.Unseen + " " + open)}
	}
	if s.Setting.Warn != nil {
		return target.Support{Level: target.Full, Mode: control.Checks,
			Reason: fmt.Sprintf("The exception %q has violations reported only: a check warns of them.", s.Setting.Warn.Name)}
	}
	if open != "" {
		return target.Support{Level: target.Partial, Mode: control.Checks, Reason: open, Utmost: true}
	}
	return target.Support{Level: target.Full, Mode: control.Checks}
}

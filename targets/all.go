// Package targets lists the compilation targets.
package targets

import (
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
	"github.com/bulkhead-policy/bulkhead/targets/falco"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy"
	"github.com/bulkhead-policy/bulkhead/targets/rego"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
	"github.com/bulkhead-policy/bulkhead/targets/securityprofilesoperator"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

// All gives every target, in the order in which they are shown.
func All() []target.Target {
	return []target.Target{
		rego.Target{},
		seccomp.Target{},
		apparmor.Target{},
		securityprofilesoperator.Target{},
		networkpolicy.Target{},
		falco.Target{},
		terraform.Target{},
	}
}

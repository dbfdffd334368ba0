package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// HostProcess is the ID of the control in this file.
const HostProcess ID = "privileges.host_process"

var hostProcess = &Control{
	ID:       HostProcess,
	Title:    "Containers must not be Windows host processes",
	Reason:   "A HostProcess container runs on the node itself, as its administrator.",
	Mappings: []string{"PSS baseline: windowsHostProcess"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Strict: false, Loosest: Value{Bool: true},
	Fix:     Fix{Kind: FixSet, Value: "false"},
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.windowsOptions.hostProcess", Shape: podrule.Flag, Good: false, Message: "windowsOptions.hostProcess must not be true"}},
	Example: refuses(inSecurity(Patch{"windowsOptions": Patch{"hostProcess": true}})),
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// RunAsNonRoot is the ID of the control in this file.
const RunAsNonRoot ID = "privileges.run_as_non_root"

var runAsNonRoot = &Control{
	ID:       RunAsNonRoot,
	Title:    "Running as another user than root, in pods without a user namespace of their own",
	Reason:   "Root in a container is root on the node as soon as one wall gives way; many escapes need it (CVE-2019-5736).",
	Mappings: []string{"PSS restricted: runAsNonRoot", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Strict: true, Loosest: Value{Bool: false},
	Fix:   Fix{Kind: FixSet, Value: "true"},
	Rules: []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.runAsNonRoot", Shape: podrule.Flag, Good: true, When: podrule.NodeUsers, Message: "runAsNonRoot must be true"}},
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// RunAsNonRoot is the ID of the control in this file.
const RunAsNonRoot ID = "privileges.run_as_non_root"

var runAsNonRoot = &Control{
	ID:       RunAsNonRoot,
	Title:    "Containers must not run as root",
	Reason:   "Root in a container is root on the node after one further mistake. Many escapes need it (CVE-2019-5736). Pods with a user namespace of their own are exempt.",
	Mappings: []string{"PSS restricted: runAsNonRoot", "ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Strict: true, Loosest: Value{Bool: false},
	Fix:     Fix{Kind: FixSet, Value: "true"},
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: "securityContext.runAsNonRoot", Shape: podrule.Flag, Good: true, When: podrule.NodeUsers, Message: "runAsNonRoot must be true"}},
	Example: Example{Good: nonRoot, Bad: func(s Situation) []Patch { return s.asRoot(false) }},
}

func nonRoot(Situation) (Patch, bool) { return inSecurity(Patch{"runAsNonRoot": true}), true }

// asRoot runs a container as root, in a user namespace of its pod or in that of the
// node.
func (s Situation) asRoot(ownUsers bool) []Patch {
	if ownUsers && !s.Since(userNamespaces) {
		return nil
	}
	change := inSecurity(Patch{"runAsNonRoot": nil})
	change["spec"] = Patch{"hostUsers": !ownUsers}
	return []Patch{change}
}

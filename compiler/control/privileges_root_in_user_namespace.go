package control

import (
	"math"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// RootInUserNS is the ID of the control in this file.
const RootInUserNS ID = "privileges.root_in_user_namespace"

var rootInUserNS = &Control{
	ID:       RootInUserNS,
	Title:    "Containers must not run as root even in a user namespace of their own",
	Reason:   "Root there is an ordinary user of the node, but has every capability over what the namespace owns, and reaches kernel code that other users cannot.",
	Mappings: []string{"PSS restricted: runAsNonRoot", "PSS restricted: runAsUser"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Strict: false, Loosest: Value{Bool: true},
	Advice: "Which user does the image need? State runAsUser with its number, or use an image that runs without root.",
	Rules: []podrule.Rule{
		{Over: podrule.Containers, Field: "securityContext.runAsNonRoot", Shape: podrule.Flag, Good: true, When: podrule.OwnUsers, Message: "runAsNonRoot must be true, even in a user namespace"},
		{
			Over: podrule.Containers, Field: "securityContext.runAsUser", Shape: podrule.Member, When: podrule.OwnUsers,
			Value: podrule.Value{Kind: podrule.Ranges, Ranges: [][2]int64{{1, math.MaxUint32}}}, Message: "runAsUser must not be %v, even in a user namespace",
		},
	},
	Example: Example{Good: nonRoot, Bad: func(s Situation) []Patch { return s.asRoot(true) }},
}

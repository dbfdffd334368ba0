package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// ReadOnlyPort is the ID of the control in this file.
const ReadOnlyPort ID = "node.read_only_port"

var readOnlyPort = &Control{
	ID:       ReadOnlyPort,
	Title:    "The kubelet must not serve its read-only port",
	Reason:   "The port shows every pod of the node, with its environment, to anyone who reaches the node: it has neither authentication nor encryption.",
	Mappings: []string{"CIS Kubernetes Benchmark 1.11: 4.2.4", "ATT&CK T1613"},
	Order:    Ordered, Type: Bool, Scope: OfPolicy, Strict: false, Loosest: Value{Bool: true},
	Fix: Fix{Kind: FixSet, Value: "0"},
	Rules: []podrule.Rule{{
		Over: podrule.Kubelets, Field: "readOnlyPort", Shape: podrule.Member, Message: "readOnlyPort must be %s, not %v",
		Value: podrule.Value{Kind: podrule.Ranges, Ranges: [][2]int64{{0, 0}}},
	}},
	Example: kubelet(nil, Patch{"readOnlyPort": 10255}),
}

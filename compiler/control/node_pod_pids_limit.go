package control

import (
	"math"
	"strconv"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// PodPidsLimit is the ID of the control in this file.
const PodPidsLimit ID = "node.pod_pids_limit"

var podPidsLimit = &Control{
	ID:       PodPidsLimit,
	Title:    "The kubelet must limit the processes of each pod",
	Reason:   "A pod that starts processes without end takes the node's process IDs from all others. A limit of 0 or less is none; the kubelet's default is -1.",
	Mappings: []string{"CIS Kubernetes Benchmark 1.11: 4.2.13", "ATT&CK T1499"},
	Order:    Ordered, Type: Count, Scope: OfPolicy,
	Advice: "How many processes do the pods of the node need? Set podPidsLimit to at least that, and at most VALUE.",
	Rules:  []podrule.Rule{{Over: podrule.Kubelets, Field: "podPidsLimit", Shape: podrule.Member, Message: "podPidsLimit must be %s, not %v"}},
	encode: fromOne,
	Example: Example{
		Good: func(s Situation) (Patch, bool) { return Patch{"podPidsLimit": countOf(s.Value)}, true },
		Bad: func(s Situation) []Patch {
			bad := []Patch{{"podPidsLimit": nil}, {"podPidsLimit": 0}, {"podPidsLimit": -1}}
			if n := countOf(s.Value); n < math.MaxInt64 {
				bad = append(bad, Patch{"podPidsLimit": n + 1})
			}
			return bad
		},
	},
}

// fromOne encodes a count as the most, and 1 as the least. No rule is printed of a control that states no count.
func fromOne(v Value) podrule.Value {
	return podrule.Value{Kind: podrule.Ranges, Ranges: [][2]int64{{1, countOf(v)}}}
}

// countOf is the number of a Count; 0 of none.
func countOf(v Value) int64 {
	n, err := strconv.ParseInt(v.Text, 10, 64)
	if err != nil && v.Text != "" {
		panic("control: a resolved policy holds only valid counts: " + err.Error())
	}
	return n
}

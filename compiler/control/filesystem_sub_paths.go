package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SubPaths is the ID of the control in this file.
const SubPaths ID = "filesystem.sub_paths"

var subPaths = &Control{
	ID:       SubPaths,
	Title:    "Volumes must be mounted without subPath",
	Reason:   "The kubelet resolves the path on the node. A link that a container put there has led out of the volume (CVE-2017-1002101, CVE-2021-25741).",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Strict: false, Loosest: Value{Bool: true},
	Advice:  "Mount the whole volume at a folder of its own, and let the program look there.",
	Rules:   []podrule.Rule{{Over: podrule.Containers, Field: podrule.SubPaths, Shape: podrule.Member, Value: podrule.Value{Kind: podrule.Set}, Message: "subPath must not be set; it is %v"}},
	Example: refuses(inContainer(mounted("/example", Patch{"subPath": "example", "readOnly": true}))),
}

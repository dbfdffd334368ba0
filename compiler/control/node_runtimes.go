package control

// NodeRuntimes is the ID of the control in this file.
const NodeRuntimes ID = "node.runtimes"

var nodeRuntimes = &Control{
	ID:       NodeRuntimes,
	Title:    "Nodes must run one of the listed container runtimes",
	Reason:   "A policy's profiles, annotations and versions are written for certain runtimes.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    AllowSet, Type: Set, Scope: OfPolicy, Element: oneOf("runtime", "*", EngineNames...), Loosest: only("*"),
	InManifest: true,
	Advice:     "Set the node up again with a runtime of VALUE, or take it out of use.",
}

// EngineNames are the runtimes that a node names in status.nodeInfo.containerRuntimeVersion, as "containerd://2.1.5": those
// that a kubelet talks to. Others, such as runc, run below one of them.
var EngineNames = []string{"containerd", "cri-o", "docker"}

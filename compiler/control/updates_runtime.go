package control

// RuntimeVersion is the ID of the control in this file.
const RuntimeVersion ID = "updates.runtime"

var runtimeVersion = &Control{
	ID:       RuntimeVersion,
	Title:    "Nodes must run at least the stated container runtime version",
	Reason:   "Releases fix container escapes: runc 1.2.8, 1.3.3 and 1.4.0-rc.3 for CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    DenySet, Type: Blocks, Scope: OfPolicy,
	InManifest: true,
	Advice:     "Update the runtime on the node to VALUE or newer, or take the node out of use.",
	Block:      leastVersion(isRuntime),
}

// RuntimeNames are the container runtimes that policies may name.
var RuntimeNames = []string{"containerd", "cri-o", "crun", "docker", "runc"}

func isRuntime(r BlockReader) bool {
	label, at := r.Label()
	return r.OneOf(label, at, "A runtime", RuntimeNames)
}

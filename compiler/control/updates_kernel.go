package control

// KernelVersion is the ID of the control in this file.
const KernelVersion ID = "updates.kernel"

var kernelVersion = &Control{
	ID:       KernelVersion,
	Title:    "Nodes must run at least the stated kernel version",
	Reason:   "All containers of a node share its kernel, with its vulnerabilities.",
	Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
	Order:    Ordered, Type: Version, Scope: OfPolicy,
	InManifest: true,
	Advice:     "Update the node's kernel to VALUE or newer, or take the node out of use.",
	Block:      leastVersion(nil),
}

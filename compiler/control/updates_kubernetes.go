package control

// KubernetesVersion is the ID of the control in this file.
const KubernetesVersion ID = "updates.kubernetes"

var kubernetesVersion = &Control{
	ID:     KubernetesVersion,
	Title:  "Nodes must run at least the stated Kubernetes version",
	Reason: "Versions without support get no security fixes.",
	Order:  Ordered, Type: Version, Scope: OfPolicy,
	InManifest: true,
	Advice:     "Update the node to Kubernetes VALUE or newer.",
	Block:      leastVersion(nil),
}

package control

// KubernetesVersion is the ID of the control in this file.
const KubernetesVersion ID = "updates.kubernetes"

var kubernetesVersion = &Control{
	ID:     KubernetesVersion,
	Title:  "The least Kubernetes version on a node",
	Reason: "Versions without support get no more corrections.",
	Order:  Ordered, Type: Version, Scope: OfPolicy,
	InManifest: true,
	Advice:     "Update the node to Kubernetes VALUE or newer.",
	Block:      leastVersion(nil),
}

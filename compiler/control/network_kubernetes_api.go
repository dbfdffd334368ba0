package control

// KubernetesAPI is the ID of the control in this file.
const KubernetesAPI ID = "network.kubernetes_api"

var kubernetesAPI = &Control{
	ID:       KubernetesAPI,
	Title:    "The cluster's API server",
	Reason:   "A stolen service account token is of use only where the API server can be reached.",
	Mappings: []string{"ATT&CK T1613"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, ByFlows, Allow}, Loosest: Value{Text: Allow},
}

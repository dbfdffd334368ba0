package control

// KubernetesAPI is the ID of the control in this file.
const KubernetesAPI ID = "network.kubernetes_api"

var kubernetesAPI = &Control{
	ID:       KubernetesAPI,
	Title:    "Pods must not connect to the API server unless a flow allows it",
	Reason:   "A stolen service account token is useful only where the API server can be reached.",
	Mappings: []string{"ATT&CK T1613"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Namespaced: true, Names: []string{Deny, ByFlows, Allow}, Loosest: Value{Text: Allow},
}

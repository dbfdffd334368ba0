package rego

// variableOf names what a rule goes through.
func variableOf(over string) string {
	switch over {
	case "pods", "linux_pods":
		return "pod"
	case "nodes":
		return "node"
	}
	return "c"
}

package rego

import "strings"

// splitField gives the Rego reference of a field's parent below a security context, and the field's own name.
func splitField(field string) (parent, name string) {
	if before, after, nested := strings.Cut(field, "."); nested {
		return "." + before, after
	}
	return "", field
}

// quotedKeys writes the names of a dotted field as the elements of a Rego array.
func quotedKeys(field string) []string {
	parts := strings.Split(field, ".")
	for i, p := range parts {
		parts[i] = quote(p)
	}
	return parts
}

// cutStar takes the star off a name that ends in one.
func cutStar(name string) (prefix string, open bool) { return strings.CutSuffix(name, "*") }

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

package control

import (
	"fmt"
)

// Hugepages is the ID of the control in this file.
const Hugepages ID = "resources.hugepages"

var hugepages = &Control{
	ID:     Hugepages,
	Title:  "Huge pages that a container may ask for, by page size",
	Reason: "Huge pages are set aside on the node and are not given back while the pod runs.",
	Order:  AllowSet, Type: Map, Scope: OfContainer, Linux: true, Element: hugepagesElement, Loosest: only("*"),
}

var hugepagesElement = &Element{
	What: "page size", Any: "*",
	Parse: func(key string) (string, error) {
		if _, err := parseQuantity(key); err != nil && key != "*" {
			return "", fmt.Errorf("a page size is written as Kubernetes does: \"2Mi\"")
		}
		return key, nil
	},
	ParseArg: CheckQuantity,
}

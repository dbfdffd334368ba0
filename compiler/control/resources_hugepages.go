package control

import (
	"fmt"
)

// Hugepages is the ID of the control in this file.
const Hugepages ID = "resources.hugepages"

var hugepages = &Control{
	ID:     Hugepages,
	Title:  "Containers may request huge pages only up to the maximum",
	Reason: "Huge pages are set aside on the node and are not given back while the pod runs.",
	Order:  AllowSet, Type: Map, Scope: OfContainer, Linux: true, Element: hugepagesElement, Loosest: only("*"),
	InManifest: true, Immutable: true, SparesWindows: true,
	Advice:  "Does the program need huge pages? Take them out of limits and requests, or ask for no more than VALUE.",
	Example: Example{Bad: otherPages},
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

// otherPages asks for huge pages that are not allowed: of another size, or too many.
func otherPages(s Situation) []Patch {
	var candidates []Item
	for _, size := range []string{"1Gi", "2Mi", "64Ki", "16Gi", "3Mi"} {
		candidates = append(candidates, Item{Key: size, Arg: "1Ei"})
	}
	it, found := s.outside(candidates...)
	if !found {
		return nil
	}
	return []Patch{inContainer(Patch{"resources": Patch{"limits": Patch{"hugepages-" + it.Key: it.Arg}}})}
}

package control

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// Registries is the ID of the control in this file.
const Registries ID = "image.registries"

var registries = &Control{
	ID:       Registries,
	Title:    "Where images may come from",
	Reason:   "An image from anywhere is code from anyone.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Element: registryElement, Loosest: only("*"),
	Advice:  "Where does the image come from? Copy it to a place among VALUE, and name it there.",
	Rules:   imageRules(podrule.Rule{Shape: podrule.Image, Message: "image %v is from a registry that is not allowed"}),
	encode:  repositories,
	Example: Example{Good: goodImage, Bad: otherImage},
}

// otherImage takes an image that is of no registry which is allowed.
func otherImage(s Situation) []Patch {
	for _, name := range slices.Backward(exampleImages) {
		if !image.Matches(s.Value.Keys(), name) {
			return []Patch{s.reference(name)}
		}
	}
	return nil
}

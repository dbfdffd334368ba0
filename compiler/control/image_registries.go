package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Registries is the ID of the control in this file.
const Registries ID = "image.registries"

var registries = &Control{
	ID:       Registries,
	Title:    "Where images may come from",
	Reason:   "An image from anywhere is code from anyone.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Element: registryElement, Loosest: only("*"),
	Advice: "Where does the image come from? Copy it to a place among VALUE, and name it there.",
	Rules:  imageRules(podrule.Rule{Shape: podrule.Image, Message: "image %v is from a registry that is not allowed"}),
	encode: repositories,
}

package control

// Registries is the ID of the control in this file.
const Registries ID = "image.registries"

var registries = &Control{
	ID:       Registries,
	Title:    "Where images may come from",
	Reason:   "An image from anywhere is code from anyone.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Element: registryElement, Loosest: only("*"),
	InManifest: true,
	Advice:     "Where does the image come from? Copy it to a place among VALUE, and name it there.",
}

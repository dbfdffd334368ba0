package control

// ImagesDenied is the ID of the control in this file.
const ImagesDenied ID = "image.deny"

var imagesDenied = &Control{
	ID:       ImagesDenied,
	Title:    "Images that are refused whatever registries grants",
	Reason:   "A registry that is given up, or an image with a known hole, is named once, and no wider grant below lets it in.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Element: registryElement,
	InManifest: true,
}

package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// ImagesDenied is the ID of the control in this file.
const ImagesDenied ID = "image.deny"

var imagesDenied = &Control{
	ID:       ImagesDenied,
	Title:    "Images that are refused whatever registries grants",
	Reason:   "A registry that is given up, or an image with a known hole, is named once, and no wider grant below lets it in.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Element: registryElement,
	Rules:  imageRules(podrule.Rule{Shape: podrule.Image, Refuse: true, Message: "image %v is denied, or is no valid reference"}),
	encode: deniedRepositories,
}

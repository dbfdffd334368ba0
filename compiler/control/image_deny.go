package control

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// ImagesDenied is the ID of the control in this file.
const ImagesDenied ID = "image.deny"

var imagesDenied = &Control{
	ID:       ImagesDenied,
	Title:    "Containers must not use the listed images",
	Reason:   "A registry that was given up, or an image with a known hole, stays refused even if a policy below allows its registry.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Element: registryElement,
	Rules:   imageRules(podrule.Rule{Shape: podrule.Image, Part: podrule.Name, Refuse: true, Message: "image %v is denied, or is no valid reference"}),
	encode:  deniedRepositories,
	Example: Example{Good: goodImage, Bad: deniedImage},
}

// deniedImage takes one that is refused, and allowed by registries if there is such.
func deniedImage(s Situation) []Patch {
	allowed, denied := s.Get(Registries).Keys(), s.Value.Keys()
	all := slices.Concat(instances(allowed), instances(denied))
	for _, name := range all {
		if image.Matches(denied, name) && image.Matches(allowed, name) {
			return []Patch{s.reference(name)}
		}
	}
	for _, name := range all {
		if image.Matches(denied, name) {
			return []Patch{s.reference(name)}
		}
	}
	return nil
}

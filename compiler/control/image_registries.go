package control

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// Registries is the ID of the control in this file.
const Registries ID = "image.registries"

var registries = &Control{
	ID:       Registries,
	Title:    "Images must come from the listed registries",
	Reason:   "An image from any registry is code from anyone.",
	Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Element: registryElement, Loosest: only("*"),
	Advice:  "Where does the image come from? Copy it to a place among VALUE, and name it there.",
	Rules:   imageRules(podrule.Rule{Shape: podrule.Image, Part: podrule.Name, Message: "image %v is from a registry that is not allowed"}),
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

// exampleImages are those of images that policies are likely to leave free, and of which no policy is likely to grant all.
var exampleImages = []string{"registry.example.com/example", "localhost:5000/example", "docker.io/example/example", "registry.invalid/example"}

// instances are exampleImages that one of the patterns matches.
func instances(patterns []string) []string {
	var out []string
	for _, key := range patterns {
		p, err := image.ParsePattern(key)
		if err != nil {
			continue
		}
		if p.String() == "*" {
			return exampleImages
		}
		host, path, _ := strings.Cut(p.String(), "/")
		for _, part := range []string{"example", "example/example", ""} {
			name := strings.Replace(host, "*", "registry", 1) + "/" + strings.ReplaceAll(path, "*", part)
			if ref, err := image.ParseReference(name); err == nil && p.Matches(ref) {
				out = append(out, name)
			}
		}
	}
	return out
}

// repository is one that the container's images may come from.
func (s Situation) repository() (string, bool) {
	candidates := exampleImages
	if s.Restricts(Registries) {
		candidates = instances(s.Get(Registries).Keys())
	}
	denied := s.Get(ImagesDenied).Keys()
	for _, name := range candidates {
		if !image.Matches(denied, name) {
			return name, true
		}
	}
	return exampleImages[0], false
}

func goodImage(s Situation) (Patch, bool) {
	repository, ok := s.repository()
	return s.reference(repository), ok
}

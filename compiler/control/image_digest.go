package control

import (
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// Digest is the ID of the control in this file.
const Digest ID = "image.digest"

var digest = &Control{
	ID:       Digest,
	Title:    "Images must be named by digest",
	Reason:   "A tag can be moved to another image after a review.",
	Mappings: []string{"ATT&CK T1525"},
	Order:    Ordered, Type: Enum, Scope: OfContainer, Names: []string{Required, Optional}, Loosest: Value{Text: Optional},
	Advice:  "Which image was reviewed? Name it by its digest, IMAGE@sha256:..., which the registry tells, and let a tool move it on.",
	Rules:   imageRules(podrule.Rule{Shape: podrule.Image, Part: podrule.Digest, Message: "image %v must have a digest"}),
	Example: Example{Good: goodImage, Bad: imageByTag},
}

// Whether an image must be named by digest.
const (
	Required = "required"
	Optional = "optional"
)

// imageByTag names an image by a tag alone.
func imageByTag(s Situation) []Patch {
	repository, _ := s.repository()
	tag := s.tag()
	if tag == "" {
		tag = "1.0"
	}
	return []Patch{inContainer(Patch{"image": repository + ":" + tag})}
}

// reference names an image of a repository as the container's have to be named.
func (s Situation) reference(repository string) Patch {
	if tag := s.tag(); tag != "" && !s.Restricts(Digest) {
		return inContainer(Patch{"image": repository + ":" + tag})
	}
	return inContainer(Patch{"image": repository + "@sha256:" + strings.Repeat("0", 64)})
}

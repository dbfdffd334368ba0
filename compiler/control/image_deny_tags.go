package control

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// TagsDenied is the ID of the control in this file.
const TagsDenied ID = "image.deny_tags"

var tagsDenied = &Control{
	ID:       TagsDenied,
	Title:    "Images must not be named by the listed tags",
	Reason:   "Tags such as latest are moved often, so that two nodes may run different images. An image without a tag has the tag latest.",
	Mappings: []string{"ATT&CK T1525"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Element: tagElement,
	Rules:   imageRules(podrule.Rule{Shape: podrule.Image, Part: podrule.Tag, Refuse: true, Message: "image %v must not have this tag (without a tag it is latest)"}),
	encode:  names,
	Example: Example{Good: goodImage, Bad: deniedTag},
}

// tagForm is a tag as registries have it (github.com/distribution/reference), in
// which * stands for any text.
var tagForm = regexp.MustCompile(`^[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,127}$`)

var tagElement = &Element{
	What: "tag", Any: "*",
	Parse: func(key string) (string, error) {
		if !tagForm.MatchString(key) || strings.Contains(key, "**") {
			return "", fmt.Errorf("a tag has letters, digits and _ . -, and * stands for any text in it: \"latest\", \"dev-*\"")
		}
		return key, nil
	},
	contains: func(outer, inner Item) bool { return segmentContains(outer.Key, inner.Key) },
}

// deniedTag names an image by a tag that is refused.
func deniedTag(s Situation) []Patch {
	repository, _ := s.repository()
	return []Patch{inContainer(Patch{"image": repository + ":" + strings.ReplaceAll(s.Value.Keys()[0], "*", "example")})}
}

// tag is one by which images may be named; "" where there is none.
func (s Situation) tag() string {
	denied := s.Get(TagsDenied).Keys()
	expression := regexp.MustCompile(PatternsExpression(denied))
	for _, tag := range []string{"1.0", "example"} {
		if len(denied) == 0 || !expression.MatchString(tag) {
			return tag
		}
	}
	return ""
}

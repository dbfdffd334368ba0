package control

import (
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
)

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

// reference names an image of a repository as the container's have to be named.
func (s Situation) reference(repository string) Patch {
	if tag := s.tag(); tag != "" && !s.Restricts(Digest) {
		return inContainer(Patch{"image": repository + ":" + tag})
	}
	return inContainer(Patch{"image": repository + "@sha256:" + strings.Repeat("0", 64)})
}

func goodImage(s Situation) (Patch, bool) {
	repository, ok := s.repository()
	return s.reference(repository), ok
}

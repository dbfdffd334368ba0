package rego

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
)

// repositories are those of images that policies are likely to leave free, and of which no policy is likely to grant all.
var repositories = []string{"registry.example.com/example", "localhost:5000/example", "docker.io/example/example", "registry.invalid/example"}

// instances are repositories that one of the patterns matches.
func instances(patterns []string) []string {
	var out []string
	for _, key := range patterns {
		p, err := image.ParsePattern(key)
		if err != nil {
			continue
		}
		if p.String() == "*" {
			return repositories
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

// matches reports whether one of the patterns matches a repository.
func matches(patterns []string, repository string) bool {
	ref, err := image.ParseReference(repository)
	return err == nil && slices.ContainsFunc(patterns, func(key string) bool {
		p, err := image.ParsePattern(key)
		return err == nil && p.Matches(ref)
	})
}

// repository is one that the container's images may come from.
func (s situation) repository() (string, bool) {
	candidates := repositories
	if s.restricts(control.Registries) {
		candidates = instances(s.container.Get(control.Registries).Keys())
	}
	denied := s.container.Get(control.ImagesDenied).Keys()
	for _, name := range candidates {
		if !matches(denied, name) {
			return name, true
		}
	}
	return repositories[0], false
}

// tag is one by which images may be named; "" where there is none.
func (s situation) tag() string {
	denied := s.container.Get(control.TagsDenied).Keys()
	expression := regexp.MustCompile(control.PatternsExpression(denied))
	for _, tag := range []string{"1.0", "example"} {
		if len(denied) == 0 || !expression.MatchString(tag) {
			return tag
		}
	}
	return ""
}

// reference names an image of a repository as the container's have to be named.
func (s situation) reference(repository string) tree {
	if tag := s.tag(); tag != "" && !s.restricts(control.Digest) {
		return inContainer(tree{"image": repository + ":" + tag})
	}
	return inContainer(tree{"image": repository + "@sha256:" + strings.Repeat("0", 64)})
}

func imageKept(s situation) (tree, bool) {
	repository, ok := s.repository()
	return s.reference(repository), ok
}

// otherImage takes an image that is of no registry which is allowed.
func otherImage(s situation) []tree {
	for _, name := range slices.Backward(repositories) {
		if !matches(s.value.Keys(), name) {
			return []tree{s.reference(name)}
		}
	}
	return nil
}

// deniedImage takes one that is refused, and granted if there is such.
func deniedImage(s situation) []tree {
	granted, denied := s.container.Get(control.Registries).Keys(), s.value.Keys()
	all := slices.Concat(instances(granted), instances(denied))
	for _, name := range all {
		if matches(denied, name) && matches(granted, name) {
			return []tree{s.reference(name)}
		}
	}
	for _, name := range all {
		if matches(denied, name) {
			return []tree{s.reference(name)}
		}
	}
	return nil
}

// deniedTag names an image by a tag that is refused.
func deniedTag(s situation) []tree {
	repository, _ := s.repository()
	return []tree{inContainer(tree{"image": repository + ":" + strings.ReplaceAll(s.value.Keys()[0], "*", "example")})}
}

// imageByTag names an image by a tag alone.
func imageByTag(s situation) []tree {
	repository, _ := s.repository()
	tag := s.tag()
	if tag == "" {
		tag = "1.0"
	}
	return []tree{inContainer(tree{"image": repository + ":" + tag})}
}

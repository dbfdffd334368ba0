package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// Pods are kinds of objects that make pods, beyond those that the compiler knows by
// itself. They add up, and so do their paths: an extending policy cannot leave pods
// unread.
var Pods = &Fact[[]PodKind]{
	Name: "pods",
	Doc:  "Kinds of custom resources that make pods, and the paths of their pod templates, such as `{ \"ray.io/RayCluster\" = [\"spec.headGroupSpec.template\"] }`. Those of extended policies add up.",
	Read: func(r Reader) ([]PodKind, bool) {
		var out []PodKind
		for _, l := range r.Lists("What pods gives a kind", "A path of pods") {
			if k, ok := podKind(r, l); ok {
				out = append(out, k)
			}
		}
		return out, len(out) > 0
	},
	Combine: func(above, below []PodKind) []PodKind {
		for _, k := range below {
			above = addKind(above, k)
		}
		return above
	},
}

// PodKind is a kind of objects and where they keep the templates of their pods.
type PodKind struct {
	Group, Kind string // "ray.io", "RayCluster"
	// Paths are fields with dots between; * stands for every element of a list and every value of an object.
	Paths []control.Item
	Range hcl.Range
}

// PodTemplatePaths says which kinds of objects have pods on the platform: those that every platform
// has, and those that are stated.
func (f Facts) PodTemplatePaths() input.PodTemplatePaths {
	var named []input.PodTemplatePath
	for _, k := range Pods.Of(f) {
		place := input.PodTemplatePath{Group: k.Group, Kind: k.Kind}
		for _, path := range k.Paths {
			place.Paths = append(place.Paths, strings.Split(path.Key, "."))
		}
		named = append(named, place)
	}
	return input.BuiltIn().With(named...)
}

// addKind adds a kind with pods, or its paths to those that are known of it.
func addKind(kinds []PodKind, k PodKind) []PodKind {
	kinds = slices.Clone(kinds)
	i := slices.IndexFunc(kinds, func(have PodKind) bool { return have.Group == k.Group && have.Kind == k.Kind })
	if i < 0 {
		return append(kinds, k)
	}
	k.Paths = addNew(kinds[i].Paths, k.Paths)
	kinds[i] = k
	return kinds
}

var (
	// groupKind is an API group, which of custom resources has a dot, and a kind.
	groupKind = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+/[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$`)
	podPath   = regexp.MustCompile(`^[A-Za-z_][-A-Za-z0-9_]*(\.([A-Za-z_][-A-Za-z0-9_]*|\*))*$`)
)

const (
	// maxEach is how many * a path may have: the rules follow so many, and no known
	// resource has pods in lists of lists of lists.
	maxEach = 3
	// maxPath bounds a path, in bytes, which ends up in artifacts.
	maxPath = 200
	// maxKind bounds a group and a kind: 253 and 63 bytes, and the slash.
	maxKind = 317
)

func podKind(r Reader, l List) (PodKind, bool) {
	name := l.Name.Key
	group, kind, _ := strings.Cut(name, "/")
	if _, ok := input.BuiltIn().Lookup(group, kind); ok {
		r.Error(l.Name.Range, "Kind known already", "pods: %s is read without being named. Leave it out.", name)
		return PodKind{}, false
	}
	if !groupKind.MatchString(name) || len(name) > maxKind {
		r.Error(l.Name.Range, "Not a kind", "pods: a kind of custom resource is its API group, a slash and its name, without a version, such as \"ray.io/RayCluster\"; %q is not.%s", name, withoutVersion(name))
		return PodKind{}, false
	}
	k := PodKind{Group: group, Kind: kind, Range: l.Name.Range}
	good := true
	clean := l.Each(func(path control.Item) {
		if !goodPath(r, path, k.Paths) {
			good = false
			return
		}
		k.Paths = append(k.Paths, path)
	})
	if len(k.Paths) == 0 && clean && good {
		r.Error(l.Name.Range, "No paths", "Without a path no pod of %s would be found. Give one, such as \"spec.template\", or leave the kind out.", name)
		return k, false
	}
	return k, clean && good
}

// withoutVersion suggests the kind that was meant by one with its version.
func withoutVersion(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) != 3 {
		return ""
	}
	if meant := parts[0] + "/" + parts[2]; groupKind.MatchString(meant) {
		return fmt.Sprintf(" Did you mean %q?", meant)
	}
	return ""
}

// goodPath checks one path, and that it does not lead to where another of its kind
// leads.
func goodPath(r Reader, path control.Item, others []control.Item) bool {
	if !podPath.MatchString(path.Key) || strings.Count(path.Key, "*") > maxEach || len(path.Key) > maxPath {
		r.Error(path.Range, "Not a path", "pods: a path leads to what has the metadata and the spec of a pod. It is names of fields with dots between, such as \"spec.template\"; up to %d * stand for every element of a list and every value of an object. %q is not.%s", maxEach, path.Key, asPath(path.Key))
		return false
	}
	for _, other := range others {
		if overlap(strings.Split(path.Key, "."), strings.Split(other.Key, ".")) {
			r.Error(path.Range, "Paths overlap", "%q leads to, or into, what %q leads to, so that pods would be found twice. Name one of the two.", path.Key, other.Key)
			return false
		}
	}
	return true
}

// asPath suggests the path that was meant by one as other tools write it.
func asPath(path string) string {
	meant := strings.NewReplacer("[*]", ".*", "[]", ".*", "/", ".").Replace(path)
	meant = strings.TrimLeft(meant, "$.")
	if meant != path && podPath.MatchString(meant) && strings.Count(meant, "*") <= maxEach {
		return fmt.Sprintf(" Did you mean %q?", meant)
	}
	return ""
}

// overlap reports whether one of two paths may lead to where the other leads, or
// below it.
func overlap(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.EqualFunc(a[:n], b[:n], func(x, y string) bool { return x == y || x == input.Wildcard || y == input.Wildcard })
}

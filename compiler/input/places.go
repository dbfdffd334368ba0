package input

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Each is the step of a path that stands for every element of a list and every value of an object.
const Each = "*"

// Place is where the objects of a kind keep their pods.
type Place struct {
	Kind string
	// Group is the API group of the kind: NoGroup, CoreGroup or a name such as "apps".
	Group string
	// Paths lead to what has the metadata and the spec of a pod; the empty path to the object itself. Steps are
	// fields, or Each. None may lead to a pod twice.
	Paths [][]string
	// Instead is a field by which an object names another one whose pods it runs; it then has no pod of its own. Nil
	// where the kind has none.
	Instead []string
	// Unnamed is what a container is called that states no name: this, and its index where there are several. "" where
	// the kind demands names.
	Unnamed string
}

// Groups that are no names.
const (
	NoGroup   = ""  // no apiVersion is stated
	CoreGroup = "/" // the core group, which has no name: v1
)

// groupOf is the API group that an apiVersion names. The API server takes "/v1" for v1.
func groupOf(apiVersion string) string {
	g, _, found := strings.Cut(apiVersion, "/")
	switch {
	case apiVersion == "":
		return NoGroup
	case !found || g == "":
		return CoreGroup
	}
	return g
}

// Places says which kinds of objects hold pods, and where. The zero value knows of none. It is not changed once made.
type Places struct {
	byKind map[string]map[string]Place // by kind and group
}

var template = [][]string{{"spec", "template"}}

// builtIn lists the kinds that are read without a policy's naming them: Kubernetes' own (the group extensions held the
// older ones until 1.16), Argo's Rollout, Knative's, and OpenShift's DeploymentConfig (which its first API had in the core
// group). Knative calls a container user-container unless its configuration says otherwise.
var builtIn = []Place{
	{Kind: "Pod", Group: CoreGroup, Paths: [][]string{{}}},
	{Kind: "PodTemplate", Group: CoreGroup, Paths: [][]string{{"template"}}},
	{Kind: "ReplicationController", Group: CoreGroup, Paths: template},
	{Kind: "Deployment", Group: "apps", Paths: template},
	{Kind: "Deployment", Group: "extensions", Paths: template},
	{Kind: "ReplicaSet", Group: "apps", Paths: template},
	{Kind: "ReplicaSet", Group: "extensions", Paths: template},
	{Kind: "DaemonSet", Group: "apps", Paths: template},
	{Kind: "DaemonSet", Group: "extensions", Paths: template},
	{Kind: "StatefulSet", Group: "apps", Paths: template},
	{Kind: "Job", Group: "batch", Paths: template},
	{Kind: "CronJob", Group: "batch", Paths: [][]string{{"spec", "jobTemplate", "spec", "template"}}},
	{Kind: "Rollout", Group: "argoproj.io", Paths: template, Instead: []string{"spec", "workloadRef"}},
	{Kind: "Service", Group: "serving.knative.dev", Paths: template, Unnamed: "user-container"},
	{Kind: "Configuration", Group: "serving.knative.dev", Paths: template, Unnamed: "user-container"},
	{Kind: "Revision", Group: "serving.knative.dev", Paths: [][]string{{}}, Unnamed: "user-container"},
	{Kind: "DeploymentConfig", Group: "apps.openshift.io", Paths: template},
	{Kind: "DeploymentConfig", Group: CoreGroup, Paths: template},
}

// others are kinds of the core group that hold no pods, and whose names kinds of other groups bear. Without an apiVersion
// an object of such a name is the core's.
var others = []string{"Node", "Service"}

// BuiltIn gives the kinds that are read without a policy's naming them.
func BuiltIn() Places { return Places{}.With(builtIn...) }

// With gives the places and more. Of a kind that is known already, the paths add up.
func (p Places) With(more ...Place) Places {
	all := map[string]map[string]Place{}
	for kind, groups := range p.byKind {
		all[kind] = maps.Clone(groups)
	}
	for _, place := range more {
		if all[place.Kind] == nil {
			all[place.Kind] = map[string]Place{}
		}
		groups := all[place.Kind]
		groups[place.Group] = groups[place.Group].join(place, place.Group)
		if !slices.Contains(others, place.Kind) {
			groups[NoGroup] = groups[NoGroup].join(place, NoGroup)
		}
	}
	return Places{all}
}

// join adds the paths of another place.
func (p Place) join(other Place, group string) Place {
	paths := slices.Clone(p.Paths)
	for _, path := range other.Paths {
		if !slices.ContainsFunc(paths, func(have []string) bool { return slices.Equal(have, path) }) {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, slices.Compare)
	both := Place{Kind: other.Kind, Group: group, Paths: paths}
	if len(paths) > 1 {
		return both // of which of them the object is, nothing says
	}
	both.Instead, both.Unnamed = p.Instead, cmp.Or(p.Unnamed, other.Unnamed)
	if both.Instead == nil {
		both.Instead = other.Instead
	}
	return both
}

// All gives every place, by kind and group.
func (p Places) All() iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for _, kind := range slices.Sorted(maps.Keys(p.byKind)) {
			for _, group := range slices.Sorted(maps.Keys(p.byKind[kind])) {
				if !yield(p.byKind[kind][group]) {
					return
				}
			}
		}
	}
}

// Lookup gives where the objects of a kind of a group keep their pods.
func (p Places) Lookup(group, kind string) (Place, bool) {
	place, ok := p.byKind[kind][group]
	return place, ok
}

// Hold reports whether objects of a kind hold pods.
func (p Places) Hold(apiVersion, kind string) bool {
	_, ok := p.Lookup(groupOf(apiVersion), kind)
	return ok
}

// miscased gives the kind that is read and that differs in the case of letters only: the API server knows no other, so it
// is a mistake and not a kind of its own.
func (p Places) miscased(kind string) string {
	if p.byKind[kind] != nil {
		return ""
	}
	like := ""
	for known := range p.byKind {
		if strings.EqualFold(known, kind) && (like == "" || known < like) {
			like = known
		}
	}
	return like
}

// Pod is a part of an object that has the metadata and the spec of pods.
type Pod struct {
	Node *Node
	Path []string // from the object
}

// ends gives where a path leads in a node. What is absent, or null, is left out; what is neither a way to a pod nor a
// pod is among them, at the place where the way ends.
func ends(n *Node, at, path []string) []Pod {
	for i, step := range path {
		switch {
		case n == nil || n.Kind == Null:
			return nil
		case step == Each && (n.Kind == Sequence || n.Kind == Mapping):
			return each(n, at, path[i+1:])
		case step == Each || n.Kind != Mapping:
			return []Pod{{n, at}}
		}
		n, at = n.Get(step), append(slices.Clip(at), step)
	}
	if n == nil || n.Kind == Null {
		return nil
	}
	return []Pod{{n, at}}
}

// leads reports whether a path leads to a place.
func leads(path, to []string) bool {
	return slices.EqualFunc(path, to, func(step, key string) bool { return step == Each || step == key })
}

func each(n *Node, at, rest []string) []Pod {
	var out []Pod
	for i, item := range n.Items {
		out = append(out, ends(item, append(slices.Clip(at), strconv.Itoa(i)), rest)...)
	}
	for _, f := range n.Fields {
		out = append(out, ends(f.Value, append(slices.Clip(at), f.Key), rest)...)
	}
	return out
}

package input

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// WorkloadClass is a pod, or an object that makes pods.
const WorkloadClass Class = "workload"

var workload = objectKind{
	class:      WorkloadClass,
	namespaced: true,
	claims:     Object.isWorkload,
	examine:    Object.examineWorkload,
}

// Pod is a part of an object that has the metadata and the spec of pods.
type Pod struct {
	Node *Node
	Path []string // from the object
}

// ends returns where a path leads in a node. What is absent, or null, is left out. Where a value is in the way that has
// no fields or elements, that value is returned in place of the pod.
func ends(n *Node, at, path []string) []Pod {
	for i, step := range path {
		switch {
		case n == nil || n.Kind == Null:
			return nil
		case step == Wildcard && (n.Kind == Sequence || n.Kind == Mapping):
			return endsOfElements(n, at, path[i+1:])
		case step == Wildcard || n.Kind != Mapping:
			return []Pod{{n, at}}
		}
		n, at = n.Get(step), append(slices.Clip(at), step)
	}
	if n == nil || n.Kind == Null {
		return nil
	}
	return []Pod{{n, at}}
}

// leads reports whether a path with wildcards leads to a path without.
func leads(path, to []string) bool {
	return slices.EqualFunc(path, to, func(step, key string) bool { return step == Wildcard || step == key })
}

// endsOfElements returns where a path leads in every element of a list and every value of an object.
func endsOfElements(n *Node, at, rest []string) []Pod {
	var out []Pod
	for i, item := range n.Items {
		out = append(out, ends(item, append(slices.Clip(at), strconv.Itoa(i)), rest)...)
	}
	for _, f := range n.Fields {
		out = append(out, ends(f.Value, append(slices.Clip(at), f.Key), rest)...)
	}
	return out
}

// LooksLikePod reports whether the object has containers where most kinds that make pods have them.
func (o Object) LooksLikePod() bool {
	containers := o.Node.At("spec", "template", "spec", "containers")
	return containers != nil && containers.Kind == Sequence
}

// MayHavePods reports whether some field of the object is called image and is a string, or lists containers, as objects have
// it that make containers.
func (o Object) MayHavePods() bool { return mayHavePods(o.Node) }

func mayHavePods(n *Node) bool {
	for _, f := range n.Fields {
		switch f.Key {
		case "image":
			if f.Value.Kind == String {
				return true
			}
		case "containers", "initContainers":
			if slices.ContainsFunc(f.Value.Items, func(c *Node) bool { return c.Kind == Mapping }) {
				return true
			}
		}
		if mayHavePods(f.Value) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, mayHavePods)
}

func (o Object) hint() string {
	if !o.LooksLikePod() {
		return ""
	}
	return ", though it has containers: name the kind in platform.pods"
}

// refers returns the field that names another object whose pods the object runs; "" where it has its own.
func (o Object) refers(paths PodTemplatePath) string {
	n := o.Node.At(paths.RefField...)
	if paths.RefField == nil || n == nil || n.Kind != Mapping {
		return ""
	}
	for _, path := range paths.Paths {
		if spec := o.Node.At(path...).Get("spec"); spec != nil && spec.Kind != Null {
			return ""
		}
	}
	return strings.Join(paths.RefField, ".")
}

// isWorkload reports whether the object is of a kind with pods. One that differs in the case of letters is meant to be.
func (o Object) isWorkload() bool {
	return o.podPaths.Has(o.APIVersion, o.Kind) || o.podPaths.miscased(o.Kind) != ""
}

func (o Object) examineWorkload() (Class, string) {
	if like := o.podPaths.miscased(o.Kind); like != "" {
		return MalformedClass, fmt.Sprintf("no kind is called %q; it is %q", o.Kind, like)
	}
	paths := o.podTemplatePath()
	if field := o.refers(paths); field != "" {
		return UnsupportedClass, fmt.Sprintf("the %s has no pod of its own: it runs those of the object that %s names, so check that one", o.Kind, field)
	}
	return o.examinePods(paths)
}

// podTemplatePath says where objects of the object's kind have their pods; the zero value where the kind has none.
func (o Object) podTemplatePath() PodTemplatePath {
	paths, _ := o.podPaths.Lookup(groupOf(o.APIVersion), o.Kind)
	return paths
}

// examinePods says whether all pods of an object are where its kind has them, and whether there is one.
func (o Object) examinePods(paths PodTemplatePath) (Class, string) {
	pods := o.Pods()
	for _, pod := range pods {
		if spec := pod.Node.Get("spec"); spec == nil || spec.Kind != Mapping {
			path := pod.Path
			if pod.Node.Kind == Mapping {
				path = append(path, "spec")
			}
			return MalformedClass, fmt.Sprintf("the %s has no pod at %s", o.Kind, strings.Join(path, "."))
		}
	}
	if len(pods) > 0 {
		return WorkloadClass, ""
	}
	var specs []string
	for _, path := range paths.Paths {
		specs = append(specs, strings.Join(append(slices.Clip(path), "spec"), "."))
	}
	return MalformedClass, fmt.Sprintf("the %s has no pod at %s", o.Kind, strings.Join(specs, " or "))
}

// Pods returns the parts of the object that have the metadata and the spec of its pods; none where the kind has no pods,
// or they are missing. Where another value is in the way, that is returned.
func (o Object) Pods() []Pod {
	paths := o.podTemplatePath()
	var out []Pod
	seen := map[string]bool{} // two paths may lead to one pod
	for _, path := range paths.Paths {
		for _, end := range ends(o.Node, nil, path) {
			key := strings.Join(end.Path, "\x00")
			if !seen[key] {
				seen[key], out = true, append(out, end)
			}
		}
	}
	return out
}

// PodAt returns the pod that contains what is at a path from the object, or else the first; without a node where there
// is none.
func (o Object) PodAt(path []string) Pod {
	paths := o.podTemplatePath()
	for _, to := range paths.Paths {
		if len(to) <= len(path) && leads(to, path[:len(to)]) {
			return Pod{o.Node.At(path[:len(to)]...), slices.Clone(path[:len(to)])}
		}
	}
	if pods := o.Pods(); len(pods) > 0 {
		return pods[0]
	}
	return Pod{}
}

// NameOf returns the name of a container of a pod's list, such as initContainers: its own, or the one that the object's
// kind gives to ordinary containers.
func (o Object) NameOf(list string, containers []*Node, index int) string {
	name := containers[index].Get("name").Text()
	paths := o.podTemplatePath()
	switch {
	case name != "" || paths.DefaultContainerName == "" || list != "containers":
		return name
	case len(containers) == 1:
		return paths.DefaultContainerName
	}
	return paths.DefaultContainerName + "-" + strconv.Itoa(index)
}

// Labels returns the labels of the object's pod that contains what is at a path from the object; of its first pod where
// none does, and of the object itself where it has no pod. Values that are not strings are left out: the API server
// refuses them.
func (o Object) Labels(path []string) map[string]string {
	n := o.PodAt(path).Node
	if n == nil {
		n = o.Node
	}
	labels := map[string]string{}
	if all := n.Get("metadata").Get("labels"); all != nil {
		for _, f := range all.Fields {
			if f.Value.Kind == String {
				labels[f.Key] = f.Value.Value
			}
		}
	}
	return labels
}

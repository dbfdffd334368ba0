package input

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Object is one Kubernetes object in a document: the document itself, or an element of a List.
type Object struct {
	Document *Document
	Path     []string // from the document's root; nil where the document is the object
	Node     *Node

	APIVersion, Kind string
	Namespace, Name  string // "" where not stated

	// Review is the AdmissionReview that asks about the object; nil where none does.
	Review *Node

	places Places
}

// Skipped is something that was read and that no rule can judge.
type Skipped struct {
	File   string
	Line   int
	Reason string
}

// Objects lists the Kubernetes objects of the document, those of Lists one by one, those that AdmissionReviews ask about,
// and what is none. Their pods are where the places say.
func (d *Document) Objects(places Places) ([]Object, []Skipped) {
	l := lister{places: places}
	l.add(d, d.Root, nil)
	return l.objects, l.skipped
}

type lister struct {
	places  Places
	objects []Object
	skipped []Skipped
	review  *Node // that what is added is asked about by
}

func (l *lister) skip(d *Document, n *Node, format string, args ...any) {
	l.skipped = append(l.skipped, Skipped{d.File, int(n.Line), fmt.Sprintf(format, args...)})
}

func (l *lister) add(d *Document, n *Node, path []string) {
	kind := n.Get("kind").Text()
	switch {
	case n.Kind != Mapping:
		l.skip(d, n, "a %s is not a Kubernetes object", n.Kind)
	case kind == "":
		l.skip(d, n, "not a Kubernetes object: it states no kind")
	case l.review == nil && isReview(n):
		l.addReviewed(d, n, path)
	case isList(n):
		l.addItems(d, n, path, kind)
	default:
		meta := n.Get("metadata")
		l.objects = append(l.objects, Object{
			Document: d, Path: path, Node: n,
			APIVersion: n.Get("apiVersion").Text(), Kind: kind,
			Namespace: meta.Get("namespace").Text(), Name: meta.Get("name").Text(), Review: l.review, places: l.places,
		})
	}
}

// isReview reports whether a webhook takes the object for what an API server asks it (k8s.io/api/admission). Some tools
// leave the apiVersion out.
func isReview(n *Node) bool {
	version := n.Get("apiVersion").Text()
	return n.Get("kind").Text() == "AdmissionReview" && (version == "" || strings.HasPrefix(version, "admission.k8s.io/"))
}

// addReviewed adds what a review asks about. A deletion is asked about without an object, and an answer asks nothing.
func (l *lister) addReviewed(d *Document, review *Node, path []string) {
	asked := review.At("request", "object")
	if asked == nil || asked.Kind == Null {
		operation := review.At("request", "operation").Text()
		if operation == "" {
			operation = "no operation"
		}
		l.skip(d, review, "the AdmissionReview of %s has no object to judge", operation)
		return
	}
	l.review = review
	l.add(d, asked, append(append([]string(nil), path...), "request", "object"))
	l.review = nil
}

// isList reports whether kubectl takes the object for a list: one with items,
// whatever it calls itself (k8s.io/apimachinery, unstructured decoding).
func isList(n *Node) bool {
	items := n.Get("items")
	return items != nil && items.Kind != Null
}

func (l *lister) addItems(d *Document, n *Node, path []string, kind string) {
	items := n.Get("items")
	if items.Kind != Sequence {
		l.skip(d, items, "the items of the %s are a %s, not a list", kind, items.Kind)
		return
	}
	if len(items.Items) == 0 {
		l.skip(d, n, "the %s is empty", kind)
	}
	defer func(review *Node) { l.review = review }(l.review)
	l.review = nil // no API server asks about a list: whatever is in one is judged for itself
	for i, item := range items.Items {
		at := append(append([]string(nil), path...), "items", strconv.Itoa(i))
		if item.Kind == Mapping && item.Get("kind").Text() == "" && kind != "List" {
			// The server leaves kinds out of typed lists.
			l.addTyped(d, n, item, at, strings.TrimSuffix(kind, "List"))
			continue
		}
		l.add(d, item, at)
	}
}

func (l *lister) addTyped(d *Document, list, item *Node, path []string, kind string) {
	meta := item.Get("metadata")
	l.objects = append(l.objects, Object{
		Document: d, Path: path, Node: item,
		APIVersion: list.Get("apiVersion").Text(), Kind: kind,
		Namespace: meta.Get("namespace").Text(), Name: meta.Get("name").Text(), Review: l.review, places: l.places,
	})
}

// Class is what an object is to the rules.
type Class uint8

// The classes of objects.
const (
	Unread    Class = iota // no rule reads it
	HoldsPod               // a pod, or an object that makes pods
	IsNode                 // a Node
	Malformed              // of a kind that holds a pod, without one where it should be
)

// Class says what the object is, and why where no rule reads it. A kind of another API group is not the kind of that
// name; an object without an apiVersion is taken for the kind it names.
func (o Object) Class() (Class, string) {
	group := groupOf(o.APIVersion)
	if o.Kind == "Node" && (group == NoGroup || group == CoreGroup) {
		return IsNode, ""
	}
	if like := o.places.miscased(o.Kind); like != "" {
		return Malformed, fmt.Sprintf("no kind is called %q; it is %q", o.Kind, like)
	}
	place, known := o.places.Lookup(group, o.Kind)
	if !known {
		return Unread, fmt.Sprintf("no control reads a %s of %s", o.Kind, cmp.Or(o.APIVersion, "no apiVersion")) + o.hint()
	}
	if field := o.refers(place); field != "" {
		return Unread, fmt.Sprintf("the %s has no pod of its own: it runs those of the object that %s names, so check that one", o.Kind, field)
	}
	return o.held(place)
}

// LooksLikePod reports whether the object has containers where most kinds that make pods have them.
func (o Object) LooksLikePod() bool {
	containers := o.Node.At("spec", "template", "spec", "containers")
	return containers != nil && containers.Kind == Sequence
}

func (o Object) hint() string {
	if !o.LooksLikePod() {
		return ""
	}
	return ", though it has containers: name the kind in platform.pods"
}

// refers gives the field by which the object names another one whose pods it runs; "" where it has its own.
func (o Object) refers(place Place) string {
	n := o.Node.At(place.Instead...)
	if place.Instead == nil || n == nil || n.Kind != Mapping {
		return ""
	}
	for _, path := range place.Paths {
		if spec := o.Node.At(path...).Get("spec"); spec != nil && spec.Kind != Null {
			return ""
		}
	}
	return strings.Join(place.Instead, ".")
}

// held says whether all pods of an object are where its kind has them, and whether there is one.
func (o Object) held(place Place) (Class, string) {
	pods := o.Pods()
	for _, pod := range pods {
		if spec := pod.Node.Get("spec"); spec == nil || spec.Kind != Mapping {
			path := pod.Path
			if pod.Node.Kind == Mapping {
				path = append(path, "spec")
			}
			return Malformed, fmt.Sprintf("the %s has no pod at %s", o.Kind, strings.Join(path, "."))
		}
	}
	if len(pods) > 0 {
		return HoldsPod, ""
	}
	var paths []string
	for _, path := range place.Paths {
		paths = append(paths, strings.Join(append(slices.Clip(path), "spec"), "."))
	}
	return Malformed, fmt.Sprintf("the %s has no pod at %s", o.Kind, strings.Join(paths, " or "))
}

// Pods gives the parts of the object that have the metadata and the spec of its pods; none where the kind holds no pod,
// or they are missing. Where something else stands in their place, that is given.
func (o Object) Pods() []Pod {
	place, _ := o.places.Lookup(groupOf(o.APIVersion), o.Kind)
	var out []Pod
	seen := map[string]bool{} // two paths may lead to one place
	for _, path := range place.Paths {
		for _, end := range ends(o.Node, nil, path) {
			key := strings.Join(end.Path, "\x00")
			if !seen[key] {
				seen[key], out = true, append(out, end)
			}
		}
	}
	return out
}

// PodAt is the pod of the object that holds what is at a path from the object, or else the first; without a node where
// there is none.
func (o Object) PodAt(path []string) Pod {
	place, _ := o.places.Lookup(groupOf(o.APIVersion), o.Kind)
	for _, way := range place.Paths {
		if len(way) <= len(path) && leads(way, path[:len(way)]) {
			return Pod{o.Node.At(path[:len(way)]...), slices.Clone(path[:len(way)])}
		}
	}
	if pods := o.Pods(); len(pods) > 0 {
		return pods[0]
	}
	return Pod{}
}

// NameOf is what a container of a pod's list, such as initContainers, is called: its own name, or the one that the
// object's kind gives to ordinary containers.
func (o Object) NameOf(list string, containers []*Node, index int) string {
	name := containers[index].Get("name").Text()
	place, _ := o.places.Lookup(groupOf(o.APIVersion), o.Kind)
	switch {
	case name != "" || place.Unnamed == "" || list != "containers":
		return name
	case len(containers) == 1:
		return place.Unnamed
	}
	return place.Unnamed + "-" + strconv.Itoa(index)
}

// Labels returns the labels of the object's pod that holds what is at a path from the object; of its first pod where none
// does, and of the object itself where it holds no pod. Values that are not text are left out: the API server refuses them.
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

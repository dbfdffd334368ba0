package input

import (
	"fmt"
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
}

// Skipped is something that was read and that no rule can judge.
type Skipped struct {
	File   string
	Line   int
	Reason string
}

// Objects lists the Kubernetes objects of the document, those of Lists one by one, those that AdmissionReviews ask about,
// and what is none.
func (d *Document) Objects() ([]Object, []Skipped) {
	var l lister
	l.add(d, d.Root, nil)
	return l.objects, l.skipped
}

type lister struct {
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
			Namespace: meta.Get("namespace").Text(), Name: meta.Get("name").Text(), Review: l.review,
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
		Namespace: meta.Get("namespace").Text(), Name: meta.Get("name").Text(), Review: l.review,
	})
}

// group is the API group of an apiVersion: "" for the core.
func group(apiVersion string) string {
	g, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return g
}

// podPlace is where an object of a kind keeps its pod, and the API groups that the kind is read in.
type podPlace struct {
	groups []string
	path   []string
}

// podPlaces lists every kind that is read for pods. The group extensions held the older kinds until Kubernetes 1.16.
var podPlaces = map[string]podPlace{
	"Pod":                   {[]string{""}, nil},
	"PodTemplate":           {[]string{""}, []string{"template"}},
	"ReplicationController": {[]string{""}, []string{"spec", "template"}},
	"Deployment":            {[]string{"apps", "extensions"}, []string{"spec", "template"}},
	"ReplicaSet":            {[]string{"apps", "extensions"}, []string{"spec", "template"}},
	"DaemonSet":             {[]string{"apps", "extensions"}, []string{"spec", "template"}},
	"StatefulSet":           {[]string{"apps"}, []string{"spec", "template"}},
	"Job":                   {[]string{"batch"}, []string{"spec", "template"}},
	"CronJob":               {[]string{"batch"}, []string{"spec", "jobTemplate", "spec", "template"}},
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
	if o.Kind == "Node" && o.in([]string{""}) {
		return IsNode, ""
	}
	if like := miscased(o.Kind); like != "" {
		return Malformed, fmt.Sprintf("no kind is called %q; it is %q", o.Kind, like)
	}
	place, known := podPlaces[o.Kind]
	if !known || !o.in(place.groups) {
		return Unread, fmt.Sprintf("no control reads a %s of %s", o.Kind, o.apiVersion())
	}
	pod, path := o.Pod()
	if pod.Get("spec") == nil || pod.Get("spec").Kind != Mapping {
		return Malformed, fmt.Sprintf("the %s has no pod at %s", o.Kind, strings.Join(append(path, "spec"), "."))
	}
	return HoldsPod, ""
}

// miscased gives the kind that is read and that differs in the case of letters
// only: the API server knows no other, so it is a mistake and not a kind of its own.
func miscased(kind string) string {
	for known := range podPlaces {
		if known != kind && strings.EqualFold(known, kind) {
			return known
		}
	}
	return ""
}

func (o Object) apiVersion() string {
	if o.APIVersion == "" {
		return "no apiVersion"
	}
	return o.APIVersion
}

func (o Object) in(groups []string) bool {
	if o.APIVersion == "" {
		return true
	}
	for _, g := range groups {
		if g == group(o.APIVersion) {
			return true
		}
	}
	return false
}

// Pod returns the part of the object that has the metadata and the spec of its pods, with its path from the object; nil
// where the kind holds no pod or the part is missing.
func (o Object) Pod() (*Node, []string) {
	place, known := podPlaces[o.Kind]
	if !known || !o.in(place.groups) {
		return nil, nil
	}
	return o.Node.At(place.path...), append([]string(nil), place.path...)
}

// Labels returns the labels of the object's pods, or of the object itself where it holds none. Values that are not text
// are left out: the API server refuses them.
func (o Object) Labels() map[string]string {
	n, _ := o.Pod()
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

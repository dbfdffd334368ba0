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

	podPaths PodTemplatePaths
}

// Skipped is something that was read and that no rule can judge.
type Skipped struct {
	File   string
	Line   int
	Reason string
	// Pods is true where it has pods, or may have, that nothing judged, and where it may undo what a policy says of pods.
	Pods bool
}

// Objects lists the Kubernetes objects of the document, those of Lists one by one, those that AdmissionReviews ask about,
// and what is none. podPaths says where their pods are.
func (d *Document) Objects(podPaths PodTemplatePaths) ([]Object, []Skipped) {
	l := lister{podPaths: podPaths}
	l.add(d, d.Root, nil)
	return l.objects, l.skipped
}

type lister struct {
	podPaths PodTemplatePaths
	objects  []Object
	skipped  []Skipped
	review   *Node // that what is added is asked about by
}

func (l *lister) skip(d *Document, n *Node, format string, args ...any) {
	l.skipped = append(l.skipped, Skipped{File: d.File, Line: int(n.Line), Reason: fmt.Sprintf(format, args...)})
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
			Namespace: meta.Get("namespace").Text(), Name: meta.Get("name").Text(), Review: l.review, podPaths: l.podPaths,
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
// whatever it calls itself (k8s.io/apimachinery, unstructured decoding). A kubelet
// reads its file by itself, and drops fields that it does not know.
func isList(n *Node) bool {
	items := n.Get("items")
	own := kubeletConfiguration.claims(Object{APIVersion: n.Get("apiVersion").Text(), Kind: n.Get("kind").Text()})
	return items != nil && items.Kind != Null && !own
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
		if apiVersion, kind, ok := itemType(n, item); ok {
			l.addTyped(d, item, at, apiVersion, kind)
			continue
		}
		l.add(d, item, at)
	}
}

// itemType gives the type of an item that a typed list leaves out of it, as API servers write items: it is the list's. An item may also
// state its kind alone. A List has no type to give.
func itemType(list, item *Node) (apiVersion, kind string, ok bool) {
	kind = strings.TrimSuffix(list.Get("kind").Text(), "List")
	stated := item.Get("kind").Text()
	ok = kind != "" && item.Kind == Mapping && (stated == "" || stated == kind && item.Get("apiVersion").Text() == "")
	return list.Get("apiVersion").Text(), kind, ok
}

func (l *lister) addTyped(d *Document, item *Node, path []string, apiVersion, kind string) {
	meta := item.Get("metadata")
	l.objects = append(l.objects, Object{
		Document: d, Path: path, Node: item, APIVersion: apiVersion, Kind: kind,
		Namespace: meta.Get("namespace").Text(), Name: meta.Get("name").Text(), Review: l.review, podPaths: l.podPaths,
	})
}

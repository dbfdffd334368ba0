package check

import (
	"cmp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// placed is an object of a document, and what findings call it.
type placed struct {
	input.Object
	resource Resource
	known    map[string]map[string]string // labels of its pods
}

// labelsAt gives the labels of the pod that holds what is at a path from the object.
// Many findings may ask for the same many labels.
func (p placed) labelsAt(path []string) map[string]string {
	pod := p.PodAt(path)
	key := pathKey(pod.Path)
	if pod.Node == nil { // its own
		key = "\x00"
	}
	labels, ok := p.known[key]
	if !ok {
		labels = p.Labels(path)
		p.known[key] = labels
	}
	return labels
}

// byPath gives objects by the keys of their paths. A list may be long, and each of
// its findings looks for its own.
func (c *Checker) byPath(objects []input.Object) map[string]placed {
	out := make(map[string]placed, len(objects))
	for _, o := range objects {
		out[pathKey(o.Path)] = c.placed(o)
	}
	return out
}

func (c *Checker) placed(o input.Object) placed {
	p := placed{o, Resource{o.Kind, cmp.Or(o.Namespace, c.namespace), o.Name}, map[string]map[string]string{}}
	if class, _ := o.Class(); !class.Namespaced() {
		p.resource.Namespace = ""
	}
	return p
}

func pathKey(path []string) string { return strings.Join(path, "\x00") }

package input

import "strings"

// Kustomization is what a kustomization says of files beside it, by their paths from its folder.
type Kustomization struct {
	Patches   []string // parts of objects, which only mean something on top of others
	Resources []string // whole objects, or folders
}

// Kustomization reads the document as a kustomization. What is not written as one is left out: kustomize refuses it.
func (d *Document) Kustomization() Kustomization {
	var k Kustomization
	for _, field := range []string{"patches", "patchesJson6902"} {
		for _, patch := range d.Root.Get(field).items() {
			k.Patches = appendPath(k.Patches, patch.Get("path"))
		}
	}
	for _, patch := range d.Root.Get("patchesStrategicMerge").items() {
		k.Patches = appendPath(k.Patches, patch)
	}
	for _, field := range []string{"resources", "bases", "components"} {
		for _, resource := range d.Root.Get(field).items() {
			k.Resources = appendPath(k.Resources, resource)
		}
	}
	return k
}

func (n *Node) items() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// appendPath adds a path. A patch may be written out in its place, on lines of its own.
func appendPath(paths []string, n *Node) []string {
	if text := n.Text(); text != "" && !strings.Contains(text, "\n") {
		return append(paths, text)
	}
	return paths
}

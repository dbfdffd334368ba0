package main

import (
	"path/filepath"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// kustomizations finds out which files are patches: parts of objects, which are
// never deployed as they are. A kustomization names those in its folder and below.
type kustomizations struct {
	read  func(name string) ([]byte, error)
	known map[string][]kustomization // by folder
}

// kustomization is one that was read, its files by their names.
type kustomization struct {
	name               string
	patches, resources []string
}

// patched names the kustomization that a file is a patch of; "" where there is
// none, or where another one takes the file for whole objects.
func (k *kustomizations) patched(name string) string {
	if name == "-" {
		return ""
	}
	found := ""
	name = filepath.Clean(name)
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		for _, one := range k.in(dir) {
			if slices.Contains(one.resources, name) {
				return ""
			}
			if slices.Contains(one.patches, name) && found == "" {
				found = one.name
			}
		}
		if parent := filepath.Dir(dir); parent == dir || filepath.Base(dir) == ".." {
			return found
		}
	}
}

// in reads the kustomizations of a folder. Of what cannot be read nothing is a
// patch, so that it is checked as it stands.
func (k *kustomizations) in(dir string) []kustomization {
	if known, ok := k.known[dir]; ok {
		return known
	}
	var out []kustomization
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		name = filepath.Join(dir, name)
		body, err := k.read(name)
		if err != nil {
			continue
		}
		docs, err := input.Read(name, body, input.DefaultLimits())
		if err != nil || len(docs) != 1 {
			continue
		}
		stated := docs[0].Kustomization()
		out = append(out, kustomization{name, below(dir, stated.Patches), below(dir, stated.Resources)})
	}
	k.known[dir] = out
	return out
}

func below(dir string, paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = filepath.Join(dir, path)
	}
	return out
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// FuzzIgnores takes anything for a .bulkheadignore: comments and blank lines mean nothing, a last pattern for everything leaves out
// whatever the others say, and one that takes it back again leaves out nothing by this file.
func FuzzIgnores(f *testing.F) {
	f.Add("vendor/\n*.yaml\n!keep.yaml\n", "a/vendor/b.yaml")
	f.Add("# a\n\n/**/x\n[\n\\", "x")
	f.Add("a\r\n**/b/**\n!a/", "a/b/c")
	f.Fuzz(func(t *testing.T, body, name string) {
		if len(body) > 1<<10 || len(name) > 200 || name == "-" || name == "" || strings.ContainsRune(name, 0) || strings.Contains(filepath.Clean(name), "..") || filepath.IsAbs(name) || filepath.Clean(name) == "." {
			return
		}
		dir := t.TempDir()
		by := func(text string) string {
			if err := os.WriteFile(filepath.Join(dir, ignoreFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			i := newIgnores(nil, os.ReadFile)
			i.current = dir
			return i.by(filepath.Join(dir, name), false, true)
		}
		if a, b := by(body), by(strings.ReplaceAll(body, "\n", "\n# x\n\n")); a != b {
			t.Errorf("%q for %q: %q, and with comments %q", body, name, a, b)
		}
		if got := by(body + "\n*\n"); got != ignoreFile {
			t.Errorf("%q and * for %q: %q", body, name, got)
		}
		if got := by(body + "\n*\n!*\n"); got != "" {
			t.Errorf("%q, * and !* for %q: %q", body, name, got)
		}
	})
}

// FuzzKustomization reads anything as a kustomization. What it says of files is what Kubernetes' own reader of YAML finds in it, and
// no file is a patch and a whole object at once.
func FuzzKustomization(f *testing.F) {
	f.Add([]byte("resources: [a.yaml, ../base]\npatches:\n- path: p.yaml\n- patch: |-\n    a: 1\n"), "p.yaml")
	f.Add([]byte("patchesStrategicMerge: [p.yaml, \"kind: Pod\\nspec: {}\"]\npatchesJson6902: [{path: q.yaml}]\nresources: [p.yaml]\n"), "p.yaml")
	f.Add([]byte("resources: {a: b}\npatches: x\nbases: [1, null]\n"), "a.yaml")
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		docs, err := input.Read("kustomization.yaml", body, input.DefaultLimits())
		if err != nil || len(docs) != 1 {
			return
		}
		stated := docs[0].Kustomization()
		var theirs struct {
			Resources             []string `json:"resources"`
			Bases                 []string `json:"bases"`
			Components            []string `json:"components"`
			Patches               []struct{ Path string }
			PatchesJSON6902       []struct{ Path string } `json:"patchesJson6902"`
			PatchesStrategicMerge []string                `json:"patchesStrategicMerge"`
		}
		if yaml.UnmarshalStrict(body, &theirs) == nil {
			if want := files(theirs.Resources, theirs.Bases, theirs.Components); !slices.Equal(stated.Resources, want) {
				t.Errorf("%q: resources %q, want %q", body, stated.Resources, want)
			}
			var patches []string
			for _, p := range slices.Concat(theirs.Patches, theirs.PatchesJSON6902) {
				patches = append(patches, p.Path)
			}
			if want := files(patches, theirs.PatchesStrategicMerge); !slices.Equal(stated.Patches, want) {
				t.Errorf("%q: patches %q, want %q", body, stated.Patches, want)
			}
		}
		k := kustomizations{known: map[string][]kustomization{}, read: func(file string) ([]byte, error) {
			if file != "kustomization.yaml" {
				return nil, os.ErrNotExist
			}
			return body, nil
		}}
		if by := k.patched(name); by != "" && (by != "kustomization.yaml" || slices.Contains(below(".", stated.Resources), filepath.Clean(name))) {
			t.Errorf("%q is a patch of %q, of %q", name, by, body)
		}
	})
}

// files are the paths among what stands in a list: no empty ones, and nothing of several lines.
func files(lists ...[]string) []string {
	var out []string
	for _, one := range slices.Concat(lists...) {
		if one != "" && !strings.Contains(one, "\n") {
			out = append(out, one)
		}
	}
	return out
}

// FuzzManifest reads anything as a manifest.json. What is read is written as what is read again, and names the same settings behind a
// finding each time.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"origins":[{"control":"host.pid","file":"p.hcl","line":3,"places":["a b","c"]}],"artifacts":[{"path":"rego/a.rego","sha256":"x","origins":[0]}],"gaps":[]}`), "host.pid", "a", "b")
	f.Add([]byte(`{"origins":[{},{"places":[""]}],"artifacts":[{"origins":[1,0,1]},{"origins":[2]}]}`), "", "", "")
	f.Add([]byte(`{"artifacts":[{"origins":[-1]}]}`), "", "", "")
	f.Fuzz(func(t *testing.T, body []byte, ctrl, location, subject string) {
		m, err := target.ReadManifest(body)
		if err != nil {
			return
		}
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := target.ReadManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		finding := target.Finding{Control: ctrl, Location: location, Subject: subject}
		for i, a := range m.Artifacts {
			found := target.Statements(m.OriginsOf(a), finding)
			if more := target.Statements(again.OriginsOf(again.Artifacts[i]), finding); fmt.Sprint(found) != fmt.Sprint(more) {
				t.Errorf("%q: %+v, and read again %+v", body, found, more)
			}
			for _, o := range found {
				if !slices.ContainsFunc(m.Origins, func(one target.ManifestOrigin) bool { return reflect.DeepEqual(one, o) }) {
					t.Errorf("%q: %+v is not in the manifest", body, o)
				}
			}
		}
	})
}

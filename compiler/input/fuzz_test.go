package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	yaml2 "go.yaml.in/yaml/v2"
	sigs "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// refused are the problems for which we refuse on purpose what sigs.k8s.io/yaml takes.
var refused = []string{
	"duplicate key", "merge key <<", "aliases expand", "nested more than", "may hold", "no document", "the file is",
	"cannot be read as !!binary", "no anchor", "is too large", "no form in JSON",
}

// FuzzAgainstKubectl holds the loader to sigs.k8s.io/yaml, which kubectl reads with: the same JSON value, or both refuse.
func FuzzAgainstKubectl(f *testing.F) {
	for _, seed := range []string{
		"a: yes\nb: 0644\nc: 1_0\nd: .5\ne: 1e3\n", "a: &a {x: 1}\nb: {<<: *a, x: 2}\n", "- 2024-01-02\n- ~\n- ''\n- !!int '5'\n- !x y\n",
		"{yes: 1, 0x10: 2, 1.50: 3}", "a: |\n  x\n\n  y\nb: >-\n  1\n  2\n", `{"a":[1,"\u00e4",null]}`, "? a\n: b\n", "a: 'x\n  y'\n", "a: \"\\x41\\\n  b\"",
		"%YAML 1.1\n---\na: 1\n", "a: 0b11\nb: -0b1\nc: 0o7\nd: +1\ne: -.5\nf: 1.\n", "a: 0x_1\nb: 190:20:30\nc: =\n", "<<: {a: 1}\nb: 2\n",
		"a: #c\n  b\n# d\n", "a:\n- b\n-\n  - c\n- - d\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !readAlike(data) {
			t.Skip()
		}
		docs, err := Read("f", data, DefaultLimits())
		theirs, theirErr := sigs.YAMLToJSON(data)
		if theirErr == nil {
			theirErr = readRest(data)
		}
		switch {
		case err != nil && theirErr == nil:
			for _, reason := range refused {
				if strings.Contains(err.Error(), reason) {
					return
				}
			}
			t.Fatalf("only we refuse: %v\n%s", err, theirs)
		case err == nil && theirErr != nil:
			// A stream of documents, of which they read the first only, or JSON that YAML is no superset of.
			if len(docs) == 1 && !json.Valid(data) {
				t.Fatalf("only they refuse: %v", theirErr)
			}
		case err == nil && len(docs) == 1:
			ours, err := json.Marshal(plain(docs[0].Root))
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, ours, theirs) {
				t.Fatalf("we read %s\nthey read %s", ours, theirs)
			}
		}
	})
}

// readRest reads all documents with the library under sigs.k8s.io/yaml, which itself stops after the first.
func readRest(data []byte) error {
	dec := yaml2.NewDecoder(bytes.NewReader(data))
	for {
		var v any
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// readAlike leaves out what the two are known to read differently: streams (kubectl splits them first), and `!` with
// nothing behind it, which makes go-yaml v2 resolve quoted text.
func readAlike(data []byte) bool {
	s := string(data) + "\n"
	for _, out := range []string{"---", "...", "\r", "\u0085", "\u2028", "\u2029", "! ", "!\"", "!'", "!\n", "!\t", "\ufeff", "!<"} {
		if strings.Contains(s, out) {
			return false
		}
	}
	return true
}

func sameJSON(t *testing.T, a, b []byte) bool {
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// FuzzRead holds reading to its promises on any bytes: no panic, errors of one type that name a place in the file, and
// objects and pods whose paths lead to them.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"kind: List\nitems:\n- kind: Pod\n  spec: {}\n- 1\n", "{\"kind\":\"PodList\",\"items\":[{}]}", "a: *a", "\t", "--- a\n--- b", "[[[", "a: &a [*a]",
		"{\"a\":1}{\"b\":2} c", "apiVersion: example.com/v1\nkind: Fleet\nspec: {main: {spec: {}}, extra: {a: [{template: {spec: {}}}, text], b: {c: }}}", "\xff\xfe", "%TAG ! x\n---\n", "# c\n- a # d\n",
		`{"planned_values":{"root_module":{"resources":[{"type":"kubernetes_network_policy","values":{"metadata":[null],"spec":[{"pod_selector":[{"match_expressions":[{}]}],"egress":[{"ports":[{"port":"0080"},{"port":""}],"to":[{"ip_block":[{}]},{}]}]}]}},{"type":"kubernetes_manifest","values":{"manifest":{"kind":"NetworkPolicy"}}},{"type":"kubernetes_persistent_volume","values":{"spec":[{"persistent_volume_source":[{"host_path":[null]}]}]}}]}}}`,
	} {
		f.Add([]byte(seed))
	}
	places := BuiltIn().With(PodTemplatePath{Kind: "Fleet", Group: "example.com", Paths: [][]string{{"spec", "main"}, {"spec", "extra", Wildcard, Wildcard, "template"}}})
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := Read("f", data, Limits{Bytes: 1 << 16, Documents: 1000, Depth: 50, Nodes: 10000, Aliased: 1000})
		if err != nil {
			e, ok := err.(*Error)
			if !ok || e.File != "f" || e.Problem == "" || e.Line < 0 {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, d := range docs {
			for _, a := range d.PlanAdditions() {
				if d.Root.At(a.Resource...) == nil || !json.Valid(a.Node.JSON()) {
					t.Fatalf("the addition %s at %v is %s", a.Address, a.Resource, a.Node.JSON())
				}
			}
			objects, skipped := d.Objects(places)
			if len(objects)+len(skipped) == 0 {
				t.Fatal("a document that is neither read nor skipped")
			}
			for _, o := range objects {
				if d.Root.At(o.Path...) != o.Node {
					t.Fatalf("no object at %v", o.Path)
				}
				if line, _, exact := d.Position(o.Path...); line < 1 || !exact {
					t.Fatalf("%v is at line %d", o.Path, line)
				}
				class, reason := o.Class()
				for _, pod := range o.Pods() {
					if o.Node.At(pod.Path...) != pod.Node || class == WorkloadClass && o.PodAt(pod.Path).Node != pod.Node {
						t.Fatalf("no pod at %v", pod.Path)
					}
				}
				if (class == UnsupportedClass || class == MalformedClass) != (reason != "") {
					t.Fatalf("class %q for %q", class, reason)
				}
			}
		}
	})
}

// FuzzResolve holds single scalars to sigs.k8s.io/yaml, as list elements and as keys.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{"yes", "0644", "0o17", "1_000", "1e3", ".5", "+.5", "-0b1", "0x1p3", "1e999", "2024-01-02", "~", "08", "1:30", ".inf", "-.inf", "._5", "1e-7", "1e21"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range s {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-~", c) {
				t.Skip()
			}
		}
		for _, text := range []string{"[" + s + "]", "{" + s + ": 1}"} {
			docs, err := Read("f", []byte(text), DefaultLimits())
			theirs, theirErr := sigs.YAMLToJSON([]byte(text))
			if err != nil && (strings.Contains(err.Error(), "is too large") || strings.Contains(err.Error(), "no form in JSON")) {
				continue // they take the first for text, and the second as a key
			}
			if (err == nil) != (theirErr == nil) {
				t.Fatalf("%s: %v, they: %v", text, err, theirErr)
			}
			if err != nil {
				continue
			}
			ours, err := json.Marshal(plain(docs[0].Root))
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, ours, theirs) {
				t.Fatalf("we read %s\nthey read %s", ours, theirs)
			}
		}
	})
}

// TestSuiteReadsAsKubectlDoes compares whole manifests, not only the fuzzer's small ones.
func TestSuiteReadsAsKubectlDoes(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(suites.Folder(t, "."), "*", "*", "*", "*.yaml"))
	if len(files) < 100 {
		t.Fatalf("%d manifests", len(files))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		chunks, err := Split(file, data, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chunks {
			docs, err := c.Documents()
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range docs {
				theirs, err := sigs.YAMLToJSON(c.data)
				if err != nil {
					t.Fatal(err)
				}
				ours, err := json.Marshal(plain(d.Root))
				if err != nil {
					t.Fatal(err)
				}
				if !sameJSON(t, ours, theirs) {
					t.Errorf("%s: we read %s\nthey read %s", file, ours, theirs)
				}
			}
		}
	}
}

package rego

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// holdToOPA judges a document by the evaluator and by OPA, and demands the same of both. It says whether OPA was asked
// alone, as the evaluator left the document to it.
func holdToOPA(t testing.TB, j *judge, m attempt.Manifest) (alone bool) {
	t.Helper()
	objects, _ := m.Document.Objects(j.podPaths)
	for _, o := range objects {
		main, err := j.quick(context.Background(), o, m.Namespace)
		if err != nil {
			alone = true
			continue
		}
		reference, err := j.slow(context.Background(), o, m.Namespace)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(j.verdict(o, reference), j.verdict(o, main)); diff != "" {
			t.Errorf("%s %s: OPA (-) and the evaluator (+) do not agree:\n%s", o.Kind, o.Name, diff)
		}
	}
	return alone
}

// compiled are what the compiler writes for the policies that ship, for those of the tests, and for one with everything.
func compiled(t *testing.T) map[string][]target.Artifact {
	t.Helper()
	out := map[string][]target.Artifact{
		"tiers": withTests(t, resolve(t, tiers())), "shop": withTests(t, resolve(t, shop(20))), "fleets": withTests(t, resolve(t, fleets())),
	}
	for _, args := range [][]string{
		{everything}, {"bulkhead:privileged"}, {"bulkhead:baseline"}, {"bulkhead:restricted"}, {"bulkhead:hardened"}, {"../../policies/examples/quickstart"},
		{"../../policies/examples/payments", "--var", "env=prod"}, {"../../policies/examples/payments/batch", "--var", "env=prod"},
	} {
		out[args[0]] = written(t, compiledBy(t, args...))
	}
	for _, layer := range layers {
		out["no profile of "+layer.Title] = written(t, compiledBy(t, withoutProfiles(t, layer)))
	}
	return out
}

// withoutProfiles writes a policy in which no container has a profile of a layer, and some have one of the other. Its name is then a
// constant of the rules, whose type OPA infers.
func withoutProfiles(t *testing.T, l layer) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "policy.hcl")
	text := fmt.Sprintf(`policy "without-%[1]s" {
  version    = "1.0.0"
  owner      = "team"
  namespaces = ["without-%[1]s"]
  undeclared = "deny"
}
extends "preset" { source = "bulkhead:restricted" }
privileges { %[1]s = ["runtime-default"] }
workload "web" {
  match { labels = { app = "web" } }
}
`, l.name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// everything is the policy that states every control.
const everything = "../../testdata/cases/everything"

// compiledBy compiles a policy as a user does, since no package of a target reads the policy language, and gives the output folder.
func compiledBy(t *testing.T, policy ...string) string {
	t.Helper()
	binary, err := bulkhead()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if text, err := exec.Command(binary, append([]string{"compile", "-o", dir}, policy...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", policy, err, text)
	}
	return dir
}

// commandFolder is where bulkhead is built; "": it was not.
var commandFolder string

func TestMain(m *testing.M) {
	code := m.Run()
	if commandFolder != "" {
		os.RemoveAll(commandFolder)
	}
	os.Exit(code)
}

// bulkhead builds the command, once for all tests.
var bulkhead = sync.OnceValues(func() (string, error) {
	var err error
	if commandFolder, err = os.MkdirTemp("", "bulkhead-rego"); err != nil {
		return "", err
	}
	binary := filepath.Join(commandFolder, "bulkhead")
	if text, err := exec.Command("go", "build", "-o", binary, "../../cmd/bulkhead").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, text)
	}
	return binary, nil
})

// bundles are the same as they are judged by, each with its tests, which must not be in the way.
func bundles(t *testing.T) map[string]target.Judge {
	t.Helper()
	out := map[string]target.Judge{}
	for name, artifacts := range compiled(t) {
		out[name] = load(t, artifacts)
	}
	return out
}

// written reads a bundle from its folder.
func written(t *testing.T, dir string) []target.Artifact {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "rego", "*.rego"))
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	var out []target.Artifact
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, target.Artifact{Path: "rego/" + filepath.Base(file), Body: body})
	}
	return out
}

// fixtures are manifests: of the table of controls, of the examples, and of other projects' suites where these are.
func fixtures(t testing.TB) []string {
	t.Helper()
	out := append([]string{string(deployments(2))}, holding("{hostPID: true, containers: [{image: x}]}")...)
	for _, id := range slices.Sorted(maps.Keys(controlCases)) {
		for _, c := range controlCases[id].cases {
			out = append(out, podOf(c.pod, c.container))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(kubeletCases)) {
		for _, fields := range slices.Sorted(maps.Keys(kubeletCases[id].want)) {
			out = append(out, kubeletOf(fields))
		}
	}
	folders := []string{"../../policies/examples"}
	if psa, ok := suites.Find(t, "psa"); ok {
		folders = append(folders, psa)
	}
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".yaml" || d.Name() == "pre-commit-config.yaml" {
				return err
			}
			data, err := os.ReadFile(path)
			out = append(out, string(data))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// odd is what people and attackers write in the place of something else.
var odd = []any{
	nil, true, false, 0, 1, -1, 1.5, 65536, 1e300, json.Number("1.0"), json.Number("9223372036854775808"), "", "true", "1", "0", "x", "*", "ALL", "Unconfined", "/", "../..",
	"RuntimeDefault", "Localhost", "512Mi", "1e3", "\x00", "é", []any{}, []any{nil}, []any{"x", 1}, []any{map[string]any{}}, map[string]any{}, map[string]any{"": nil},
	map[string]any{"name": 1}, map[string]any{"type": []any{}}, []any{[]any{}},
}

// mutate changes a value somewhere within.
func mutate(r *rand.Rand, v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && r.IntN(depth+2) > 0 {
			key := slices.Sorted(maps.Keys(v))[r.IntN(len(v))]
			if r.IntN(20) == 0 {
				delete(v, key)
			} else {
				v[key] = mutate(r, v[key], depth+1)
			}
			return v
		}
	case []any:
		if len(v) > 0 && r.IntN(depth+2) > 0 {
			i := r.IntN(len(v))
			if r.IntN(10) == 0 {
				return append(v, v[i])
			}
			v[i] = mutate(r, v[i], depth+1)
			return v
		}
	}
	if r.IntN(8) == 0 {
		return []any{v}
	}
	return odd[r.IntN(len(odd))]
}

// disturbed are n pods of the fixtures, with a few values changed.
func disturbed(t testing.TB, of []string, n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 4))
	var out []string
	for len(out) < n {
		var v any
		if err := yaml.NewDecoder(strings.NewReader(of[r.IntN(len(of))])).Decode(&v); err != nil {
			t.Fatal(err)
		}
		for range 1 + r.IntN(4) {
			v = mutate(r, v, 0)
		}
		text, err := json.Marshal(v)
		if err != nil {
			continue // YAML with keys that JSON has not
		}
		out = append(out, string(text))
	}
	return out
}

// TestEvaluatorAgrees holds the evaluator to OPA by every bundle on every fixture, and on others made of them. No bundle
// of ours may be beyond it, and none of these documents.
func TestEvaluatorAgrees(t *testing.T) {
	manifests := fixtures(t)
	if len(manifests) < 200 {
		t.Fatalf("%d manifests", len(manifests))
	}
	number := uint64(0)
	for name, loaded := range bundles(t) {
		number++
		seed := number
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := loaded.(*judge)
			outcomes := map[target.Outcome]int{}
			for _, manifest := range slices.Concat(manifests, disturbed(t, manifests, disturbances, seed)) {
				docs, err := input.Read("f.yaml", []byte(manifest), input.DefaultLimits())
				if err != nil {
					continue // of no document there is a verdict
				}
				for _, d := range docs {
					for _, namespace := range []string{"", "payments"}[:1+len(manifest)%2] {
						m := attempt.Manifest{Document: d, Namespace: namespace}
						if holdToOPA(t, j, m) {
							t.Errorf("left to OPA: %s", manifest)
						}
						v, err := j.Judge(context.Background(), m)
						if err != nil {
							t.Fatal(err)
						}
						outcomes[v.Outcome]++
					}
				}
			}
			if outcomes[target.Deny]+outcomes[target.Inapplicable] < 100 {
				t.Errorf("nothing is held: %v", outcomes)
			}
		})
	}
}

// disturbances is how many random documents a bundle is tried with.
const disturbances = 100

// FuzzEvaluator holds the evaluator to OPA on hostile documents.
func FuzzEvaluator(f *testing.F) {
	j := load(f, emit(f, resolve(f, tiers()))).(*judge)
	hard := load(f, emit(f, resolve(f, shop(2)))).(*judge)
	for _, manifest := range fixtures(f) {
		f.Add([]byte(manifest))
	}
	limits := input.DefaultLimits()
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := input.Read("f.yaml", data, limits)
		if err != nil {
			return
		}
		for _, d := range docs {
			holdToOPA(t, j, attempt.Manifest{Document: d})
			holdToOPA(t, hard, attempt.Manifest{Document: d, Namespace: "shop"})
		}
	})
}

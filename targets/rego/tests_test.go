package rego

import (
	"context"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	opabundle "github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/loader"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/example"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// withTests is a bundle with the tests that it brings along.
func withTests(t fatal, p *policy.Policy) []target.Artifact {
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	more, err := Target{}.Tests(p)
	if err != nil {
		t.Fatal(err)
	}
	return append(artifacts, more...)
}

type fatal interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

func modulesOf(t fatal, artifacts []target.Artifact) map[string]*ast.Module {
	modules := map[string]*ast.Module{}
	for _, a := range artifacts {
		if path.Ext(a.Path) != ".rego" {
			continue
		}
		m, err := ast.ParseModuleWithOpts(a.Path, string(a.Body), ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatal(err)
		}
		modules[a.Path] = m
	}
	return modules
}

// runTests runs the tests of a bundle as opa test does, and gives the names of those that failed and of all.
func runTests(t fatal, modules map[string]*ast.Module) (failed, all []string) {
	results, err := tester.NewRunner().SetCompiler(ast.NewCompiler()).SetModules(modules).RunTests(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for r := range results {
		if r.Error != nil || r.Skip {
			t.Fatalf("%s: %v", r, r.Error)
		}
		all = append(all, r.Name)
		if r.Fail {
			failed = append(failed, r.Name)
		}
	}
	slices.Sort(failed)
	return failed, all
}

func testName(id control.ID) string { return "test_" + strings.ReplaceAll(string(id), ".", "_") }

// lesser gives the modules without the rules of a control that refuse or report.
func lesser(modules map[string]*ast.Module, id string) map[string]*ast.Module {
	out := map[string]*ast.Module{}
	for name, m := range modules {
		m = m.Copy()
		if !strings.HasSuffix(name, "_test.rego") {
			m.Rules = slices.DeleteFunc(m.Rules, func(r *ast.Rule) bool {
				verdict := r.Head.Name.String()
				return (verdict == "deny" || verdict == "warn") && speaks(r, id)
			})
		}
		out[name] = m
	}
	return out
}

// speaks reports whether a rule names a control, or takes the name from a table of runtimes.
func speaks(r *ast.Rule, id string) bool {
	found := false
	ast.WalkTerms(r, func(term *ast.Term) bool {
		text, ok := term.Value.(ast.String)
		found = found || ok && (string(text) == id || strings.HasPrefix(string(text), id+".")) ||
			id == string(control.RuntimeVersion) && term.Value.Compare(ast.Var("control")) == 0
		return found
	})
	return found
}

// passing holds the tests of a bundle to passing, and gives their names.
func passing(t fatal, modules map[string]*ast.Module) []string {
	failed, all := runTests(t, modules)
	if len(failed) > 0 {
		t.Fatalf("%v fail\n%s", failed, modules["rego/policy_test.rego"])
	}
	return all
}

// TestBundlesTestThemselves runs the tests of every bundle that ships, and of some that do not.
func TestBundlesTestThemselves(t *testing.T) {
	all := compiled(t)
	several := tiers()
	several.Namespaces = append(several.Namespaces, control.Item{Key: "more"})
	all["several namespaces"] = withTests(t, resolve(t, several))
	all["nothing"] = withTests(t, resolve(t, document(nil)))
	none := document(map[control.ID]control.Value{control.Registries: {}, control.SeccompProfile: {}})
	all["nothing is allowed"] = withTests(t, resolve(t, none))
	old := document(map[control.ID]control.Value{control.SeccompProfile: keys(control.ProfileLocalhost), control.HostUsers: boolean(false), control.RootInUserNS: boolean(false)})
	old.Platform = platform.Kubernetes.With(old.Platform, "1.18")
	all["old"] = withTests(t, resolve(t, old))
	for name, artifacts := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean(t, artifacts)
			tried := passing(t, modulesOf(t, artifacts))
			for _, a := range artifacts {
				id := control.ID(strings.TrimSuffix(path.Base(a.Path), ".rego"))
				if _, ok := controls[id]; ok && !slices.Contains(tried, testName(id)) && (name != "old" || id != control.RootInUserNS) {
					t.Errorf("%s has no test", id)
				}
			}
			if kept := slices.Contains(tried, "test_what_keeps_to_the_policy_is_read_and_allowed"); kept == (name == "nothing is allowed") {
				t.Errorf("a pod that keeps to the policy is tried: %v", kept)
			}
		})
	}
}

// TestTestsFailWithoutTheirRules takes the rules of each control out of a bundle, and others into it.
func TestTestsFailWithoutTheirRules(t *testing.T) {
	const kept, node = "test_what_keeps_to_the_policy_is_read_and_allowed", "test_a_node_that_is_new_enough_is_read_and_allowed"
	modules := modulesOf(t, written(t, compiledBy(t, everything)))
	all := passing(t, modules)
	for id := range controls {
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			if failed, _ := runTests(t, lesser(modules, string(id))); !slices.Equal(failed, []string{testName(id)}) {
				t.Errorf("without its rules, these tests fail: %v", failed)
			}
		})
	}
	for name, c := range map[string]struct {
		file, rule, instead string
		want                []string
	}{
		"nothing is read":    {"rego/shape.rego", "checked", "", []string{kept}},
		"no node is read":    {"rego/nodes.rego", "checked", "", []string{node}},
		"nobody is told":     {"rego/main.rego", "deny", "", []string{"test_main_repeats_what_is_refused"}},
		"all are refused":    {"rego/shape.rego", "", `deny contains {"control": "x"}`, []string{node, kept}},
		"one workload is":    {"rego/shape.rego", "", `deny contains {"control": "x"} if pods[0].workload == "store"`, []string{kept}},
		"one is not theirs":  {"rego/index.rego", "workloads_1", `workloads_1 := {"api": "api"}`, []string{kept}},
		"a container is not": {"rego/index.rego", "named_containers", `named_containers := {}`, []string{kept}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := map[string]*ast.Module{}
			for file, m := range modules {
				changed[file] = m.Copy()
			}
			m := changed[c.file]
			m.Rules = slices.DeleteFunc(m.Rules, func(r *ast.Rule) bool { return r.Head.Ref()[0].Value.Compare(ast.Var(c.rule)) == 0 })
			if c.instead != "" {
				more, err := ast.ParseModuleWithOpts("more.rego", m.Package.String()+"\n"+c.instead+"\n", ast.ParserOptions{RegoVersion: ast.RegoV1})
				if err != nil {
					t.Fatal(err)
				}
				changed["more.rego"] = more
			}
			failed, now := runTests(t, changed)
			if len(now) != len(all) {
				t.Fatalf("%d tests of %d", len(now), len(all))
			}
			for _, want := range c.want {
				if !slices.Contains(failed, want) {
					t.Errorf("%s does not fail; these do: %v", want, failed)
				}
			}
		})
	}
}

// TestEveryControlHasAnExample tells whoever adds one.
func TestEveryControlHasAnExample(t *testing.T) {
	names := map[string]control.ID{}
	for id := range controls {
		c, _ := control.Lookup(id)
		if ofPods(id) && c.Example.Bad == nil {
			t.Errorf("%s has no example of a pod that violates it", id)
		}
		if twice := names[testName(id)]; twice != "" {
			t.Errorf("%s and %s would have tests of one name", id, twice)
		}
		names[testName(id)] = id
	}
	for _, c := range control.Controls() {
		if _, ok := controls[c.ID]; !ok && c.Example.Bad != nil {
			t.Errorf("%s has an example and no rules", c.ID)
		}
	}
}

// besides are the controls that refuse an example too, as what it asks for cannot be had without breaking them.
var besides = map[control.ID][]control.ID{
	control.RunAsNonRoot:     {control.HostUsers},                               // it speaks of pods in the node's user namespace only
	control.ProcMount:        {control.HostUsers},                               // where user namespaces excuse it
	control.HostPaths:        {control.Volumes, control.FilesystemWrite},        // a path of the node is a volume of the type hostPath, and mounted to be written
	control.Tokens:           {control.Volumes},                                 // a token for somebody is in a projected volume
	control.SeccompProfile:   {control.CompiledProfiles},                        // whoever names no profile of the node does not name his own
	control.AppArmorProfile:  {control.CompiledProfiles},                        // the same
	control.CompiledProfiles: {control.SeccompProfile, control.AppArmorProfile}, // another's profile is refused by whoever does not have to name his own
	control.ImagesDenied:     {control.Registries},                              // where none of the denied is granted
	control.TagsDenied:       {control.Digest},                                  // a tag beside a digest is no tag
}

// TestExamplesBreakOneControl judges each example by a policy with all controls: it breaks no other than those that it
// cannot but break.
func TestExamplesBreakOneControl(t *testing.T) {
	values := map[control.ID]control.Value{}
	for id := range controls {
		if c, _ := control.Lookup(id); ofPods(id) {
			values[id] = tried(c)
		}
	}
	p := resolve(t, document(values))
	j := load(t, emit(t, p))
	tests := tests{policy: p}
	for _, ctrl := range control.Controls() {
		id := ctrl.ID
		if ctrl.Example.Bad == nil || ctrl.Scope == control.OfPolicy {
			continue
		}
		changes := 0
		for c := range p.Subjects() {
			kept, own, possible := tests.keeps(c)
			control.Merge(kept, own)
			if !possible {
				t.Fatalf("nothing keeps to the policy: %v", kept)
			}
			for _, change := range ctrl.Example.Bad(example.Situation(p, ctrl, c)) {
				changes++
				text, err := json.Marshal(podWith(kept, change))
				if err != nil {
					t.Fatal(err)
				}
				var found []control.ID
				for _, f := range judgeText(t, j, string(text)).Findings {
					found = append(found, control.ID(f.Control))
				}
				if !slices.Contains(found, id) {
					t.Errorf("%s: %s is not refused by it", id, text)
				}
				for _, other := range found {
					if other != id && !slices.Contains(besides[id], other) {
						t.Errorf("%s: %s is refused by %s too", id, text, other)
					}
				}
			}
		}
		if changes == 0 && !ctrl.NeedsProfile { // none is compiled for a sandbox
			t.Errorf("%s: nothing that a pod may state violates it", id)
		}
	}
}

// podWith makes a pod as the function pod of the emitted tests does.
func podWith(kept, change tree) tree {
	it := tree{}
	control.Merge(it, kept)
	control.Merge(it, change)
	spec := tree{"containers": []any{it["container"]}}
	control.Merge(spec, it["spec"].(tree))
	metadata := tree{"name": "p"}
	control.Merge(metadata, it["metadata"].(tree))
	return tree{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
}

// TestForeignTestsAreRules holds the judge to reading files of tests as conftest does, to which they are files as others.
func TestForeignTestsAreRules(t *testing.T) {
	j, err := Target{}.Load(target.Environment{}, []target.Artifact{
		{Path: "a.rego", Body: []byte("package main\n\ndeny contains \"a\" if false\n")},
		{Path: "a_test.rego", Body: []byte("package main\n\ndeny contains \"b\" if input.kind == \"Pod\"\n\ntest_b if \"b\" in deny with input as {\"kind\": \"Pod\"}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if v := judgeText(t, j, podOf("", "")); v.Outcome != target.Deny {
		t.Error(summary(v))
	}
}

// TestTestsLieWithinTheRoots loads a folder as opa test -b does, which refuses packages outside of what .manifest says.
func TestTestsLieWithinTheRoots(t *testing.T) {
	for _, name := range []string{"everything", "card-payments"} {
		dir := filepath.Join(compiledBy(t, everything), "rego")
		if name != "everything" {
			dir = t.TempDir()
			for _, a := range withTests(t, resolve(t, tiers())) {
				if err := os.WriteFile(filepath.Join(dir, path.Base(a.Path)), a.Body, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		b, err := loader.NewFileLoader().AsBundle(dir)
		if err != nil {
			t.Fatal(err)
		}
		store := inmem.New()
		txn, err := store.NewTransaction(t.Context(), storage.WriteParams)
		if err != nil {
			t.Fatal(err)
		}
		results, err := tester.NewRunner().SetBundles(map[string]*opabundle.Bundle{name: b}).SetStore(store).Filter("test_main").RunTests(t.Context(), txn)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r := range results {
			n++
			if !r.Pass() {
				t.Error(r)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d tests of main", name, n)
		}
	}
}

func BenchmarkTests(b *testing.B) {
	p := resolve(b, shop(1000))
	for b.Loop() {
		if _, err := (Target{}).Tests(p); err != nil {
			b.Fatal(err)
		}
	}
}

package rego

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// opaModule is the folder of the module that asks other releases of OPA.
const opaModule = "../../testdata/oracles/opa"

// releases are the oldest release of OPA that bundles are for, that of conftest and the newest, by the file that requires it.
var releases = []string{"least.mod", "conftest.mod", "go.mod"}

// anotherOPA is a process of testdata/oracles/opa.
type anotherOPA struct {
	in  *json.Encoder
	out *json.Decoder
}

func startOPA(t *testing.T, modfile string) *anotherOPA {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "opa")
	build := exec.Command("go", "build", "-modfile="+modfile, "-o", binary, ".")
	build.Dir = opaModule
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	cmd := exec.Command(binary)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, in, cmd) })
	return &anotherOPA{in: json.NewEncoder(in), out: json.NewDecoder(out)}
}

func stop(t *testing.T, in io.Closer, cmd *exec.Cmd) {
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

type opaQuestion struct {
	Modules map[string]string `json:"modules"`
	Inputs  []json.RawMessage `json:"inputs"`
}

type opaAnswer struct {
	Error  string
	Main   []map[string]any
	Tests  int
	Failed []string
}

func (o *anotherOPA) ask(t fatal, q opaQuestion) opaAnswer {
	if err := o.in.Encode(q); err != nil {
		t.Fatal(err)
	}
	var a opaAnswer
	if err := o.out.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// asked is an object of the documents that the bundled evaluator and another OPA are asked about.
type asked struct {
	object input.Object
	text   json.RawMessage
}

func askedOf(t testing.TB, manifests []string) []asked {
	t.Helper()
	var out []asked
	for _, manifest := range manifests {
		docs, err := input.Read("f.yaml", []byte(manifest), input.DefaultLimits())
		if err != nil {
			continue // of no document there is a verdict
		}
		for _, d := range docs {
			objects, _ := d.Objects(input.PodTemplatePaths{})
			for _, o := range objects {
				text, err := ast.JSON(objectValue(o, ""))
				if err != nil {
					t.Fatal(err)
				}
				body, err := json.Marshal(text)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, asked{o, body})
			}
		}
	}
	return out
}

// holdToAnother demands of another OPA that it takes a bundle, that its tests pass there, and that the verdict on every
// document is that of the bundled evaluator. It gives the outcomes.
func holdToAnother(t fatal, o *anotherOPA, artifacts []target.Artifact, documents []asked) map[target.Outcome]int {
	q := opaQuestion{Modules: map[string]string{}}
	for _, a := range artifacts {
		if path.Ext(a.Path) == ".rego" {
			q.Modules[a.Path] = string(a.Body)
		}
	}
	for _, d := range documents {
		q.Inputs = append(q.Inputs, d.text)
	}
	a := o.ask(t, q)
	if a.Error != "" || len(a.Failed) > 0 || a.Tests == 0 || len(a.Main) != len(documents) {
		t.Fatalf("%d tests, %d answers to %d; %s; these tests fail: %v", a.Tests, len(a.Main), len(documents), a.Error, a.Failed)
	}
	loaded, err := Target{}.Load(target.Environment{Now: now}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	j, outcomes := loaded.(*judge), map[target.Outcome]int{}
	for i, d := range documents {
		ours, err := j.quick(context.Background(), d.object, "")
		if err != nil {
			t.Fatal(err)
		}
		main := a.Main[i]
		want, got := j.verdict(d.object, answers{plainOf(main["deny"]), plainOf(main["warn"]), plainOf(main["checked"])}), j.verdict(d.object, ours)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("OPA (-) and the evaluator (+) do not agree on %s:\n%s", d.text, diff)
		}
		outcomes[got.Outcome]++
	}
	return outcomes
}

// TestOtherReleasesOfOPA gives the bundles that ship, and those of random policies, to other releases of OPA: they take
// them, pass their tests and decide as the bundled evaluator does.
func TestOtherReleasesOfOPA(t *testing.T) {
	manifests := fixtures(t)
	all := askedOf(t, slices.Concat(manifests, disturbed(t, manifests, disturbances, 1)))
	ship := compiled(t)
	started := map[string]*anotherOPA{}
	for _, release := range releases {
		started[release] = startOPA(t, release)
	}
	for i, name := range slices.Sorted(maps.Keys(ship)) {
		var some []asked // of each bundle others
		for n := i; n < len(all); n += len(ship) {
			some = append(some, all[n])
		}
		for _, release := range releases {
			t.Run(name+" "+release, func(t *testing.T) { holdToAnother(t, started[release], ship[name], some) })
		}
	}
	if t.Failed() {
		return
	}
	outcomes := map[target.Outcome]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, diags := policy.Resolve(drawPolicy(t), now)
		if diags.HasErrors() {
			t.Skip(diags.Error())
		}
		p.Profiles = profilesInForce
		some := make([]asked, 20)
		for i := range some {
			some[i] = rapid.SampledFrom(all).Draw(t, fmt.Sprint("document ", i))
		}
		release := rapid.SampledFrom(releases).Draw(t, "release")
		for outcome, n := range holdToAnother(t, started[release], withTests(t, p), some) {
			outcomes[outcome] += n
		}
	})
	if outcomes[target.Deny] < 100 || outcomes[target.Inapplicable] == 0 {
		t.Errorf("too little was tried: %v", outcomes)
	}
}

// TestReleasesOfOPA holds the releases that are tried to the one that users are told, and to that of the conftest that CI
// builds: OPA 1.21 and 1.22.0 refuse more than those before and after do, such as a reference into an object without keys.
func TestReleasesOfOPA(t *testing.T) {
	required := func(file string) string {
		t.Helper()
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`open-policy-agent/opa v(\S+)`).FindSubmatch(body)
		if found == nil {
			t.Fatalf("%s requires no OPA", file)
		}
		return string(found[1])
	}
	if v := required(filepath.Join(opaModule, "least.mod")); v != LeastOPA {
		t.Errorf("least.mod requires OPA %s, and LeastOPA is %s", v, LeastOPA)
	}
	if v, want := required(filepath.Join(opaModule, "conftest.mod")), required("../../tools.mod"); v != want {
		t.Errorf("conftest.mod requires OPA %s, and conftest has %s", v, want)
	}
	page, err := os.ReadFile("../../docs/targets/rego.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "OPA " + LeastOPA + " or newer"; !strings.Contains(string(page), want) {
		t.Errorf("docs/targets/rego.md does not say %q", want)
	}
}

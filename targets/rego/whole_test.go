package rego

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// TestWholeDocuments gives the rules what conftest gives them: a document as it stands, lists not taken apart.
func TestWholeDocuments(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.Privileged: boolean(false)})))).(*judge)
	for in, want := range map[string]string{
		"{kind: List, apiVersion: v1, items: [{kind: Service, apiVersion: v1}, {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a}]}}]}": "[]",
		"{kind: List, items: [{kind: Service}, {kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}": `[{"container":"a","control":"privileges.privileged",` +
			`"field":"privileged","in":["items",1,"spec","containers",0,"securityContext"],"msg":"Pod p, container a: privileged must not be true"}]`,
		"{kind: PodList, apiVersion: v1, items: [{metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}": `[{"container":"a","control":"privileges.privileged",` +
			`"field":"privileged","in":["items",0,"spec","containers",0,"securityContext"],"msg":"Pod p, container a: privileged must not be true"}]`,
		"{kind: List, items: [{kind: List, items: []}]}": `[{"container":"","control":"manifest","field":"","in":[],"msg":"the items of the List are not objects of their own"}]`,
		"{kind: List, items: [text]}":                    `[{"container":"","control":"manifest","field":"","in":[],"msg":"the items of the List are not objects of their own"}]`,
		"{kind: List, items: text}":                      `[{"container":"","control":"manifest","field":"items","in":[],"msg":"the items of the List are not a list"}]`,
		"{kind: List, items: {a: {}}}":                   `[{"container":"","control":"manifest","field":"items","in":[],"msg":"the items of the List are not a list"}]`,
		"{kind: List, items: }":                          `[{"container":"","control":"manifest","field":"items","in":[],"msg":"the List has no items"}]`,
		"{kind: AllowList, metadata: {name: a}}":         "[]",
		"{kind: Bundle, metadata: {name: b}, items: [{kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}":                                                bad(`"items",0`),
		"{kind: List, apiVersion: v1, items: [{kind: Deployment, metadata: {name: d}, spec: {}}]}":                                                                                                            `[{"container":"","control":"manifest","field":"spec","in":["items",0,"spec","template"],"msg":"Deployment d: it has no pod here"}]`,
		"{kind: PodList, apiVersion: v1, items: [{kind: , metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}":                                                       bad(`"items",0`),
		"{kind: PodList, apiVersion: v1, items: [{kind: '', metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}":                                                     bad(`"items",0`),
		"{kind: AdmissionReview, apiVersion: admission.k8s.io/v1, request: {object: {kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}}}": bad(`"request","object"`),
		"{kind: AdmissionReview, request: {object: {kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}}}":                                  bad(`"request","object"`),
		"{kind: AdmissionReview, request: {object: {kind: PodList, apiVersion: v1, items: [{metadata: {name: p}, spec: {containers: [{name: a, securityContext: {privileged: true}}]}}]}}}":                   bad(`"request","object","items",0`),
		"{kind: AdmissionReview, apiVersion: admission.k8s.io/v1, request: {operation: DELETE, object: null, oldObject: {kind: Pod}}}":                                                                        "[]",
		"{kind: AdmissionReview, apiVersion: admission.k8s.io/v1, request: {operation: DELETE}}":                                                                                                              "[]",
		"{kind: AdmissionReview, apiVersion: admission.k8s.io/v1, request: {object: {kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {}}}}":                                                             `[{"container":"","control":"manifest","field":"containers","in":["request","object","spec"],"msg":"Pod p: the pod has no containers"}]`,
		"{kind: AllowList, spec: {}}": "[]",
		"{kind: Service}":             "[]",
		"[1]":                         "[]",
		"text":                        "[]",
	} {
		docs, err := input.Read("f", []byte(in), input.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(denied(t, j, docs[0].Root))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s:\n%s\nwant\n%s", in, got, want)
		}
	}
}

// bad is what is refused of a privileged container whose pod stands at a path.
func bad(path string) string {
	return fmt.Sprintf(`[{"container":"a","control":"privileges.privileged","field":"privileged","in":[%s,"spec","containers",0,"securityContext"],"msg":"Pod p, container a: privileged must not be true"}]`, path)
}

// rule evaluates an expression with the functions of a control's file.
func expression(t *testing.T, id control.ID, value control.Value, query string) func(in any) bool {
	t.Helper()
	modules := []func(*rego.Rego){rego.Query(query)}
	for _, a := range emit(t, resolve(t, document(map[control.ID]control.Value{id: value}))) {
		if a.Path != "rego/.manifest" {
			modules = append(modules, rego.Module(a.Path, string(a.Body)))
		}
	}
	q, err := rego.New(modules...).PrepareForEval(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return func(in any) bool {
		results, err := q.Eval(context.Background(), rego.EvalInput(in))
		if err != nil {
			t.Fatal(err)
		}
		return len(results) > 0
	}
}

// TestImagesAgree holds the rules' reading of image references and patterns to compiler/image, which goes by the library
// that runtimes use.
func TestImagesAgree(t *testing.T) {
	patterns := []string{"docker.io/library/*", "docker.io/acme/app", "registry.example.com/team/*", "registry.example.com/pay*", "registry.example.com/*/api",
		"*.example.org/base", "localhost/x", "localhost:5000/a*b/c", "10.0.0.1:5000/*"}
	parts := []string{"docker.io", "index.docker.io", "library", "nginx", "acme", "app", "registry.example.com", "team", "pay", "payments", "api", "x.example.org", "example.org",
		"base", "localhost", "5000", "a", "b", "c", "/", "/", "/", ":", "@", ".", "-", "_", "__", "*", "A", "10.0.0.1", "sha256:", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", " ", "\n"}
	for _, p := range patterns {
		pattern, err := image.ParsePattern(p)
		if err != nil {
			t.Fatal(err)
		}
		allowed := expression(t, control.Registries, keys(p), fmt.Sprintf("data.bulkhead.test.image_matches(input, [%s])", quote(pattern.Expression())))
		rapid.Check(t, func(t *rapid.T) {
			text := ""
			for _, part := range rapid.SliceOfN(rapid.SampledFrom(parts), 1, 9).Draw(t, "parts") {
				text += part
			}
			ref, err := image.ParseReference(text)
			want := err == nil && pattern.Matches(ref)
			if got := allowed(text); got != want && !(want && tooLong(text)) {
				t.Fatalf("%q by %s: %v, but compiler/image says %v (%v)", text, p, got, want, err)
			}
		})
	}
}

func tooLong(text string) bool { return len(text) > 255 }

// TestAmountsAgree holds the rules' reading of amounts to Kubernetes'. Where they differ, the rules must refuse.
func TestAmountsAgree(t *testing.T) {
	for _, most := range []string{"500m", "1", "0.1", "512Mi", "3k", "1e3", "2Gi", "1E"} {
		limit := resource.MustParse(most)
		within := expression(t, control.CPU, word(most), "count(data.bulkhead.test.deny) == 0; count(data.bulkhead.test.containers) == 1")
		try := func(t interface{ Fatalf(string, ...any) }, text string) {
			in := map[string]any{"kind": "Pod", "apiVersion": "v1", "spec": map[string]any{"containers": []any{map[string]any{"name": "a", "resources": map[string]any{"limits": map[string]any{"cpu": text}}}}}}
			q, err := resource.ParseQuantity(text)
			want := err == nil && q.Sign() > 0 && q.Cmp(limit) <= 0
			got := within(in)
			if got && !want {
				t.Fatalf("%q is let through by %s", text, most)
			}
			if want && !got && usual.MatchString(text) {
				t.Fatalf("%q is refused by %s", text, most)
			}
		}
		try(t, most)
		rapid.Check(t, func(t *rapid.T) {
			number := rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,3})?`).Draw(t, "number")
			try(t, number+rapid.SampledFrom([]string{"", "", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "e3", "E3", "e-3", "mi", "K", "MI", "B", " ", "\""}).Draw(t, "suffix"))
		})
	}
}

// usual are the amounts that people write; the rules must take these.
var usual = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2}|)$`)

// FuzzQuote holds quoting to giving back the same text, and to staying one term.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `\`, "\n", "`", "${x}", "{{", "ä\u2028", "\x00", "\xff", "#", "\"]\n\nallow := true #"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		term, err := ast.ParseTerm(quote(s))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if text, ok := term.Value.(ast.String); !ok || string(text) != string([]rune(s)) {
			t.Fatalf("%q became %v", s, term)
		}
		m, err := ast.ParseModuleWithOpts("c.rego", "# "+comment(s)+"\npackage a"+selector(s)+"\n\nx := 1\n", ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true})
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if len(m.Rules) != 1 || m.Package.Path.String() == "" {
			t.Fatalf("%q: %v", s, m)
		}
	})
}

// FuzzEmit puts hostile names into a policy and holds what is emitted to one meaning: it compiles, is formatted, and has
// no rules but ours.
func FuzzEmit(f *testing.F) {
	f.Add("payments", "app", "api", "x", "reason")
	f.Add("if", "in", "contains", "default", "else")
	f.Add("a-b", "app.kubernetes.io/name", "\"\n}\nallow := true #", "`{{}}`", "line\nbreak\r# METADATA\n# title: x")
	want := ruleNames(f, withTests(f, resolve(f, tiers())))
	f.Fuzz(func(t *testing.T, name, label, value, container, reason string) {
		doc := tiers()
		if name == "" || label == "app" && value == "shard" {
			t.Skip()
		}
		doc.Name = name
		doc.Workloads[0].Match = map[string]string{label: value, "app": "api"}
		doc.Workloads[0].Containers[0].Name = container
		doc.Exceptions[0].Reason = reason
		p, diags := policy.Resolve(doc, now)
		if diags.HasErrors() {
			t.Skip()
		}
		p.Profiles = profilesInForce
		artifacts := withTests(t, p)
		got := ruleNames(t, artifacts)
		if !slices.Equal(got, want) {
			t.Fatalf("rules %v, want %v", got, want)
		}
		load(t, artifacts)
		// OPA's runner of tests writes the name of a package into a query as it stands, which does for names that the
		// policy language takes.
		if policyName.MatchString(name) {
			passing(t, modulesOf(t, artifacts))
		}
	})
}

var policyName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// ruleNames are those of all rules of a bundle, but for the tables of workloads, of which there are as many as sets of
// labels. Its files are as opa fmt can read them.
func ruleNames(t testing.TB, artifacts []target.Artifact) []string {
	t.Helper()
	var out []string
	for _, a := range artifacts {
		if a.Path == "rego/.manifest" {
			continue
		}
		m, err := ast.ParseModuleWithOpts(a.Path, string(a.Body), ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true})
		if err != nil {
			t.Fatalf("%v\n%s", err, a.Body)
		}
		for _, r := range m.Rules {
			if name := r.Head.Ref().String(); !strings.HasPrefix(name, "workloads_") {
				out = append(out, name)
			}
		}
		if _, err := format.SourceWithOpts(a.Path, a.Body, format.Opts{RegoVersion: ast.RegoV1}); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

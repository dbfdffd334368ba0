package rego

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// clean holds emitted files to `opa fmt` and to `opa check --strict`.
func clean(t testing.TB, artifacts []target.Artifact) {
	t.Helper()
	modules := map[string]*ast.Module{}
	for _, a := range artifacts {
		if path.Ext(a.Path) != ".rego" {
			continue
		}
		formatted, err := format.SourceWithOpts(a.Path, a.Body, format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatalf("%s: %v\n%s", a.Path, err, a.Body)
		}
		if diff := cmp.Diff(strings.Split(string(formatted), "\n"), strings.Split(string(a.Body), "\n")); diff != "" {
			t.Errorf("%s is not as opa fmt writes it:\n%s", a.Path, diff)
		}
		m, err := ast.ParseModuleWithOpts(a.Path, string(a.Body), ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true})
		if err != nil {
			t.Fatal(err)
		}
		modules[a.Path] = m
		for _, annotation := range m.Annotations {
			if annotation.Title == "" || annotation.Description == "" || len(annotation.Custom) != 1 {
				t.Errorf("%s: metadata %v", a.Path, annotation)
			}
		}
	}
	c := ast.NewCompiler().WithStrict(true)
	if c.Compile(modules); c.Failed() {
		t.Fatal(c.Errors)
	}
}

func TestEmittedIsClean(t *testing.T) {
	clean(t, emit(t, resolve(t, document(restricted()))))
}

// TestAnnotationsAreClean compiles what reads annotations, with and without null
// among what is allowed.
func TestAnnotationsAreClean(t *testing.T) {
	for _, allowed := range [][]string{{}, {control.ProfileUnset}, {control.ProfileRuntimeDefault}, {control.ProfileRuntimeDefault, control.ProfileUnset}} {
		doc := document(map[control.ID]control.Value{control.SeccompProfile: keys(allowed...)})
		doc.Platform = platform.Kubernetes.With(doc.Platform, "1.18")
		artifacts := emit(t, resolve(t, doc))
		clean(t, artifacts)
		stated := slices.Contains(allowed, control.ProfileUnset)
		if v := judgeText(t, load(t, artifacts), podOf("", "")); (v.Outcome == target.Allow) != stated {
			t.Errorf("%v: without an annotation: %s", allowed, summary(v))
		}
	}
}

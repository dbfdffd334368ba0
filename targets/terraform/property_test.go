package terraform_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

// allows judges a manifest of one container that has a field set, or two.
func allows(t testing.TB, j target.Judge, fields map[string]any) bool {
	t.Helper()
	container := map[string]any{"name": "c"}
	for k, v := range fields {
		container[k] = v
	}
	values, err := json.Marshal(map[string]any{"manifest": map[string]any{
		"kind": "Pod", "metadata": map[string]any{"name": "p", "labels": map[string]any{"app": "api"}},
		"spec": map[string]any{"containers": []any{container}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := j.Judge(context.Background(), attempt.Plan{Body: planOf(plainResource(string(values)))})
	if err != nil {
		t.Fatal(err)
	}
	if v.Outcome == target.Undecided {
		t.Fatalf("undecided: %+v", v.Findings)
	}
	return v.Outcome == target.Allow
}

func plainResource(values string) planResource {
	return planResource{typ: "kubernetes_manifest", values: values}
}

// TestImagesAgree: the regular expressions of the module take exactly the
// references that patterns match in the policy's own reading.
func TestImagesAgree(t *testing.T) {
	patterns := []string{
		"registry.example.com/payments/*", "*.example.org/base", "docker.io/library/redis", "docker.io/acme/*",
		"quay.io/*/api", "localhost:5000/team/pay*", "ghcr.io/a.b/c__d",
	}
	j := load(t, emit(t, resolve(t, document(policy.Settings{control.Registries: set(1, patterns...)}))))
	var parsed []image.Pattern
	for _, p := range patterns {
		pattern, err := image.ParsePattern(p)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, pattern)
	}
	digest := "@sha256:" + strings.Repeat("0a", 32)
	host := rapid.SampledFrom([]string{"", "registry.example.com/", "a.example.org/", "a.b.example.org/", "example.org/", "xexample.org/", "docker.io/", "index.docker.io/", "quay.io/", "localhost:5000/", "localhost/", "ghcr.io/", "registry.example.com.evil.org/", "Registry.example.com/", "registry.example.com:443/", "10.0.0.1/", "a_b.c/", "acme/", "library/"})
	part := rapid.SampledFrom([]string{"payments", "base", "redis", "acme", "api", "team", "pay", "payx", "a.b", "c__d", "c___d", "a--b", "-a", "a-", "A", "a..b", "", "library", "0", strings.Repeat("ab", 32)})
	end := rapid.SampledFrom([]string{"", ":1.0", ":latest", ":", ":a/b", digest, ":1" + digest, "@sha256:00", "@md5:" + strings.Repeat("0", 32), " ", "\n", ":" + strings.Repeat("x", 129)})
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(part, 1, 3).Draw(rt, "parts")
		name := host.Draw(rt, "host") + strings.Join(parts, "/") + end.Draw(rt, "end")
		want := false
		if ref, err := image.ParseReference(name); err == nil {
			for _, p := range parsed {
				want = want || p.Matches(ref)
			}
		}
		if got := allows(t, j, map[string]any{"image": name}); got != want {
			rt.Errorf("%q: the module says %v, the policy's own reading %v", name, got, want)
		}
	})
}

// TestAmountsAgree: the module compares amounts as Kubernetes does.
func TestAmountsAgree(t *testing.T) {
	most := resource.MustParse("1500M")
	j := load(t, emit(t, resolve(t, document(policy.Settings{control.Memory: text(1, "1500M")}))))
	number := rapid.SampledFrom([]string{"0", "1", "1.5", "1500", "1500000000", "1500000000000", "1.4305114746", "1430.6", "1464843.75", "1464843.76", ".5", "1.", "15e8", "15e+8", "16E8", "150000000e1", "0.0000000000015", "1499.999999"})
	unit := rapid.SampledFrom([]string{"", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"})
	rapid.Check(t, func(rt *rapid.T) {
		amount := number.Draw(rt, "number") + unit.Draw(rt, "unit")
		q, err := resource.ParseQuantity(amount)
		want := err == nil && q.Sign() > 0 && q.Cmp(most) <= 0 // 0 is no limit
		got := allows(t, j, map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": amount}}})
		if got != want {
			rt.Errorf("%q: the module says %v, Kubernetes %v (%v)", amount, got, want, err)
		}
	})
	rapid.Check(t, func(rt *rapid.T) { // what Kubernetes does not take, the module does not either
		amount := rapid.StringMatching(`[-+ 0-9.eEnumkKMGTPEi]{0,8}`).Draw(rt, "amount")
		q, err := resource.ParseQuantity(amount)
		want := err == nil && q.Sign() > 0 && q.Cmp(most) <= 0 // 0 is no limit
		if got := allows(t, j, map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": amount}}}); got && !want {
			rt.Errorf("%q: the module lets it pass", amount)
		}
	})
}

// TestLoosening: a looser policy never refuses what a tighter one allows, and
// loosening all controls lets every pod pass.
func TestLoosening(t *testing.T) {
	p := resolve(t, document(strict()))
	tight := load(t, emit(t, p))
	var ids []control.ID
	for _, c := range control.Controls() {
		if _, ok := strict()[c.ID]; ok {
			ids = append(ids, c.ID)
		}
	}
	var all []planResource
	for _, e := range changes {
		for _, form := range []string{"typed", "manifest"} {
			if r, ok := e.forms(t)[form]; ok {
				all = append(all, r)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		var refs []control.Ref
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 6, rapid.ID).Draw(rt, "loosened") {
			refs = append(refs, control.Ref{ID: id})
		}
		plan := planOf(all[rapid.IntRange(0, len(all)-1).Draw(rt, "pod")])
		before, after := judge(t, tight, plan), judge(t, load(t, emit(t, p.Without(refs...))), plan)
		if before.Outcome == target.Allow && after.Outcome != target.Allow {
			rt.Errorf("%v loosened: %v becomes %v: %+v", refs, before.Outcome, after.Outcome, after.Findings)
		}
	})
	var refs []control.Ref
	for _, id := range ids {
		refs = append(refs, control.Ref{ID: id})
	}
	loose := load(t, emit(t, p.Without(refs...)))
	for _, r := range all {
		if v := judge(t, loose, planOf(r)); v.Outcome != target.Allow {
			t.Errorf("with everything loosened: %v %+v", v.Outcome, v.Findings)
		}
	}
}

// FuzzQuote: whatever text a policy holds, it is a string without a template in
// the module, and cannot leave a comment.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `\`, "${x}", "$${x}", "%{ if x }", "%%{", "$", "\n", "\r", "\x00", "\u2028", "\xff", "é", "*/", "#", "EOT", "\"\n}\nlocals {"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := fmt.Sprintf("# %s\na = %s\n", terraform.Comment(s), terraform.Quote(s))
		file, diags := hclsyntax.ParseConfig([]byte(text), "x.tf", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%q: %v", s, diags)
		}
		body := file.Body.(*hclsyntax.Body)
		if len(body.Attributes) != 1 || len(body.Blocks) != 0 {
			t.Fatalf("%q became something else", s)
		}
		v, diags := body.Attributes["a"].Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatalf("%q: %v", s, diags)
		}
		if want := cty.StringVal(s); utf8.ValidString(s) && !v.RawEquals(want) { // a policy is UTF-8
			t.Errorf("%q became %#v", s, v)
		}
	})
}

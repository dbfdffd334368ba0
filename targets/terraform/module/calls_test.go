package module

import (
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"
)

// anyArgument draws values of the kinds that plans hold, unknown and null ones among them.
func anyArgument(depth int) *rapid.Generator[cty.Value] {
	leaves := []cty.Value{
		cty.StringVal("a"), cty.StringVal("b"), cty.StringVal(""), cty.StringVal("ab=1"), cty.True, cty.False, cty.NumberIntVal(1),
		cty.UnknownVal(cty.String), cty.UnknownVal(cty.Bool), cty.DynamicVal, cty.NullVal(cty.String), cty.NullVal(cty.Bool), cty.NullVal(cty.DynamicPseudoType),
		cty.EmptyTupleVal, cty.EmptyObjectVal, cty.ListVal([]cty.Value{cty.StringVal("a")}), cty.ListValEmpty(cty.Bool),
		cty.MapVal(map[string]cty.Value{"a": cty.StringVal("b")}), cty.NullVal(cty.EmptyObject), cty.UnknownVal(cty.EmptyObject),
		cty.UnknownVal(cty.Tuple([]cty.Type{cty.Bool})),
	}
	return rapid.Custom(func(t *rapid.T) cty.Value {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		switch {
		case depth > 0 && kind == 0:
			return cty.TupleVal(rapid.SliceOfN(anyArgument(depth-1), 0, 3).Draw(t, "elements"))
		case depth > 0 && kind == 1:
			return cty.TupleVal(rapid.SliceOfN(rapid.SampledFrom([]cty.Value{cty.True, cty.False}), 0, 3).Draw(t, "bools"))
		case depth > 0 && kind == 2:
			return cty.ObjectVal(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), anyArgument(depth-1), 0, 3).Draw(t, "attributes"))
		}
		return rapid.SampledFrom(leaves).Draw(t, "leaf")
	})
}

// Calls give what HCL's give, and an error where these do: it is HCL's own.
func TestCalls(t *testing.T) {
	names := []string{"try"}
	for name := range plainCalls {
		names = append(names, name)
	}
	slices.Sort(names)
	ctx := &hcl.EvalContext{Functions: functions}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				e := &hclsyntax.FunctionCallExpr{Name: name, ExpandFinal: rapid.IntRange(0, 4).Draw(t, "expand") == 0}
				var args []cty.Value
				for range rapid.IntRange(0, 3).Draw(t, "arguments") {
					if rapid.IntRange(0, 9).Draw(t, "error") == 0 {
						e.Args = append(e.Args, &hclsyntax.ScopeTraversalExpr{Traversal: hcl.Traversal{hcl.TraverseRoot{Name: "missing"}}})
						args = nil
						continue
					}
					v := anyArgument(2).Draw(t, "argument")
					if rapid.Bool().Draw(t, "text") && (name == "regex" || len(e.Args) > 0) {
						v = cty.StringVal(rapid.SampledFrom([]string{"a", "ab", "(a)(b)?", "(?P<x>a)(?P<y>c)?", "a(?P<x>b)(c)?", "("}).Draw(t, "text"))
					}
					e.Args, args = append(e.Args, &hclsyntax.LiteralValueExpr{Val: v}), append(args, v)
				}
				if e.ExpandFinal && len(e.Args) == 0 {
					return // not in the grammar
				}
				want, wantDiags := e.Value(ctx)
				got, diags := call{e}.Value(ctx)
				if diags.HasErrors() != wantDiags.HasErrors() || !diags.HasErrors() && !got.RawEquals(want) {
					t.Fatalf("%s(%#v): %#v %v, want %#v %v", name, args, got, diags, want, wantDiags)
				}
			})
		})
	}
}

// What modules ask all the time is not left to HCL.
func TestPlainCalls(t *testing.T) {
	a, b := cty.StringVal("a"), cty.StringVal("b")
	object := cty.ObjectVal(map[string]cty.Value{"a": cty.NullVal(cty.String), "c": cty.UnknownVal(cty.Bool)})
	list := cty.TupleVal([]cty.Value{a, b})
	flags := cty.TupleVal([]cty.Value{cty.True, cty.False})
	for name, args := range map[string][]cty.Value{
		"alltrue": {flags}, "anytrue": {flags}, "concat": {list, flags}, "contains": {list, b}, "keys": {object}, "length": {list},
		"lookup": {object, b, cty.NullVal(cty.DynamicPseudoType)}, "merge": {object, object}, "regex": {cty.StringVal("^(a)(b?)$"), a},
	} {
		if _, ok := plainCalls[name](args); !ok {
			t.Errorf("%s(%#v) is left to HCL", name, args)
		}
	}
	if len(plainCalls) != 9 {
		t.Errorf("%d functions, of which 9 are tried", len(plainCalls))
	}
}

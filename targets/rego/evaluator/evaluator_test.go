package evaluator

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"pgregory.net/rapid"
)

var texts = []string{"", "a", "b", "ab", "a,b", ",", "A", "é", "\x00", "\xff", "%d", "%s %v", "%v", "%05d", "[a-z]+", "(", "0", "1", "512Mi", "a\x00\x04b"}

var numbers = []string{"0", "1", "-1", "2", "1.0", "0.5", "1e3", "255", "256", "-0", "9223372036854775807", "9223372036854775808", "1099511627776"}

func anyValue(depth int) *rapid.Generator[*Value] {
	return rapid.Custom(func(t *rapid.T) *Value {
		most := 6
		if depth == 0 {
			most = 3
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return null
		case 1:
			return NewBoolean(rapid.Bool().Draw(t, "truth"))
		case 2:
			return NewNumber(rapid.SampledFrom(numbers).Draw(t, "number"))
		case 3:
			return NewString(rapid.SampledFrom(texts).Draw(t, "text"))
		case 4:
			return NewArray(rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "items"))
		case 5:
			return newSet(rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "elements"))
		}
		var fields []Field
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(texts), 0, 3, rapid.ID[string]).Draw(t, "keys") {
			fields = append(fields, Field{key, anyValue(depth-1).Draw(t, "member")})
		}
		return NewObject(fields)
	})
}

// TestOrder holds the order of values, and so that of sets, to OPA's.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyValue(3).Draw(t, "a"), anyValue(3).Draw(t, "b")
		want := ast.Compare(a.AST(), b.AST())
		if got := compare(a, b); got < 0 != (want < 0) || got > 0 != (want > 0) || equal(a, b) != (want == 0) {
			t.Fatalf("%v, %v: %d, want %d", a, b, got, want)
		}
		back, ok := FromAST(a.AST())
		if !ok || back.AST().String() != a.AST().String() {
			t.Fatalf("%v is %v", a, back)
		}
	})
}

// TestFunctions holds our functions to OPA's, for arguments of every type: twice, as answers are remembered.
func TestFunctions(t *testing.T) {
	c := &compiler{native: nativeBuiltins()}
	names := slices.Clone(delegatedBuiltins)
	for name := range c.native {
		names = append(names, name)
	}
	slices.Sort(names)
	m := &machine{ctx: context.Background(), calls: map[string]*Value{}, expressions: map[string]*expression{}}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			reference, f := topdown.GetBuiltin(name), c.natively(name)
			if reference == nil || f == nil {
				t.Fatal("no such function")
			}
			types := ast.BuiltinMap[name].Decl.FuncArgs().Args
			rapid.Check(t, func(t *rapid.T) {
				args := make([]*Value, len(types))
				for i := range args {
					args[i] = anyValue(2).Draw(t, "argument")
					if text := rapid.IntRange(0, 2).Draw(t, "bias"); text == 0 {
						args[i] = NewString(rapid.SampledFrom(texts).Draw(t, "text"))
					} else if text == 1 && i > 0 && rapid.Bool().Draw(t, "number?") {
						args[i] = NewNumber(rapid.SampledFrom(numbers[:9]).Draw(t, "number"))
					} else if i > 0 && args[0].kind == Set && rapid.Bool().Draw(t, "set?") {
						args[i] = newSet(append(slices.Clone(args[0].items[:len(args[0].items)/2]), anyValue(1).Draw(t, "element")))
					}
				}
				if name == "numbers.range" && (len(args[0].text) > 3 || len(args[1].text) > 3) {
					return // as long as it says
				}
				for range 2 {
					m.err = nil
					want := m.ask(reference, args)
					left := errors.Is(m.err, ErrLeft)
					m.err = nil
					got := f(m, args)
					switch {
					case left && (m.err != nil || got == nil), errors.Is(m.err, ErrLeft):
					case (got == nil) != (want == nil) || got != nil && got.AST().String() != want.AST().String():
						t.Fatalf("%v: %v, want %v", args, got, want)
					}
				}
			})
		})
	}
}

// programs are rules whose meaning is easily missed; each is asked with each of the inputs.
var programs = []string{
	`p contains x if { some x in input.a; x != 2 }`,
	`p contains [i, x] if { x := input.a[i]; i > 0 }`,
	`p := [x | some x in input.a]`,
	`p := {x: y | some x, y in input.o}`,
	`p := {x: 1 | some x in input.a}`,
	`p contains v if { walk(input, [path, v]); count(path) == 1 }`,
	`p contains path if walk(input, [path, 1])`,
	`p contains x if { [x, 1] = input.a }`,
	`p contains [x, y] if { [x, y] = input.a }`,
	`p contains x if { {"k": x} = input.o }`,
	`p contains x if { [1, x] = [y, 2]; y == input.a[0] }`,
	`p contains x if { input.a[x] = input.o.k }`,
	`p contains x if { x = input.a[_]; not x in input.o }`,
	`p if every x in input.a { x > 0 }`,
	`p if every k, x in input.o { k != x }`,
	"q if input.a[_] == 1\np if not q",
	`p := 1 if input.a[0] == 1 else := 2 if input.o.k else := 3`,
	`p := x if x := input.a[_]`,
	"default p := 7\np := x if { x := input.a[0]; x != 1 }",
	"f(x) := 1 if x == 1\nf(x) := 2 if is_string(x)\nf([_, x]) := x\np contains y if y := f(input.a[_])",
	"default f(_) := 9\nf(1) := 2\np contains y if { some x in input.a; y := f(x) }",
	"s contains x if some x in input.a\np contains y if { some x in s; y := sprintf(\"%v %s\", [x, {x: [s]}]) }",
	"s contains x if some x in input.a\np contains y if { some x in s; y := sprintf(\"%v %s\", [x, [s]]) }",
	"s contains x if some x in [3, 1, 2, 1.0]\np contains x if { some x in s; x in input.a }",
	"s := {\"lasting\": [1, 2]}\np contains x if { some x in s.lasting; x in input.a }",
	"a := input.a\nb := a\nc contains x if some x in b\np := count(c)",
	"g(x) := count(input.a) + x\nb := g(1)\np := b",
	`p contains x if { some x in data.main.nowhere }`,
	`p if not data.main.nowhere`,
	"q if data.elsewhere[_].deny\np if not q",
	`p contains x if { x := object.get(input, ["o", "k"], "none") }`,
	`p contains x if { x := split(input.o.k, "") }`,
	`p contains x if { some i; input.a[i]; not input.a[i] == 1; x := i }`,
	`p contains x if { some x, _ in input; some y in input[x]; y == 1 }`,
	`p contains {"x": x, "n": n} if { some x in input.a; n := count([y | some y in input.a; y == x]) }`,
	`p contains x if { x := {y | y := input.a[_]} & {1, 2} }`,
	`p := {y | y := input.a[_]} - {1, "k", null, [1, 2]}`,
	"s contains x if some x in input.a\np contains x if { some x in s - {y | some y in input.o} }\np contains s",
	`p := [[x | some x in input.a], {x | some x in input.a}, [x | some x in input.none], {x | some x in input.none}]`,
	`p contains x if { x := [y | some y in input.a; y > 1][0] }`,
	`p contains input.a[_]`,
	`p := input`,
	"x.y := 1\nx.z := 2\np := x",
	`p := 1 if input.a with input.a as 3`,
}

var inputs = []string{
	`{}`, `null`, `[1]`, `"text"`, `{"a": [1, 2, 3]}`, `{"a": [1]}`, `{"a": [2, 1.0, 1]}`, `{"a": [], "o": {}}`, `{"a": {"k": 1, "l": 2}, "o": [1]}`,
	`{"a": "text", "o": {"k": "text"}}`, `{"a": [null, false, "1", 1, [1, 2], {"k": [1]}], "o": {"k": 1}}`, `{"a": [1, 2], "o": {"k": 2, "l": "l"}}`,
	`{"o": {"k": false}}`, `{"a": 1, "o": null}`, `{"a": [[1, 2], [3, 4]], "o": {"k": "aéb"}}`, `{"a": [1.0, 1e0, 2], "o": {"k": [1, 2]}}`, `{"a": [0, -1, "k"]}`,
}

// TestPrograms holds the evaluator to topdown, rule by rule. One program sees all inputs, so that what it remembers of one
// must not show in the next.
func TestPrograms(t *testing.T) {
	unsupported := 0
	for _, body := range programs {
		compiled, err := ast.CompileModulesWithOpt(map[string]string{"p.rego": "package main\n\n" + body}, ast.CompileOpts{ParserOptions: ast.ParserOptions{RegoVersion: ast.RegoV1}})
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		p, err := New(compiled, "data.main.p")
		if err != nil {
			t.Log(body, err)
			unsupported++
			continue
		}
		q, err := rego.New(rego.Compiler(compiled), rego.Query("x = data.main.p")).PrepareForEval(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range slices.Concat(inputs, inputs) {
			holdToOPA(t, body, p, q, in)
		}
	}
	if unsupported > 4 {
		t.Errorf("%d programs are beyond the evaluator", unsupported)
	}
}

func holdToOPA(t *testing.T, body string, p *Program, q rego.PreparedEvalQuery, in string) {
	t.Helper()
	value := ast.MustParseTerm(in).Value
	input, ok := FromAST(value)
	if !ok {
		t.Fatal(in)
	}
	got, err := p.Eval(t.Context(), input)
	if errors.Is(err, ErrLeft) {
		return
	} else if err != nil {
		t.Fatal(err)
	}
	results, err := q.Eval(t.Context(), rego.EvalParsedInput(value))
	if err != nil {
		t.Errorf("%s, %s: %v, but OPA says %v", body, in, got[0], err)
		return
	}
	want, have := "undefined", "undefined"
	if len(results) > 0 {
		want = ast.MustInterfaceToValue(results[0].Bindings["x"]).String()
	}
	if got[0] != nil {
		plain, err := ast.JSON(got[0].AST())
		if err != nil {
			t.Fatal(err)
		}
		have = ast.MustInterfaceToValue(plain).String()
	}
	if have != want {
		t.Errorf("%s, %s: %s, want %s", body, in, have, want)
	}
}

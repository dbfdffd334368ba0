package module_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// onePlan writes a plan of one resource, with what is unknown in it.
func onePlan(values, unknown string) []byte {
	return fmt.Appendf(nil, `{"format_version":"1.2","terraform_version":"1.11.4","complete":true,
"planned_values":{"root_module":{"resources":[{"address":"kubernetes_pod_v1.a","mode":"managed","type":"kubernetes_pod_v1","name":"a","values":%s}]}},
"resource_changes":[{"address":"kubernetes_pod_v1.a","mode":"managed","type":"kubernetes_pod_v1","name":"a","change":{"actions":["create"],"after":%s,"after_unknown":%s}}]}`, values, values, unknown)
}

func TestPlanValues(t *testing.T) {
	s, n := cty.StringVal, cty.NumberIntVal
	object := func(kv ...any) cty.Value {
		m := map[string]cty.Value{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1].(cty.Value)
		}
		return cty.ObjectVal(m)
	}
	tuple := func(v ...cty.Value) cty.Value { return cty.TupleVal(v) }
	null := cty.NullVal(cty.DynamicPseudoType)
	for _, test := range []struct {
		name, values, unknown string
		want                  cty.Value
	}{
		{"known", `{"a":"x","b":[1,true,null],"c":{}}`, `{}`, object("a", s("x"), "b", tuple(n(1), cty.True, null), "c", cty.EmptyObjectVal)},
		{"nothing unknown", `{"a":"x"}`, `false`, object("a", s("x"))},
		{"an absent attribute", `{"a":"x"}`, `{"id":true}`, object("a", s("x"), "id", cty.DynamicVal)},
		{"all", `{"a":"x"}`, `true`, cty.DynamicVal},
		{"deep", `{"spec":[{"c":[{"n":"a"},{"n":"b"}]}]}`, `{"spec":[{"c":[{},{"image":true}]}]}`,
			object("spec", tuple(object("c", tuple(object("n", s("a")), object("n", s("b"), "image", cty.DynamicVal)))))},
		{"element of a list", `{"l":["a",null]}`, `{"l":[false,true]}`, object("l", tuple(s("a"), cty.DynamicVal))},
		{"a list of another length", `{"l":["a"]}`, `{"l":[false,true]}`, object("l", cty.DynamicVal)},
		{"marks of another shape", `{"l":["a"],"o":{"a":1}}`, `{"l":{"a":true},"o":[true]}`, object("l", cty.DynamicVal, "o", cty.DynamicVal)},
		{"an absent object with unknown parts", `{}`, `{"o":{"a":true,"b":false}}`, object("o", object("a", cty.DynamicVal))},
		{"an absent list with unknown parts", `{}`, `{"l":[true]}`, object("l", cty.DynamicVal)},
		{"absent and nothing unknown", `{}`, `{"l":[],"o":{}}`, cty.EmptyObjectVal},
		{"a value that is also marked", `{"a":"x"}`, `{"a":true}`, object("a", cty.DynamicVal)},
		{"a mark that is no mark", `{"a":"x"}`, `{"a":1}`, object("a", s("x"))},
		{"a large number", `{"a":123456789012345678901234567890}`, `{}`, object("a", cty.MustParseNumberVal("123456789012345678901234567890"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := module.ReadPlan(onePlan(test.values, test.unknown))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Resources[0].Value()
			if err != nil {
				t.Fatal(err)
			}
			if !got.RawEquals(test.want) {
				t.Errorf("got  %#v\nwant %#v", got, test.want)
			}
		})
	}
}

func TestPlanResources(t *testing.T) {
	p, err := module.ReadPlan([]byte(`{"format_version":"1.2","complete":false,"planned_values":{"root_module":{
"resources":[{"address":"a.x","mode":"managed","type":"a","values":{}},{"address":"data.b.x","mode":"data","type":"b","values":{}}],
"child_modules":[{"address":"module.m","child_modules":[{"address":"module.m.module.n","resources":[{"address":"module.m.module.n.c.x[0]","mode":"managed","type":"c"}]}]}]}},
"resource_changes":[
{"address":"a.x","change":{"actions":["no-op"],"after_unknown":{}}},
{"address":"module.m.module.n.c.x[0]","deposed":"0123","change":{"actions":["delete"],"after_unknown":{}}},
{"address":"gone.x","change":{"actions":["delete"],"after_unknown":{}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Resources {
		got = append(got, fmt.Sprint(r.Address, " ", r.Type, " ", strings.Join(r.Path, "."), " ", r.Told))
	}
	want := "a.x a planned_values.root_module.resources.0 true\n" +
		"module.m.module.n.c.x[0] c planned_values.root_module.child_modules.0.child_modules.0.resources.0 false"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if len(p.Doubts) != 1 || !strings.HasPrefix(p.Doubts[0], "complete: ") {
		t.Errorf("doubts: %q", p.Doubts)
	}
}

func TestPlanErrors(t *testing.T) {
	for _, test := range []struct{ name, plan, want string }{
		{"empty", "", "unexpected end of JSON input"},
		{"no JSON", "\x00\x01", "line 1, column 1"},
		{"truncated", string(onePlan("{}", "{}")[:200]), "unexpected end of JSON input"},
		{"two plans", "{\"format_version\":\"1.2\"}\n{}", "line 2, column 1"},
		{"a list", "[]", "cannot unmarshal array"},
		{"no version", `{"planned_values":{}}`, "format version is missing"},
		{"a version to come", `{"format_version":"2.0","planned_values":{}}`, "unsupported plan format version"},
		{"no version number", `{"format_version":"latest","planned_values":{}}`, "invalid format version"},
		{"a state", `{"format_version":"1.0","values":{}}`, "planned_values: missing; a state, or no plan"},
		{"errored", `{"format_version":"1.2","errored":true,"planned_values":{}}`, "errored: the plan ended in an error and is not whole"},
		{"no type", `{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"address":"a"}]}}}`, "planned_values.root_module.resources.0: a resource without type or address"},
		{"values are no object", `{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"address":"a","type":"b","values":[]}]}}}`, "cannot unmarshal array"},
		{"deep modules", `{"format_version":"1.2","planned_values":{"root_module":` + strings.Repeat(`{"child_modules":[`, module.MaxDepth+2) + strings.Repeat(`]}`, module.MaxDepth+2) + `}}`, "modules more than 200 deep"},
		{"too deep for JSON", strings.Repeat("[", 1e6), "exceeded max depth"},
		{"too large", strings.Repeat(" ", module.MaxPlanBytes+1), "larger than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := module.ReadPlan([]byte(test.plan)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	for _, test := range []struct{ name, values, want string }{
		{"deep", `{"a":` + strings.Repeat("[", module.MaxDepth+1) + strings.Repeat("]", module.MaxDepth+1) + "}", "nested deeper than 200"},
		{"a number that is endless in print", `{"a":{"b":[1e1000000]}}`, "planned_values.root_module.resources.0.values.a.b.0: a number of more than 100 digits"},
		{"a number that is long", `{"a":` + strings.Repeat("9", 200) + "}", "a number of more than 100 digits"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := module.ReadPlan(onePlan(test.values, "{}"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Resources[0].Value(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

package module_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// FuzzRead: no bytes make the reader or the evaluator panic.
func FuzzRead(f *testing.F) {
	for _, file := range hand(f) {
		f.Add(file.Body)
	}
	for _, expr := range expressions(f) {
		f.Add([]byte("variable \"U\" {\n}\nlocals {\n  D = 1\n  a = " + with(expr, "var.U", "local.D") + "\n}\ncheck \"x\" {\n  assert {\n    condition = local.a\n    error_message = \"${local.a}\"\n  }\n}\n"))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 1<<16 {
			t.Skip()
		}
		m, err := module.Read([]module.File{{Path: "main.tf", Body: body}})
		if err != nil {
			return
		}
		results, err := m.Evaluate(context.Background(), module.Inputs{"U": cty.UnknownVal(cty.String)})
		if err == nil && len(results) != len(m.Conditions) {
			t.Errorf("%d conditions, %d results", len(m.Conditions), len(results))
		}
	})
}

// FuzzPlan: no bytes make the reader of plans panic, and what it reads can be
// given to a module.
func FuzzPlan(f *testing.F) {
	f.Add(onePlan(`{"spec":[{"container":[{"name":"a","security_context":[{"privileged":true}]}]}],"metadata":[{"name":"a"}]}`, `{"id":true,"spec":[{"container":[{"image":true}]}]}`))
	f.Add(onePlan(`{"manifest":{"kind":"Pod","metadata":{},"spec":{"containers":[{"name":"a"}]}}}`, `{}`))
	m, err := module.Read(hand(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			t.Skip()
		}
		p, err := module.ReadPlan(data)
		if err != nil {
			return
		}
		values := []cty.Value{}
		for _, r := range p.Resources {
			if v, err := r.Value(); err == nil {
				values = append(values, v)
			}
		}
		inputs := module.Inputs{"resources": cty.TupleVal(values)}
		results, err := m.Evaluate(context.Background(), inputs)
		if err == nil && len(results) != len(m.Conditions) {
			t.Errorf("%d conditions, %d results", len(m.Conditions), len(results))
		}
		again, second := m.Evaluate(context.Background(), inputs)
		if (err == nil) != (second == nil) || fmt.Sprintf("%+v", results) != fmt.Sprintf("%+v", again) {
			t.Errorf("%+v, %v, and evaluated again %+v, %v", results, err, again, second)
		}
	})
}

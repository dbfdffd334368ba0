package module_test

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// cases reads testdata/resources.hcl: the text of each case's elements.
func cases(t testing.TB) map[string][]string {
	t.Helper()
	body, err := os.ReadFile("testdata/resources.hcl")
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig(body, "resources.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	all := map[string][]string{}
	for name, attr := range file.Body.(*hclsyntax.Body).Attributes {
		all[name] = []string{}
		for _, element := range attr.Expr.(*hclsyntax.TupleConsExpr).Exprs {
			all[name] = append(all[name], with(string(element.Range().SliceBytes(body)), "terraform_data.u.id", "try(terraform_data.u.id, 0)"))
		}
	}
	return all
}

// asOutputs writes the module that was written by hand with every condition as
// an output instead: a precondition that fails would end the plan, and so say
// nothing of the others.
func asOutputs(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	outputs, index := "", 0
	for _, f := range hand(t) {
		file, diags := hclsyntax.ParseConfig(f.Body, f.Path, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		text := ""
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			conditions := b.Body.Blocks
			for _, inner := range b.Body.Blocks {
				conditions = append(conditions, inner.Body.Blocks...)
			}
			for _, c := range conditions {
				if attr := c.Body.Attributes["condition"]; attr != nil {
					outputs += fmt.Sprintf("output \"c%d\" {\n  value = %s\n}\n", index, attr.Expr.Range().SliceBytes(f.Body))
					index++
				}
			}
			switch b.Type {
			case "variable":
				text += fmt.Sprintf("variable %q {\n  default = {}\n}\n", b.Labels[0])
			case "locals":
				text += string(hcl.RangeBetween(b.Range(), b.CloseBraceRange).SliceBytes(f.Body)) + "\n"
			}
		}
		files["hand/"+f.Path] = text
	}
	files["hand/outputs.tf"] = outputs
	return files
}

// TestModuleAgainstTerraform evaluates the conditions of a whole module over
// what a real plan says of resources with unknown parts, and compares with
// what Terraform makes of them in that plan.
func TestModuleAgainstTerraform(t *testing.T) {
	all := cases(t)
	files := asOutputs(t)
	root := "resource \"terraform_data\" \"u\" {}\n"
	for name, elements := range all {
		var inputs []string
		for i, element := range elements {
			root += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %s\n}\n", fmt.Sprintf("%s_%d", name, i), element)
			inputs = append(inputs, fmt.Sprintf("terraform_data.%s_%d.input", name, i))
		}
		root += fmt.Sprintf("module %q {\n  source    = \"./hand\"\n  resources = [%s]\n}\n", name, strings.Join(inputs, ", "))
		root += fmt.Sprintf("output %q {\n  value = module.%s\n}\n", name, name)
	}
	files["main.tf"] = root
	data := plan(t, files)
	want := outputs(t, data)

	p, err := module.ReadPlan(data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := module.Read(hand(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Unread) > 0 {
		t.Fatal(m.Unread)
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			values := []cty.Value{}
			for i := range all[name] {
				values = append(values, input(t, p, fmt.Sprintf("terraform_data.%s_%d", name, i)))
			}
			results, err := m.Evaluate(context.Background(), module.Inputs{"resources": cty.TupleVal(values)})
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if got, want := r.Outcome, outcome(t, want[name], fmt.Sprintf("c%d", i)); got != want {
					t.Errorf("%s, %s: the model says %v (%s), Terraform %v", r.Place(), r.Address, got, r.Message, want)
				}
			}
		})
	}
}

// input finds what a terraform_data of the plan was given.
func input(t *testing.T, p *module.Plan, address string) cty.Value {
	t.Helper()
	for _, r := range p.Resources {
		if r.Address == address {
			v, err := r.Value()
			if err != nil {
				t.Fatal(err)
			}
			return v.GetAttr("input")
		}
	}
	t.Fatalf("the plan has no %s", address)
	return cty.NilVal
}

// outcome is what Terraform says of one output of a module.
func outcome(t *testing.T, o output, name string) module.Outcome {
	t.Helper()
	if unknown, ok := o.AfterUnknown.(map[string]any); ok && unknown[name] == true || o.AfterUnknown == true {
		return module.Undecided
	}
	after, ok := o.After.(map[string]any)
	if !ok {
		t.Fatalf("no outputs: %v", o)
	}
	switch after[name] {
	case true:
		return module.Holds
	case false:
		return module.Fails
	}
	t.Fatalf("output %s is %v", name, after[name])
	return module.Undecided
}

package module_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// expressions reads the expressions that model and Terraform must agree on.
func expressions(t testing.TB) []string {
	t.Helper()
	body, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\b[UD]\b`)

// with writes what U and D stand for.
func with(expr, u, d string) string {
	return placeholder.ReplaceAllStringFunc(expr, func(name string) string {
		return map[string]string{"U": u, "D": d}[name]
	})
}

// TestFunctionsAgainstTerraform holds every function, and the operators that
// emitted conditions use, to a plan of the real Terraform, unknown values
// included.
func TestFunctionsAgainstTerraform(t *testing.T) {
	exprs := expressions(t)
	var config strings.Builder
	config.WriteString("resource \"terraform_data\" \"u\" {}\n")
	for i, expr := range exprs {
		fmt.Fprintf(&config, "output \"e%d\" {\n  value = %s\n}\n", i, with(expr, "terraform_data.u.id", "try(terraform_data.u.id, 0)"))
	}
	want := outputs(t, plan(t, map[string]string{"main.tf": config.String()}))
	for i, expr := range exprs {
		t.Run(expr, func(t *testing.T) {
			got := evaluateJSON(t, expr)
			real, ok := want[fmt.Sprintf("e%d", i)]
			if !ok { // an output that is null is no change
				real = output{nil, false}
			}
			theirs, err := json.Marshal(real)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(normal(t, theirs), normal(t, got)); diff != "" {
				t.Errorf("Terraform (-) and the model (+) differ:\n%s", diff)
			}
		})
	}
}

// evaluateJSON evaluates an expression with the model and writes the value as
// a plan does.
func evaluateJSON(t *testing.T, expr string) []byte {
	t.Helper()
	v := evaluate(t, with(expr, "var.u", "var.d"))
	after, unknown := planned(t, v), unknowns(v)
	out, err := json.Marshal(map[string]any{"after": after, "after_unknown": unknown})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// evaluate evaluates an expression over the unknown values that U and D stand for.
func evaluate(t *testing.T, expr string) cty.Value {
	t.Helper()
	v, err := module.EvaluateExpression([]byte(expr), module.Inputs{
		"u": cty.UnknownVal(cty.String).RefineNotNull(),
		"d": cty.DynamicVal,
	})
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return v
}

// planned is a value as a plan's "after" holds it: unknown parts of objects
// are left out, those of lists are null.
func planned(t *testing.T, v cty.Value) any {
	t.Helper()
	switch {
	case !v.IsKnown() || v.IsNull():
		return nil
	case v.Type().IsObjectType() || v.Type().IsMapType():
		out := map[string]any{}
		for k, e := range v.AsValueMap() {
			if e.IsKnown() {
				out[k] = planned(t, e)
			}
		}
		return out
	case v.CanIterateElements():
		out := []any{}
		for _, e := range v.AsValueSlice() {
			out = append(out, planned(t, e))
		}
		return out
	}
	raw, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// unknowns is a value as a plan's "after_unknown" holds it.
func unknowns(v cty.Value) any {
	switch {
	case !v.IsKnown():
		return true
	case v.IsNull() || v.IsWhollyKnown():
		return false
	case v.Type().IsObjectType() || v.Type().IsMapType():
		out := map[string]any{}
		for k, e := range v.AsValueMap() {
			if !e.IsWhollyKnown() {
				out[k] = unknowns(e)
			}
		}
		return out
	case v.CanIterateElements():
		out := []any{}
		for _, e := range v.AsValueSlice() {
			out = append(out, unknowns(e))
		}
		return out
	}
	return false
}

// normal reads an output and drops the ways in which a plan writes "nothing
// unknown".
func normal(t *testing.T, data []byte) any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	v["after_unknown"] = prune(v["after_unknown"])
	return v
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if p := prune(e); p != false {
				out[k] = p
			}
		}
		if len(out) == 0 {
			return false
		}
		return out
	case []any:
		some, out := false, []any{}
		for _, e := range v {
			p := prune(e)
			some = some || p != false
			out = append(out, p)
		}
		if !some {
			return false
		}
		return out
	case bool:
		return v
	}
	return false
}

// TestEveryFunctionIsHeld makes sure that a function cannot be added without
// an expression that holds it to Terraform.
func TestEveryFunctionIsHeld(t *testing.T) {
	all := strings.Join(expressions(t), "\n")
	var missing []string
	for _, name := range module.FunctionNames() {
		if !regexp.MustCompile(`\b` + name + `\(`).MatchString(all) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		t.Errorf("testdata/expressions.txt tries no %s", strings.Join(missing, ", "))
	}
}

// TestNoShortCircuit pins down the one place where versions of Terraform
// differ: until 1.11 `unknown && false` is unknown, later it is false. Nothing
// that we emit may rest on it.
func TestNoShortCircuit(t *testing.T) {
	for _, f := range hand(t) {
		if strings.Contains(string(f.Body), "&&") || strings.Contains(string(f.Body), "||") {
			t.Errorf("%s uses && or ||", f.Path)
		}
	}
}

package module

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// EvaluateExpression evaluates one expression that may refer to the given
// variables. It is how the model is held to `terraform console`.
func EvaluateExpression(expr []byte, in Inputs) (cty.Value, error) {
	var config strings.Builder
	for _, name := range keys(in) {
		fmt.Fprintf(&config, "variable %q {\n}\n", name)
	}
	fmt.Fprintf(&config, "locals {\n  it = %s\n}\n", expr)
	m, err := Read([]File{{Path: "expression.tf", Body: []byte(config.String())}})
	if err != nil {
		return cty.NilVal, err
	}
	if len(m.Unread) > 0 {
		return cty.NilVal, fmt.Errorf("%s: %s", hcltext.At(m.Unread[0].Range), m.Unread[0].Reason)
	}
	l := newEvaluation(m, in).local("it")
	if l.diags.HasErrors() {
		return cty.NilVal, l.diags
	}
	return l.value, nil
}

// FunctionNames lists the functions that are modelled.
func FunctionNames() []string { return keys(functions) }

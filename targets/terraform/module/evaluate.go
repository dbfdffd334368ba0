package module

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// Outcome is what became of a condition.
type Outcome int

// The outcomes.
const (
	Undecided Outcome = iota // known only after apply, or not modelled
	Holds
	Fails
)

func (o Outcome) String() string { return [...]string{"undecided", "holds", "fails"}[o] }

// Result is the outcome of one condition.
type Result struct {
	*Condition
	Outcome Outcome
	Message string // of a failure, the module's own message; of Undecided, why; may be ""
}

// Inputs are the values of the module's variables by name. A variable that is
// not among them takes its default.
type Inputs map[string]cty.Value

// Evaluate evaluates some conditions of the module, or all of them in their
// order where none are named. The results say nothing of m.Unread: whoever
// reads them must.
func (m *Module) Evaluate(ctx context.Context, in Inputs, conditions ...*Condition) ([]Result, error) {
	if len(conditions) == 0 {
		conditions = m.Conditions
	}
	e := newEvaluation(m, in)
	var results []Result
	for _, c := range conditions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		results = append(results, e.condition(c))
	}
	if e.budget.spent() {
		return nil, fmt.Errorf("the module needs more than %d steps to evaluate", int(MaxSteps))
	}
	return results, nil
}

// Local evaluates a local of the module with values of variables. It is false where
// there is no such local, or it has no value.
func (m *Module) Local(name string, in Inputs) (cty.Value, bool) {
	if m.locals[name] == nil {
		return cty.NilVal, false
	}
	l := newEvaluation(m, in).local(name)
	return l.value, !l.diags.HasErrors()
}

// evaluation holds the values of locals that one evaluation has met.
type evaluation struct {
	module *Module
	inputs Inputs
	budget *budget
	locals map[string]local
	vars   map[string]local
}

// local is the value of a local or variable, or why it has none.
type local struct {
	value cty.Value
	diags hcl.Diagnostics
}

func newEvaluation(m *Module, in Inputs) *evaluation {
	return &evaluation{module: m, inputs: in, budget: newBudget(), locals: map[string]local{}, vars: map[string]local{}}
}

func (e *evaluation) condition(c *Condition) Result {
	v, diags := e.value(c.condition)
	if diags.HasErrors() {
		return Result{c, Undecided, "the condition cannot be evaluated: " + describe(diags)}
	}
	v, _ = v.Unmark()
	if v.IsNull() {
		return Result{c, Undecided, "the condition is null"}
	}
	v, err := convert.Convert(v, cty.Bool)
	switch {
	case err != nil:
		return Result{c, Undecided, "the condition is not true or false"}
	case !v.IsKnown():
		return Result{c, Undecided, "known only after apply"}
	case v.True():
		return Result{c, Holds, ""}
	}
	return Result{c, Fails, e.text(c.message)}
}

// text is the message of a condition that failed; "" where it is not known.
func (e *evaluation) text(message *expression) string {
	v, diags := e.value(message)
	if diags.HasErrors() {
		return ""
	}
	v, _ = v.Unmark()
	v, err := convert.Convert(v, cty.String)
	if err != nil || !v.IsKnown() || v.IsNull() {
		return ""
	}
	return v.AsString()
}

// value evaluates an expression, with the locals and variables that it needs.
func (e *evaluation) value(x *expression) (cty.Value, hcl.Diagnostics) {
	locals, diags := collect(x.locals, e.local)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	variables, diags := collect(x.variables, e.variable)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	v, diags := x.expr.Value(&hcl.EvalContext{
		Variables: map[string]cty.Value{
			"local":    cty.ObjectVal(locals),
			"var":      cty.ObjectVal(variables),
			budgetName: cty.CapsuleVal(budgetType, e.budget),
		},
		Functions: functions,
	})
	if e.budget.spent() && !diags.HasErrors() {
		diags = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Too much to evaluate", Detail: "The module needs too many steps."}}
	}
	return v, diags
}

func collect(names []string, value func(string) local) (map[string]cty.Value, hcl.Diagnostics) {
	values := map[string]cty.Value{}
	for _, name := range names {
		l := value(name)
		if l.diags.HasErrors() {
			return nil, l.diags
		}
		values[name] = l.value
	}
	return values, nil
}

func (e *evaluation) local(name string) local {
	if l, ok := e.locals[name]; ok {
		return l
	}
	v, diags := e.value(e.module.locals[name])
	e.locals[name] = local{v, diags}
	return e.locals[name]
}

func (e *evaluation) variable(name string) local {
	if v, ok := e.inputs[name]; ok {
		return local{value: v}
	}
	if l, ok := e.vars[name]; ok {
		return l
	}
	v := e.module.variables[name]
	if v.def == nil {
		e.vars[name] = local{diags: hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Missing variable", Detail: fmt.Sprintf("Nothing is known to give the variable %q.", name), Subject: &v.rng,
		}}}
		return e.vars[name]
	}
	value, diags := e.value(v.def)
	e.vars[name] = local{value, diags}
	return e.vars[name]
}

// describe writes the first of some diagnostics on one line.
func describe(diags hcl.Diagnostics) string {
	d := diags.Errs()[0].(*hcl.Diagnostic)
	text := d.Summary + ": " + strings.ReplaceAll(d.Detail, "\n", " ")
	if d.Subject != nil {
		text = hcltext.At(*d.Subject) + ": " + text
	}
	return text
}

package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Evaluation cannot be interrupted, and a few lines can ask for any amount of
// it: locals that double, "for" within "for", a number with a billion digits.
// So whatever an expression works on is counted as it goes, and the load ends
// when the sum is more than any policy needs. A policy of a thousand workloads
// takes some 100,000.
const (
	maxWork  = 2_000_000 // parts, over a whole load
	maxValue = 1 << 20   // parts of one local value
	maxDepth = 100       // of values within values
	// maxExponent bounds the digits of a number: converting one to a text
	// writes them all out.
	maxExponent = 4096
)

// meter counts the parts of the values that a load works on.
type meter struct {
	left  int
	spent bool
}

// overrun is what an expression panics with when the meter runs out: there is
// no other way out of the evaluator. decoder.value recovers it.
type overrun struct{}

func (m *meter) charge(v cty.Value) {
	n := size(v, min(m.left, maxValue), 0)
	m.left -= n
	if m.left < 0 || n > maxValue {
		panic(overrun{})
	}
}

// size counts the parts of a value: each element, and each byte of a text. It
// stops soon after the given number, which it also gives for what is nested too
// deep or has too many digits.
func size(v cty.Value, most, depth int) int {
	switch {
	case most <= 0 || v == cty.NilVal || v.IsNull() || !v.IsKnown():
		return 1
	case depth > maxDepth:
		return most + 1
	case v.Type() == cty.String:
		return 1 + len(v.AsString())
	case v.Type() == cty.Number:
		f := v.AsBigFloat()
		if e := f.MantExp(nil); f.IsInf() || e > maxExponent || e < -maxExponent {
			return most + 1
		}
		return 1
	case !v.CanIterateElements():
		return 1
	}
	n := 1
	for it := v.ElementIterator(); it.Next() && n <= most; {
		key, e := it.Element()
		if key.Type() == cty.String {
			n += len(key.AsString())
		}
		n += size(e, most-n, depth+1)
	}
	return n
}

// metered is an expression whose value is charged for.
type metered struct {
	hclsyntax.Expression
	bare  hclsyntax.Expression
	meter *meter
}

// UnwrapExpression gives the expression to those who look at how it is written,
// as the reader of types does.
func (e *metered) UnwrapExpression() hcl.Expression { return e.bare }

func (e *metered) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.Expression.Value(ctx)
	if !diags.HasErrors() {
		e.meter.charge(v)
	}
	return v, diags
}

// wrap meters an expression. The parentheses keep it visible to walks, which ask
// a node for its children and look at their types.
func (m *meter) wrap(e hclsyntax.Expression) hclsyntax.Expression {
	if e == nil {
		return nil
	}
	return &metered{&hclsyntax.ParenthesesExpr{Expression: e, SrcRange: e.Range()}, e, m}
}

// install meters every place below a node where work is repeated, or depends on
// how large a value is.
func (m *meter) install(node hclsyntax.Node) {
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ForExpr:
			n.KeyExpr, n.ValExpr, n.CondExpr = m.wrap(n.KeyExpr), m.wrap(n.ValExpr), m.wrap(n.CondExpr)
		case *hclsyntax.FunctionCallExpr:
			for i := range n.Args {
				n.Args[i] = m.wrap(n.Args[i])
			}
		case *hclsyntax.TemplateExpr:
			for i, part := range n.Parts {
				if lit, ok := part.(*hclsyntax.LiteralValueExpr); !ok || lit.Val.Type() != cty.String {
					n.Parts[i] = m.wrap(part)
				}
			}
		case *hclsyntax.ConditionalExpr:
			n.TrueResult, n.FalseResult = m.wrap(n.TrueResult), m.wrap(n.FalseResult)
		case *hclsyntax.BinaryOpExpr:
			n.LHS, n.RHS = m.wrap(n.LHS), m.wrap(n.RHS)
		case *hclsyntax.IndexExpr:
			n.Key = m.wrap(n.Key)
		case *hclsyntax.SplatExpr:
			n.Source = m.wrap(n.Source)
		case *hclsyntax.ObjectConsKeyExpr:
			if n.ForceNonLiteral {
				n.Wrapped = m.wrap(n.Wrapped)
			}
		}
		return nil
	})
}

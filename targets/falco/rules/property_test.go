package rules

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawExpr makes any expression that a parser could have made, without places.
func drawExpr(t *rapid.T, depth int) Expr {
	kind := rapid.IntRange(0, 4).Draw(t, "kind")
	if depth == 0 {
		kind = max(kind, 3)
	}
	switch kind {
	case 0:
		return &And{Operands: drawOperands(t, depth-1)}
	case 1:
		return &Or{Operands: drawOperands(t, depth-1)}
	case 2:
		return &Not{Operand: drawExpr(t, depth-1)}
	case 3:
		return &MacroRef{Name: rapid.SampledFrom([]string{"a", "spawned_process", "notx", "x1", "inx", "valx"}).Draw(t, "macro")}
	}
	return drawCheck(t)
}

func drawOperands(t *rapid.T, depth int) []Expr {
	operands := make([]Expr, rapid.IntRange(2, 3).Draw(t, "operands"))
	for i := range operands {
		operands[i] = drawExpr(t, depth)
	}
	return operands
}

func drawCheck(t *rapid.T) *Check {
	c := &Check{Left: drawSource(t, 2)}
	switch rapid.IntRange(0, 3).Draw(t, "operator") {
	case 0:
		c.Operator = "exists"
	case 1:
		c.Operator = rapid.SampledFrom(numberOperators).Draw(t, "op")
		c.Right = &Literal{Text: rapid.SampledFrom([]string{"0", "-1", "+2.5", "0x1F", "1e+9"}).Draw(t, "number"), Bare: true}
	case 2:
		c.Operator = strings.TrimSpace(rapid.SampledFrom(stringOperators).Draw(t, "op"))
		c.Right = &Literal{Text: drawText(t)}
		if rapid.Bool().Draw(t, "modified") {
			c.Modifier = rapid.SampledFrom(modifiers).Draw(t, "modifier")
			c.Right = drawList(t)
		} else if rapid.Bool().Draw(t, "field") {
			c.Right = &Transform{Name: "val", Args: []Operand{drawField(t)}}
		}
	case 3:
		c.Operator = rapid.SampledFrom(listOperators).Draw(t, "op")
		c.Right = drawList(t)
	}
	return c
}

func drawSource(t *rapid.T, depth int) Operand {
	if depth == 0 || rapid.Bool().Draw(t, "plain") {
		return drawField(t)
	}
	if rapid.IntRange(0, 4).Draw(t, "join") == 0 {
		return &Transform{Name: "join", Args: []Operand{
			&Literal{Text: drawText(t)},
			&List{Items: []Operand{drawSource(t, depth-1), &Literal{Text: drawText(t)}, &Literal{Text: "12", Bare: true}}},
		}}
	}
	name := strings.TrimSuffix(rapid.SampledFrom(transformers).Draw(t, "transformer"), "(")
	return &Transform{Name: name, Args: []Operand{drawSource(t, depth-1)}}
}

func drawField(t *rapid.T) Operand {
	f := &Field{Name: rapid.SampledFrom([]string{"proc.name", "evt.arg.flags", "fd.cip.name", "notx.y"}).Draw(t, "field")}
	if f.HasArg = rapid.Bool().Draw(t, "argument"); f.HasArg {
		f.Argument = drawText(t)
	}
	return f
}

func drawList(t *rapid.T) Operand {
	l := &List{}
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		l.Items = append(l.Items, &Literal{Text: drawText(t)})
	}
	return l
}

var texts = rapid.OneOf(
	rapid.SampledFrom([]string{"", "a", "bash", "/etc/*", "oneof", "and", "b64(", "a b", `\`, `a\`, `\"`, `'`, "\b\t\n", "a,b", "x=y", ")", "not"}),
	rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") }),
)

func drawText(t *rapid.T) string { return texts.Draw(t, "text") }

// plain removes from an expression what printing does not keep: places, and
// whether a value stood in quotes.
func plain(v any) {
	switch v := v.(type) {
	case *And:
		v.Pos = Pos{}
		for _, o := range v.Operands {
			plain(o)
		}
	case *Or:
		v.Pos = Pos{}
		for _, o := range v.Operands {
			plain(o)
		}
	case *Not:
		v.Pos = Pos{}
		plain(v.Operand)
	case *MacroRef:
		v.Pos = Pos{}
	case *Check:
		v.Pos = Pos{}
		plain(v.Left)
		plain(v.Right)
	case *Field:
		v.Pos = Pos{}
	case *Transform:
		v.Pos = Pos{}
		for _, a := range v.Args {
			plain(a)
		}
	case *Literal:
		v.Pos, v.Bare = Pos{}, false
	case *List:
		v.Pos = Pos{}
		for _, i := range v.Items {
			plain(i)
		}
	}
}

// TestPrintParseRoundTrip holds that printing an expression and reading it gives
// the expression.
func TestPrintParseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, 4)
		text := Print(e)
		back, err := ParseCondition(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		plain(e)
		plain(back)
		if !reflect.DeepEqual(e, back) {
			t.Fatalf("%q reads back as %q", text, Print(back))
		}
	})
}

// TestQuoteRoundTrip holds that any text stays one value with the same bytes.
func TestQuoteRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkQuote(t, drawText(t)) })
}

func checkQuote(t interface{ Fatalf(string, ...any) }, text string) {
	e, err := ParseCondition("x.y = " + Quote(text))
	if err != nil {
		t.Fatalf("%q quoted as %s: %v", text, Quote(text), err)
	}
	got := e.(*Check).Right.(*Literal).Text
	if got != text {
		t.Fatalf("%q quoted as %s reads back as %q", text, Quote(text), got)
	}
}

// TestConnectives holds the meaning of and, or and not, three-valued, against
// their tables.
func TestConnectives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var answers []truth
		var nodes []node
		for range rapid.IntRange(1, 5).Draw(t, "n") {
			a := rapid.SampledFrom([]truth{undecided, no, yes}).Draw(t, "answer")
			answers, nodes = append(answers, a), append(nodes, fixed(a))
		}
		lowest, highest := answers[0], answers[0]
		rank := map[truth]int{no: 0, undecided: 1, yes: 2}
		for _, a := range answers {
			if rank[a] < rank[lowest] {
				lowest = a
			}
			if rank[a] > rank[highest] {
				highest = a
			}
		}
		var d doubts
		if got := allNode(nodes).eval(Event{}, &d); got != lowest {
			t.Fatalf("and of %v is %v", answers, got)
		}
		if got := anyNode(nodes).eval(Event{}, &d); got != highest {
			t.Fatalf("or of %v is %v", answers, got)
		}
	})
}

type fixed truth

func (f fixed) eval(Event, *doubts) truth { return truth(f) }

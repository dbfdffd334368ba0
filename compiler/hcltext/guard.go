package hcltext

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits bound HCL before it is parsed. The parser and the evaluator recurse for
// each bracket and each operator; a goroutine's stack is finite, and overflowing it
// cannot be caught.
type Limits struct {
	Nesting   int // brackets, quotes and template sequences inside one another
	Operators int // of one expression, with those around it
	Words     int // of a file; 0: any number. A token takes some 500 bytes from lexing to evaluation.
}

// Excess is the limit that a file is over.
type Excess int

// The limits. The zero value is a file within all of them.
const (
	Within Excess = iota
	TooManyWords
	TooDeep
	TooManyOperators
)

// Exceeds finds the first place of a file that is over a limit.
func (l Limits) Exceeds(body []byte, name string) (hcl.Range, Excess) {
	if l.Words > 0 && countWords(body) > l.Words {
		return hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}, TooManyWords
	}
	tokens, _ := hclsyntax.LexConfig(body, name, hcl.InitialPos) // what is wrong in them, the parser says
	c := counter{open: []bracket{{kind: hclsyntax.TokenOBrace}}}
	for i, t := range tokens {
		before := hclsyntax.TokenNil
		if i > 0 {
			before = tokens[i-1].Type
		}
		c.count(t, before)
		switch {
		case len(c.open) > l.Nesting:
			return t.Range, TooDeep
		case c.total > l.Operators:
			return t.Range, TooManyOperators
		}
	}
	return hcl.Range{}, Within
}

// bracket is one that is open, with the operators of the expression right inside.
type bracket struct {
	kind      hclsyntax.TokenType
	operators int
}

// counter has one count of operators for each bracket that is open: those of an
// outer expression are still on the stack while an inner one is read.
type counter struct {
	open  []bracket
	total int
}

func (c *counter) top() *bracket { return &c.open[len(c.open)-1] }

func (c *counter) operator() {
	c.top().operators++
	c.total++
}

func (c *counter) reset() {
	c.total -= c.top().operators
	c.top().operators = 0
}

func (c *counter) count(t hclsyntax.Token, before hclsyntax.TokenType) {
	switch t.Type {
	case hclsyntax.TokenOBrack:
		if endsOperand(before) { // an index, which nests to the left
			c.operator()
		}
		c.open = append(c.open, bracket{kind: t.Type})
	case hclsyntax.TokenTemplateControl: // %{ if } and %{ for } nest without a bracket
		c.operator()
		c.open = append(c.open, bracket{kind: t.Type})
	case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		c.open = append(c.open, bracket{kind: t.Type})
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		if len(c.open) > 1 {
			c.reset()
			c.open = c.open[:len(c.open)-1]
		}
	case hclsyntax.TokenNewline, hclsyntax.TokenComment:
		// A comment to the end of the line has the line's end in it; one within a line ends nothing. Within
		// other brackets an expression goes on.
		if n := len(t.Bytes); c.top().kind == hclsyntax.TokenOBrace && n > 0 && t.Bytes[n-1] == '\n' {
			c.reset()
		}
	case hclsyntax.TokenComma:
		if kind := c.top().kind; kind != hclsyntax.TokenTemplateInterp && kind != hclsyntax.TokenTemplateControl {
			c.reset()
		}
	case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
		hclsyntax.TokenPercent, hclsyntax.TokenQuestion, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp,
		hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq:
		c.operator()
	}
}

func endsOperand(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenIdent, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenCQuote, hclsyntax.TokenStar:
		return true
	}
	return false
}

// countWords counts what may become tokens, without making them: runs of letters and
// digits, and every other byte that is no space.
func countWords(body []byte) int {
	n := 0
	inside := false
	for _, b := range body {
		letter := b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80
		if !letter && b != ' ' && b != '\t' && b != '\r' || letter && !inside {
			n++
		}
		inside = letter
	}
	return n
}

package module

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// bracket is an open bracket, quote or template sequence, with the operators
// seen in it since the last separator.
type bracket struct {
	open hclsyntax.TokenType
	n    int
}

// checkNesting refuses bytes on which the parser, which recurses, would run
// out of stack. It counts on the tokens alone.
func checkNesting(path string, body []byte) error {
	tokens, _ := hclsyntax.LexConfig(body, path, hcl.InitialPos) // what is wrong in them, the parser says
	stack := []bracket{{open: hclsyntax.TokenOBrace}}
	for _, token := range tokens {
		top := &stack[len(stack)-1]
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
			hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			top.n++
			stack = append(stack, bracket{open: token.Type})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
			hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case hclsyntax.TokenComma:
			top.n = 0
		case hclsyntax.TokenNewline, hclsyntax.TokenComment: // a comment holds its newline
			if top.open == hclsyntax.TokenOBrace {
				top.n = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit:
		default:
			top.n++
		}
		if len(stack) > MaxNesting {
			return fmt.Errorf("%s: nested deeper than %d brackets", Place(token.Range), MaxNesting)
		}
		if stack[len(stack)-1].n > MaxChain {
			return fmt.Errorf("%s: an expression of more than %d operators", Place(token.Range), MaxChain)
		}
	}
	return nil
}

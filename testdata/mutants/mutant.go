package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// mutant is one change: the bytes from..to of a file become text.
type mutant struct {
	pkg, file string
	source    []byte
	from, to  int
	line      int
	text      string
}

func (m mutant) String() string {
	name := m.file
	if here, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(here, m.file); err == nil {
			name = short
		}
	}
	return fmt.Sprintf("%s:%d", name, m.line)
}

func (m mutant) changed() []byte {
	return []byte(string(m.source[:m.from]) + m.text + string(m.source[m.to:]))
}

// diff shows the lines that change.
func (m mutant) diff() string {
	start := strings.LastIndexByte(string(m.source[:m.from]), '\n') + 1
	end := m.to + strings.IndexByte(string(m.source[m.to:])+"\n", '\n')
	before := string(m.source[start:end])
	after := string(m.source[start:m.from]) + m.text + string(m.source[m.to:end])
	return "-" + strings.ReplaceAll(before, "\n", "\n-") + "\n+" + strings.ReplaceAll(after, "\n", "\n+")
}

// swaps are operators and what stands in their place.
var swaps = map[token.Token]string{
	token.EQL: "!=", token.NEQ: "==", token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.LAND: "||", token.LOR: "&&",
}

// mutantsOf gives every change of a file that is known here, in the order of the
// source; none of a generated file.
func mutantsOf(pkg, name string) ([]mutant, error) {
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(file) {
		return nil, nil
	}
	var out []mutant
	change := func(from, to token.Pos, text string) {
		at := set.Position(from)
		out = append(out, mutant{pkg, name, source, at.Offset, set.Position(to).Offset, at.Line, text})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if other, ok := swaps[n.Op]; ok {
				change(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other)
			}
		case *ast.IfStmt:
			condition := source[set.Position(n.Cond.Pos()).Offset:set.Position(n.Cond.End()).Offset]
			change(n.Cond.Pos(), n.Cond.End(), "!("+string(condition)+")")
		case *ast.ExprStmt:
			change(n.Pos(), n.End(), "")
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN {
				change(n.Pos(), n.End(), "")
			}
		case *ast.BranchStmt:
			if n.Tok == token.CONTINUE && n.Label == nil {
				change(n.Pos(), n.End(), "")
			}
		case *ast.BasicLit:
			if v, err := strconv.Atoi(n.Value); n.Kind == token.INT && err == nil {
				change(n.Pos(), n.End(), strconv.Itoa(v+1))
			}
		case *ast.Ident:
			if other := map[string]string{"true": "false", "false": "true"}[n.Name]; other != "" {
				change(n.Pos(), n.End(), other)
			}
		case *ast.FuncDecl:
			if n.Body != nil && n.Type.Results == nil && len(n.Body.List) > 0 {
				change(n.Body.Lbrace+1, n.Body.Lbrace+1, " return; ")
			}
		}
		return true
	})
	return out, nil
}

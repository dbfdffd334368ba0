package rules

import (
	"slices"
	"strings"
)

// Print writes a condition in canonical form: `and` and `or` in parentheses,
// single blanks, values quoted only where they must be. Reading it gives the same
// expression again. It is the form in which Falco shows a compiled condition;
// beyond Falco, it quotes values with characters that would not read back.
func Print(e Expr) string {
	var b strings.Builder
	printExpr(&b, e)
	return b.String()
}

func printExpr(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *And:
		printJoined(b, " and ", e.Operands)
	case *Or:
		printJoined(b, " or ", e.Operands)
	case *Not:
		b.WriteString("not ")
		if _, ok := e.Operand.(*Not); ok { // "not not a" would read as "a"
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		printExpr(b, e.Operand)
	case *MacroRef:
		b.WriteString(e.Name)
	case *Check:
		printCheck(b, e)
	}
}

func printJoined(b *strings.Builder, word string, operands []Expr) {
	b.WriteByte('(')
	for i, o := range operands {
		if i > 0 {
			b.WriteString(word)
		}
		printExpr(b, o)
	}
	b.WriteByte(')')
}

func printCheck(b *strings.Builder, c *Check) {
	printOperand(b, c.Left)
	b.WriteByte(' ')
	b.WriteString(c.Operator)
	if c.Modifier != "" {
		b.WriteByte(' ')
		b.WriteString(c.Modifier)
	}
	if c.Right == nil {
		return
	}
	b.WriteByte(' ')
	if name, ok := c.Right.(*Literal); ok && takesList(c) {
		b.WriteString(name.Text) // the name of a list has no quotes
		return
	}
	printOperand(b, c.Right)
}

// takesList reports whether a check's right side is a list or the name of one.
func takesList(c *Check) bool {
	return c.Modifier != "" || slices.Contains(listOperators, c.Operator)
}

func printOperand(b *strings.Builder, o Operand) {
	switch o := o.(type) {
	case *Field:
		b.WriteString(o.Name)
		if o.HasArg {
			b.WriteString("[" + printArgument(o.Argument) + "]")
		}
	case *Transform:
		b.WriteString(o.Name + "(")
		for i, arg := range o.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			if l, ok := arg.(*Literal); ok {
				b.WriteString(Quote(l.Text)) // the separator of join
				continue
			}
			if l, ok := arg.(*List); ok {
				printList(b, l, true)
				continue
			}
			printOperand(b, arg)
		}
		b.WriteByte(')')
	case *Literal:
		b.WriteString(printValue(o.Text))
	case *List:
		printList(b, o, false)
	}
}

// printList writes items in parentheses. Within join only numbers stand bare.
func printList(b *strings.Builder, l *List, join bool) {
	b.WriteByte('(')
	for i, item := range l.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		if lit, ok := item.(*Literal); ok && join && !lit.Bare {
			b.WriteString(Quote(lit.Text))
			continue
		}
		printOperand(b, item)
	}
	b.WriteByte(')')
}

// printValue writes a value bare where that reads back, else quoted. The words of
// modifiers are quoted, since behind an operator they would be read as such.
func printValue(text string) string {
	bare := text != "" && !strings.Contains(text, "\b")
	for i := 0; bare && i < len(text); i++ {
		bare = !isBareEnd(text[i])
	}
	if strings.Contains(text, `\`) && !strings.HasSuffix(text, `\`) {
		bare = false // as Falco prints it
	}
	for _, m := range modifiers {
		bare = bare && text != m
	}
	if bare {
		return text
	}
	return Quote(text)
}

func printArgument(text string) string {
	s := scanner{text: text}
	if taken, _ := s.bareArgument(); text != "" && taken == text {
		return text
	}
	return Quote(text)
}

// Quote writes any text without NUL as a value of a condition, in double quotes.
// [ParseCondition] reads it back to the same bytes.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '"':
			b.WriteString(`\"`)
		case '\\':
			if i == len(text)-1 {
				b.WriteString(`\ `) // see quoted: an escaped backslash would hide the closing quote
			} else {
				b.WriteString(`\\`)
			}
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

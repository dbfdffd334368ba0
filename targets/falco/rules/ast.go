package rules

import "fmt"

// Pos is a place in a condition's text. Line and Column count from 1 in bytes,
// Offset from 0.
type Pos struct {
	Offset, Line, Column int
}

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Expr is a condition or a part of one: [*And], [*Or], [*Not], [*MacroRef] or
// [*Check].
type Expr interface {
	Position() Pos
	expr()
}

// And holds when all of its two or more operands hold.
type And struct {
	Pos      Pos
	Operands []Expr
}

// Or holds when one of its two or more operands holds.
type Or struct {
	Pos      Pos
	Operands []Expr
}

// Not holds when its operand does not.
type Not struct {
	Pos     Pos
	Operand Expr
}

// MacroRef is a bare identifier: the name of a macro that [Load] replaces by the
// macro's condition.
type MacroRef struct {
	Pos  Pos
	Name string
}

// Check compares a field with a value: `fd.name startswith /etc`.
type Check struct {
	Pos      Pos
	Left     Operand // *Field or *Transform
	Operator string  // as written: "=", "==", "startswith", "in", "exists", ...
	Modifier string  // "", "oneof", "anyof" or "allof"
	Right    Operand // nil for "exists"
}

// Operand is one side of a check: [*Field], [*Transform], [*Literal] or [*List].
type Operand interface {
	Position() Pos
	operand()
}

// Field is a field of the event: `proc.name`, `proc.aname[2]`, `evt.arg.flags`.
type Field struct {
	Pos      Pos
	Name     string
	Argument string // what stands in brackets, unquoted
	HasArg   bool
}

// Transform applies a function to operands: `tolower(proc.name)`, or `val(...)`,
// which marks a field on the right-hand side. For `join` the first operand is the
// separator and the second a [*List].
type Transform struct {
	Pos  Pos
	Name string
	Args []Operand
}

// Literal is a value of the condition.
type Literal struct {
	Pos  Pos
	Text string // quotes and escapes removed
	Bare bool   // was written without quotes
}

// List is a sequence of operands in parentheses. In conditions all are literals;
// only in `join` they may be fields.
type List struct {
	Pos   Pos
	Items []Operand
}

func (e *And) Position() Pos      { return e.Pos }
func (e *Or) Position() Pos       { return e.Pos }
func (e *Not) Position() Pos      { return e.Pos }
func (e *MacroRef) Position() Pos { return e.Pos }
func (e *Check) Position() Pos    { return e.Pos }

func (*And) expr()      {}
func (*Or) expr()       {}
func (*Not) expr()      {}
func (*MacroRef) expr() {}
func (*Check) expr()    {}

func (o *Field) Position() Pos     { return o.Pos }
func (o *Transform) Position() Pos { return o.Pos }
func (o *Literal) Position() Pos   { return o.Pos }
func (o *List) Position() Pos      { return o.Pos }

func (*Field) operand()     {}
func (*Transform) operand() {}
func (*Literal) operand()   {}
func (*List) operand()      {}

// Walk calls visit for e and every expression below it, in order of writing.
func Walk(e Expr, visit func(Expr)) {
	visit(e)
	switch e := e.(type) {
	case *And:
		for _, o := range e.Operands {
			Walk(o, visit)
		}
	case *Or:
		for _, o := range e.Operands {
			Walk(o, visit)
		}
	case *Not:
		Walk(e.Operand, visit)
	}
}

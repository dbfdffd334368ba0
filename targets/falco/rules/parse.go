package rules

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The operators, in the order in which Falco's parser tries them: the longer one
// of two with a common start comes first. Those that end in a blank need one.
var (
	numberOperators = []string{"<=", "<", ">=", ">"}
	stringOperators = []string{"==", "=", "!=", "glob ", "iglob ", "contains ", "icontains ",
		"bcontains ", "startswith ", "bstartswith ", "endswith ", "regex "}
	listOperators = []string{"intersects", "in", "pmatch"}
	modifiers     = []string{"oneof", "anyof", "allof"}
	transformers  = []string{"tolower(", "toupper(", "b64(", "basename(", "len("}
)

// SyntaxError is a mistake in the text of a condition.
type SyntaxError struct {
	Pos     Pos
	Message string
}

func (e *SyntaxError) Error() string { return e.Pos.String() + ": " + e.Message }

// ParseCondition reads one condition as the filter parser of Falco 0.44 accepts
// it. It is the grammar alone: fields need not exist, and macros stay names. An
// error is a [*SyntaxError].
func ParseCondition(text string) (Expr, error) {
	if len(text) > MaxConditionSize {
		return nil, &SyntaxError{Pos{0, 1, 1}, fmt.Sprintf("condition of %d bytes is longer than %d", len(text), MaxConditionSize)}
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	p := parser{scanner: newScanner(text)}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, p.fail("expected 'and', 'or' or the end of the condition")
	}
	return e, nil
}

func checkText(text string) error {
	s := newScanner(text)
	if !utf8.ValidString(text) {
		for i, r := range text {
			if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
				s.advance(i)
				return &SyntaxError{s.pos, "invalid UTF-8"}
			}
		}
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		s.advance(i)
		return &SyntaxError{s.pos, "NUL byte"}
	}
	return nil
}

type parser struct {
	scanner
	depth int
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{p.pos, fmt.Sprintf(format, args...)}
}

// enter counts one more level of nesting; leave ends it.
func (p *parser) enter() error {
	p.depth++
	if p.depth > MaxDepth {
		return p.fail("nested deeper than %d levels", MaxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// or reads operands joined by "or".
func (p *parser) or() (Expr, error) {
	p.blanks()
	pos := p.pos
	operands, err := p.joined("or", p.and)
	if err != nil || len(operands) == 1 {
		return first(operands), err
	}
	return &Or{pos, operands}, nil
}

// and reads operands joined by "and".
func (p *parser) and() (Expr, error) {
	p.blanks()
	pos := p.pos
	operands, err := p.joined("and", p.not)
	if err != nil || len(operands) == 1 {
		return first(operands), err
	}
	return &And{pos, operands}, nil
}

func first(operands []Expr) Expr {
	if len(operands) == 0 {
		return nil
	}
	return operands[0]
}

// joined reads one or more operands with word between them. After the word comes
// a blank or an opening parenthesis, and the latter ends the operand where its
// closing one does.
func (p *parser) joined(word string, operand func() (Expr, error)) ([]Expr, error) {
	e, err := operand()
	if err != nil {
		return nil, err
	}
	operands := []Expr{e}
	for p.blanks(); p.take(word); p.blanks() {
		switch {
		case p.blanks():
			e, err = operand()
		case p.take("("):
			e, err = p.group()
		default:
			return nil, p.fail("expected a blank or '(' after '%s'", word)
		}
		if err != nil {
			return nil, err
		}
		operands = append(operands, e)
	}
	return operands, nil
}

// not reads a check behind any number of "not"; two of them cancel out.
func (p *parser) not() (Expr, error) {
	p.blanks()
	pos := p.pos
	negated := false
	for p.takeNot() {
		negated = !negated
		p.blanks()
	}
	var e Expr
	var err error
	if p.take("not(") {
		negated = !negated
		e, err = p.group()
	} else {
		e, err = p.check()
	}
	if err != nil || !negated {
		return e, err
	}
	return &Not{pos, e}, nil
}

// group reads what follows an opening parenthesis, and the closing one.
func (p *parser) group() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	p.blanks()
	if !p.take(")") {
		return nil, p.fail("expected ')'")
	}
	return e, nil
}

// check reads a group, a comparison, or the name of a macro.
func (p *parser) check() (Expr, error) {
	p.blanks()
	pos := p.pos
	if p.take("(") {
		return p.group()
	}
	left, err := p.fieldOrTransform()
	if err != nil {
		return nil, err
	}
	if left != nil {
		return p.comparison(pos, left)
	}
	if name, ok := p.identifier(); ok {
		return &MacroRef{pos, name}, nil
	}
	return nil, p.fail("expected '(', a field or the name of a macro")
}

// fieldOrTransform reads the left side of a comparison, or nothing.
func (p *parser) fieldOrTransform() (Operand, error) {
	pos := p.pos
	if name, ok := p.fieldName(); ok {
		return p.field(pos, name)
	}
	return p.transform()
}

// field reads the argument that may follow a field's name.
func (p *parser) field(pos Pos, name string) (Operand, error) {
	f := &Field{Pos: pos, Name: name}
	if !p.take("[") {
		return f, nil
	}
	arg, ok, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if !ok {
		if arg, ok = p.bareArgument(); !ok {
			return nil, p.fail("expected an argument of field '%s'", name)
		}
	}
	if !p.take("]") {
		return nil, p.fail("expected ']'")
	}
	f.Argument, f.HasArg = arg, true
	return f, nil
}

// transform reads a transformer with its operands, or nothing.
func (p *parser) transform() (Operand, error) {
	pos := p.pos
	if p.take("join(") {
		return p.join(pos)
	}
	name, ok := p.takeFirst(transformers)
	if !ok {
		return nil, nil
	}
	name = strings.TrimSuffix(name, "(")
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.blanks()
	arg, err := p.fieldOrTransform()
	if err != nil {
		return nil, err
	}
	if arg == nil {
		return nil, p.fail("expected a field or a transformer in '%s'", name)
	}
	if err := p.closing(name); err != nil {
		return nil, err
	}
	return &Transform{pos, name, []Operand{arg}}, nil
}

func (p *parser) closing(name string) error {
	p.blanks()
	if !p.take(")") {
		return p.fail("expected ')' closing '%s'", name)
	}
	return nil
}

// join reads a separator in quotes and a list of operands.
func (p *parser) join(pos Pos) (Operand, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.blanks()
	at := p.pos
	sep, ok, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, p.fail("expected the separator of 'join' in quotes")
	}
	p.blanks()
	if !p.take(",") {
		return nil, p.fail("expected ',' after the separator of 'join'")
	}
	p.blanks()
	list, err := p.list(p.joinItem)
	if err != nil {
		return nil, err
	}
	if list == nil {
		return nil, p.fail("expected a list in parentheses in 'join'")
	}
	if err := p.closing("join"); err != nil {
		return nil, err
	}
	return &Transform{pos, "join", []Operand{&Literal{at, sep, false}, list}}, nil
}

// joinItem reads a field, a transformer, a text in quotes or a number.
func (p *parser) joinItem() (Operand, error) {
	pos := p.pos
	if o, err := p.fieldOrTransform(); o != nil || err != nil {
		return o, err
	}
	if text, ok, err := p.quoted(); ok || err != nil {
		return &Literal{pos, text, false}, err
	}
	if text, ok := p.number(); ok {
		return &Literal{pos, text, true}, nil
	}
	return nil, p.fail("expected a field, a transformer, a text in quotes or a number")
}

// list reads items in parentheses, or nothing where there is no parenthesis. The
// result is nil or a *List.
func (p *parser) list(item func() (Operand, error)) (*List, error) {
	pos := p.pos
	if !p.take("(") {
		return nil, nil
	}
	l := &List{Pos: pos}
	p.blanks()
	if p.take(")") {
		return l, nil
	}
	for {
		p.blanks()
		o, err := item()
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, o)
		p.blanks()
		if p.take(")") {
			return l, nil
		}
		if !p.take(",") {
			return nil, p.fail("expected ',' or ')'")
		}
	}
}

// comparison reads the operator and the right side.
func (p *parser) comparison(pos Pos, left Operand) (Expr, error) {
	p.blanks()
	if p.take("exists") {
		return &Check{Pos: pos, Left: left, Operator: "exists"}, nil
	}
	c := &Check{Pos: pos, Left: left}
	var err error
	if op, ok := p.takeFirst(numberOperators); ok {
		c.Operator = op
		c.Right, err = p.numberValue()
	} else if op, ok := p.takeFirst(stringOperators); ok {
		c.Operator = strings.TrimSpace(op)
		c.Modifier, c.Right, err = p.stringValueOrList(strings.HasSuffix(op, " "))
	} else if op, ok := p.takeFirst(listOperators); ok {
		c.Operator = op
		c.Right, err = p.listValue()
	} else {
		return nil, p.fail("expected an operator: exists, %s", operatorNames())
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func operatorNames() string {
	var names []string
	for _, ops := range [][]string{numberOperators, stringOperators, listOperators} {
		for _, op := range ops {
			names = append(names, strings.TrimSpace(op))
		}
	}
	return strings.Join(names, ", ")
}

func (p *parser) numberValue() (Operand, error) {
	p.blanks()
	pos := p.pos
	if o, err := p.transformOrVal(); o != nil || err != nil {
		return o, err
	}
	if text, ok := p.number(); ok {
		return &Literal{pos, text, true}, nil
	}
	return nil, p.fail("expected a number, a transformer or val(field)")
}

// stringValueOrList reads a value, or a modifier with its list. spaced says that
// the operator brought the blank that a modifier needs before it.
func (p *parser) stringValueOrList(spaced bool) (modifier string, value Operand, err error) {
	if p.blanks() || spaced {
		if m, ok := p.modifier(); ok {
			value, err = p.listOrName()
			return m, value, err
		}
	}
	pos := p.pos
	if o, err := p.transformOrVal(); o != nil || err != nil {
		return "", o, err
	}
	value, err = p.stringValue()
	if value == nil && err == nil {
		err = &SyntaxError{pos, "expected a value, a transformer or val(field)"}
	}
	return "", value, err
}

// modifier consumes "oneof", "anyof" or "allof" where a list follows. Where none
// does ("= oneof and ..."), the word is an ordinary value.
func (p *parser) modifier() (string, bool) {
	start := p.pos
	if m, ok := p.takeFirst(modifiers); ok && p.blanks() {
		next := p.rest()
		word := next[:identifierLen(next)]
		if strings.HasPrefix(next, "(") || word != "" && word != "and" && word != "or" {
			return m, true
		}
	}
	p.pos = start
	return "", false
}

func (p *parser) listValue() (Operand, error) {
	p.blanks()
	if !strings.HasPrefix(p.rest(), "(") {
		if o, err := p.transformOrVal(); o != nil || err != nil {
			return o, err
		}
	}
	return p.listOrName()
}

// listOrName reads values in parentheses, or the name of a list. A name that is
// left when lists have been inlined is one value.
func (p *parser) listOrName() (Operand, error) {
	pos := p.pos
	l, err := p.list(func() (Operand, error) {
		o, err := p.stringValue()
		if o == nil && err == nil {
			err = p.fail("expected a value")
		}
		return o, err
	})
	if err != nil {
		return nil, err
	}
	if l != nil {
		return l, nil
	}
	if name, ok := p.identifier(); ok {
		return &Literal{pos, name, true}, nil
	}
	return nil, p.fail("expected a list in parentheses or the name of a list")
}

// stringValue reads a value with or without quotes, or nothing.
func (p *parser) stringValue() (Operand, error) {
	pos := p.pos
	text, ok, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if ok {
		return &Literal{pos, text, false}, nil
	}
	if text, ok := p.bare(); ok {
		return &Literal{pos, text, true}, nil
	}
	return nil, nil
}

// transformOrVal reads val(field) or a transformer, or nothing.
func (p *parser) transformOrVal() (Operand, error) {
	pos := p.pos
	if !p.take("val(") {
		return p.transform()
	}
	p.blanks()
	at := p.pos
	name, ok := p.fieldName()
	if !ok {
		return nil, p.fail("expected a field in 'val'")
	}
	f, err := p.field(at, name)
	if err != nil {
		return nil, err
	}
	if err := p.closing("val"); err != nil {
		return nil, err
	}
	return &Transform{pos, "val", []Operand{f}}, nil
}

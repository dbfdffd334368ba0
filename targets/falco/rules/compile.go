package rules

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// truth is the answer of a condition. The zero value is the one that counts for
// nothing.
type truth int8

const (
	undecided truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// doubts gathers why a condition is undecided.
type doubts []string

// node is a compiled condition.
type node interface {
	eval(Event, *doubts) truth
}

type (
	allNode []node
	anyNode []node
	notNode struct{ operand node }
)

func (n allNode) eval(e Event, d *doubts) truth {
	result := yes
	for _, o := range n {
		switch o.eval(e, d) {
		case no:
			return no
		case undecided:
			result = undecided
		}
	}
	return result
}

func (n anyNode) eval(e Event, d *doubts) truth {
	result := no
	for _, o := range n {
		switch o.eval(e, d) {
		case yes:
			return yes
		case undecided:
			result = undecided
		}
	}
	return result
}

func (n notNode) eval(e Event, d *doubts) truth {
	switch n.operand.eval(e, d) {
	case yes:
		return no
	case no:
		return yes
	}
	return undecided
}

// unmodelledNode is a check that Falco accepts and this package does not answer.
type unmodelledNode struct{ why string }

func (n unmodelledNode) eval(_ Event, d *doubts) truth {
	*d = append(*d, n.why)
	return undecided
}

// compile checks fields, operators and values of an expanded condition and makes
// it ready to be tried. Errors are *SyntaxError with the place in the condition.
func compile(e Expr) (node, error) {
	switch e := e.(type) {
	case *And:
		nodes, err := compileAll(e.Operands)
		return allNode(nodes), err
	case *Or:
		nodes, err := compileAll(e.Operands)
		return anyNode(nodes), err
	case *Not:
		operand, err := compile(e.Operand)
		return notNode{operand}, err
	case *Check:
		n, err := compileCheck(e)
		if errors.Is(err, errUnmodelled) {
			return unmodelledNode{fmt.Sprintf("%s: '%s': %v", e.Pos, Print(e), err)}, nil
		}
		if err != nil {
			return nil, &SyntaxError{e.Pos, err.Error()}
		}
		return n, nil
	}
	return nil, &SyntaxError{e.Position(), "macro is not expanded"}
}

func compileAll(operands []Expr) ([]node, error) {
	nodes := make([]node, len(operands))
	for i, o := range operands {
		var err error
		if nodes[i], err = compile(o); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// checkNode compares the values of the left side with those of the right.
type checkNode struct {
	left     *source
	operator string
	modifier string
	kind     kind
	literals []value
	members  map[string]bool // the texts of literals, for membership of strings
	right    *source         // instead of literals
	regexps  []*regexp.Regexp
	prefixes [][]string // components of pmatch's paths
}

func compileCheck(c *Check) (node, error) {
	left, err := compileSource(c.Left)
	if err != nil {
		return nil, err
	}
	n := &checkNode{left: left, operator: c.Operator, modifier: c.Modifier, kind: left.kind}
	if n.operator == "==" {
		n.operator = "="
	}
	if n.operator == "exists" {
		return n, nil
	}
	if err := checkOperator(n); err != nil {
		return nil, err
	}
	if left.kind == kindDynamic {
		return nil, fmt.Errorf("field '%s' is %w: its type depends on the event", left.name, errUnmodelled)
	}
	if left.field.info.name == "evt.around" {
		return nil, fmt.Errorf("field 'evt.around' is %w: it compares with other events", errUnmodelled)
	}
	switch right := c.Right.(type) {
	case *Transform:
		return n, n.compareWith(right)
	case *Literal:
		return n, n.addLiterals([]Operand{right})
	case *List:
		return n, n.addLiterals(right.Items)
	}
	return nil, fmt.Errorf("operator '%s' has no value", c.Operator)
}

// operatorsOf are the operators that a kind of field supports.
var operatorsOf = map[kind][]string{
	kindString: {"=", "!=", "<", "<=", ">", ">=", "contains", "icontains", "startswith", "endswith",
		"glob", "iglob", "regex", "in", "intersects", "pmatch"},
	kindBytes: {"=", "!=", "contains", "bcontains", "startswith", "bstartswith", "endswith",
		"in", "intersects"},
	kindBool:    {"=", "!=", "in", "intersects"},
	kindInt:     {"=", "!=", "<", "<=", ">", ">=", "in", "intersects"},
	kindAddress: {"=", "!=", "in", "intersects"},
}

func checkOperator(n *checkNode) error {
	operators := operatorsOf[n.kind]
	switch n.kind {
	case kindUint, kindPort, kindDouble:
		operators = operatorsOf[kindInt]
	case kindNetwork:
		operators = operatorsOf[kindAddress]
	case kindDynamic:
		return nil
	}
	if n.left.list {
		operators = []string{"in", "intersects"}
	}
	if !slices.Contains(operators, n.operator) {
		return fmt.Errorf("operator '%s' is not supported for '%s', a field of %s type; use one of: %s",
			n.operator, n.left.name, n.left.typeName(), strings.Join(operators, ", "))
	}
	return nil
}

// addLiterals reads the values of the right side.
func (n *checkNode) addLiterals(items []Operand) error {
	n.members = make(map[string]bool, len(items))
	for _, item := range items {
		text := item.(*Literal).Text
		if err := n.addLiteral(text); err != nil {
			return err
		}
		n.members[text] = true
	}
	return nil
}

func (n *checkNode) addLiteral(text string) error {
	if n.left.field.info.name == "evt.type" && (n.operator == "=" || n.operator == "!=" || n.operator == "in" || n.operator == "intersects") {
		if err := checkEventType(text); err != nil {
			return err
		}
	}
	switch n.operator {
	case "regex":
		re, err := regexp.CompilePOSIX("^(" + text + ")$")
		if err != nil {
			return fmt.Errorf("'%s' is no POSIX regular expression: %v", text, err)
		}
		n.regexps = append(n.regexps, re)
	case "pmatch":
		parts := components(text)
		if len(parts) == 0 {
			return fmt.Errorf("pmatch with the path '%s' is %w", text, errUnmodelled)
		}
		n.prefixes = append(n.prefixes, parts)
	case "bcontains", "bstartswith":
		raw, err := hex.DecodeString(text)
		if err != nil {
			return fmt.Errorf("'%s' is no sequence of bytes in hexadecimal digits", text)
		}
		text = string(raw)
	}
	v, err := parseLiteral(n.kind, n.left.bits, text)
	if err != nil {
		return err
	}
	n.literals = append(n.literals, v)
	return nil
}

// compareWith takes the right side from the event, too.
func (n *checkNode) compareWith(right *Transform) error {
	other, err := compileSource(right)
	if err != nil {
		return err
	}
	if n.operator == "pmatch" || n.operator == "regex" {
		return fmt.Errorf("operator '%s' supports no field on the right-hand side", n.operator)
	}
	for _, s := range []*source{n.left, other} {
		if s.kind == kindNetwork || s.kind == kindDynamic || s.several {
			return fmt.Errorf("field '%s' cannot be compared with another field", s.name)
		}
	}
	if other.kind != n.left.kind || other.bits != n.left.bits || other.list != n.left.list {
		return fmt.Errorf("'%s' is of %s type and '%s' of %s type", n.left.name, n.left.typeName(), other.name, other.typeName())
	}
	n.right = other
	return nil
}

func (n *checkNode) eval(e Event, d *doubts) truth {
	values := n.left.values(e)
	if len(values) == 0 {
		return no
	}
	if n.operator == "exists" {
		return yes
	}
	literals := n.literals
	if n.right != nil {
		if literals = n.right.values(e); len(literals) == 0 {
			return no
		}
	}
	switch {
	case n.left.list && n.operator == "in":
		return truthOf(!slices.ContainsFunc(values, func(v value) bool { return !n.member(v, literals) }))
	case n.left.allDiffer(n.operator):
		return truthOf(!slices.ContainsFunc(values, func(v value) bool { return !n.holds(v, literals) }))
	}
	return truthOf(slices.ContainsFunc(values, func(v value) bool { return n.holds(v, literals) }))
}

// holds answers the check for one value of the left side.
func (n *checkNode) holds(v value, literals []value) bool {
	switch n.operator {
	case "in", "intersects":
		return n.member(v, literals)
	case "pmatch":
		path := components(v.text)
		return slices.ContainsFunc(n.prefixes, func(p []string) bool { return pathPrefix(p, path) })
	}
	if len(literals) == 0 {
		return false
	}
	matches := 0
	for i := range literals {
		if n.matches(v, literals, i) {
			matches++
		}
	}
	switch n.modifier {
	case "oneof":
		return matches == 1
	case "allof":
		return matches == len(literals)
	}
	return matches > 0
}

func (n *checkNode) matches(v value, literals []value, i int) bool {
	if n.operator == "regex" {
		return n.regexps[i].MatchString(v.text)
	}
	return compare(n.operator, n.kind, v, literals[i])
}

func (n *checkNode) member(v value, literals []value) bool {
	if n.kind == kindString && n.right == nil {
		return n.members[v.text]
	}
	return slices.ContainsFunc(literals, func(l value) bool { return compare("=", n.kind, v, l) })
}

// source gives the values of one side of a check.
type source struct {
	name    string
	kind    kind
	bits    int
	list    bool // has several values, compared as a set
	several bool // may have several values, each compared by itself
	field   fieldRef
	change  func([]value) []value // of a transformer; nil: none
	inner   *source               // what a transformer works on
	join    []*source             // the items of join
	text    string                // of a literal in join
	sep     string
}

func (s *source) typeName() string {
	if s.list {
		return "list of " + s.kind.String()
	}
	return s.kind.String()
}

// allDiffer reports whether every value must fulfil the operator: `fd.ip != x`
// wants both ends of the connection to differ.
func (s *source) allDiffer(operator string) bool {
	return operator == "!=" && len(s.field.info.parts) > 1
}

func (s *source) values(e Event) []value {
	switch {
	case s.join != nil:
		return s.joined(e)
	case s.inner != nil:
		values := s.inner.values(e)
		if len(values) == 0 {
			return nil
		}
		return s.change(values)
	case s.field.info.name != "":
		return e.lookup(&s.field)
	}
	return []value{{text: s.text}}
}

// joined concatenates the texts of the items. Where one has no value, the whole
// has none.
func (s *source) joined(e Event) []value {
	var texts []string
	for _, item := range s.join {
		values := item.values(e)
		if len(values) == 0 {
			return nil
		}
		texts = append(texts, values[0].text)
	}
	return []value{{text: strings.Join(texts, s.sep)}}
}

func compileSource(o Operand) (*source, error) {
	switch o := o.(type) {
	case *Field:
		r, err := resolveField(o)
		if err != nil {
			return nil, err
		}
		return &source{name: o.Name, kind: r.info.kind, bits: r.info.bits, list: r.info.list,
			several: r.several() && !r.info.list, field: r}, nil
	case *Literal:
		return &source{name: o.Text, kind: kindString, text: o.Text}, nil
	case *Transform:
		return compileTransform(o)
	}
	return nil, errors.New("a list has no place here")
}

func compileTransform(t *Transform) (*source, error) {
	if t.Name == "join" {
		return compileJoin(t)
	}
	inner, err := compileSource(t.Args[0])
	if err != nil || t.Name == "val" {
		return inner, err
	}
	if inner.several || inner.kind == kindNetwork || inner.kind == kindDynamic {
		return nil, fmt.Errorf("field '%s' does not support transformers", inner.name)
	}
	s := &source{name: t.Name + "(" + inner.name + ")", kind: inner.kind, list: inner.list, inner: inner}
	if inner.kind != kindString && inner.kind != kindBytes {
		return nil, fmt.Errorf("transformer '%s' does not support '%s', a field of %s type", t.Name, inner.name, inner.typeName())
	}
	switch t.Name {
	case "tolower":
		s.change = eachText(func(text string) string { return mapASCII(text, lower) })
	case "toupper":
		s.change = eachText(func(text string) string { return mapASCII(text, upper) })
	case "basename":
		s.change = eachText(func(text string) string { return text[strings.LastIndexByte(text, '/')+1:] })
	case "b64":
		s.change = decodeBase64
	case "len":
		s.kind, s.bits, s.list = kindUint, 64, false
		s.change = lengthOf(inner.list)
	default:
		return nil, fmt.Errorf("transformer '%s' is %w", t.Name, errUnmodelled)
	}
	return s, nil
}

func eachText(change func(string) string) func([]value) []value {
	return func(values []value) []value {
		changed := make([]value, len(values))
		for i, v := range values {
			changed[i] = value{text: change(v.text)}
		}
		return changed
	}
}

// decodeBase64 gives no value where one is not base64.
func decodeBase64(values []value) []value {
	decoded := make([]value, len(values))
	for i, v := range values {
		raw, err := base64.StdEncoding.DecodeString(v.text)
		if err != nil {
			return nil
		}
		decoded[i] = value{text: string(raw)}
	}
	return decoded
}

// lengthOf counts the values of a list, or the bytes of a text.
func lengthOf(list bool) func([]value) []value {
	return func(values []value) []value {
		n := uint64(len(values))
		if !list {
			n = uint64(len(values[0].text))
		}
		return []value{{text: strconv.FormatUint(n, 10), uint: n}}
	}
}

func compileJoin(t *Transform) (*source, error) {
	s := &source{name: "join(...)", kind: kindString, sep: t.Args[0].(*Literal).Text, join: []*source{}}
	for _, item := range t.Args[1].(*List).Items {
		inner, err := compileSource(item)
		if err != nil {
			return nil, err
		}
		if inner.several || inner.list {
			return nil, fmt.Errorf("joining '%s', which has several values, is %w", inner.name, errUnmodelled)
		}
		s.join = append(s.join, inner)
	}
	return s, nil
}

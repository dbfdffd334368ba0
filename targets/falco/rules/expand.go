package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// maxOddLists is how many lists may have names that Falco warns about. Each
	// costs a search in every condition.
	maxOddLists = 100
	// maxListsUsed is how many lists one condition may bring in. Each rewrites it.
	maxListsUsed = 200
	// maxNesting is how deep macros may refer to each other.
	maxNesting = 1000
	// maxText and maxTotal bound what all conditions of a load expand to, in bytes
	// and in nodes: many small rules may share one large list or macro.
	maxText  = 256 << 20
	maxTotal = 2_000_000
	// maxMistakes is how many conditions with mistakes are reported.
	maxMistakes = 100
)

// expander inlines lists and macros in conditions.
type expander struct {
	collector *collector
	lists     []expandedList
	byName    map[string]int // of lists whose names are single words
	odd       []int          // of the others
	macros    map[string]*expandedMacro
	text      int // bytes of conditions so far
	total     int // nodes of conditions so far
	nesting   int // of macros being resolved
}

type expandedList struct {
	name string
	text string // items as they stand in a condition
}

type expandedMacro struct {
	item     *macroItem
	expr     Expr
	size     int // nodes with macros expanded; 0: not resolved yet
	depth    int
	resolved Expr
	busy     bool
}

// expand compiles everything that was read. It returns all mistakes.
func (c *collector) expand() Errors {
	x := &expander{collector: c, byName: map[string]int{}, macros: map[string]*expandedMacro{}}
	if err := x.expandLists(); err != nil {
		return Errors{err}
	}
	var mistakes Errors
	for _, name := range c.macros.names {
		item := c.macros.byName[name]
		expr, err := x.parse(strings.Join(item.conditions, " "), item.condAt)
		if err != nil {
			if mistakes = append(mistakes, err); len(mistakes) == maxMistakes || x.text > maxText {
				break
			}
		}
		x.macros[name] = &expandedMacro{item: item, expr: expr}
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	for _, name := range c.macros.names {
		if err := x.resolveMacro(x.macros[name]); err != nil {
			return Errors{err}
		}
	}
	for _, name := range c.rules.names {
		item := c.rules.byName[name]
		c.set.Rules = append(c.set.Rules, item.rule)
		if item.rule.Skipped != "" {
			continue
		}
		if err := x.compileRule(item); err != nil {
			mistakes = append(mistakes, err)
		}
		if len(mistakes) == maxMistakes || x.text > maxText || x.total > maxTotal {
			break
		}
	}
	return mistakes
}

// expandLists replaces names of earlier lists among a list's items, one level
// deep: what remains is replaced in the text of conditions.
func (x *expander) expandLists() *Error {
	lists := &x.collector.lists
	for i, name := range lists.names {
		item := lists.byName[name]
		var b strings.Builder
		add := func(text string) {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoteItem(text))
		}
		for _, text := range item.items {
			inner := lists.byName[text]
			if inner == nil || inner.order >= item.reach {
				add(text)
				continue
			}
			for _, t := range inner.items {
				add(t)
				if b.Len() > MaxConditionSize {
					return at(item.at, "list is longer than %d bytes with other lists in it", MaxConditionSize)
				}
			}
		}
		x.lists = append(x.lists, expandedList{name, b.String()})
		if s := newScanner(name); s.isBare() {
			x.byName[name] = i
		} else if x.odd = append(x.odd, i); len(x.odd) > maxOddLists {
			return at(item.at, "more than %d lists have names that are no single word", maxOddLists)
		}
	}
	return nil
}

func at(place *Error, format string, args ...any) *Error {
	e := *place
	e.Message = fmt.Sprintf(format, args...)
	return &e
}

// parse inlines lists in a condition and reads it.
func (x *expander) parse(condition string, place *Error) (Expr, *Error) {
	text, err := x.inline(condition)
	if err != nil {
		return nil, at(place, "%v", err)
	}
	if x.text += len(text); x.text > maxText {
		return nil, at(place, "conditions are longer than %d bytes together with their lists inlined", maxText)
	}
	expr, err := ParseCondition(text)
	if err == nil {
		return expr, nil
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return nil, at(place, "condition, %s", inText(text, syntax))
	}
	return nil, at(place, "%v", err)
}

// inText names a place in a condition by what stands there: line and column alone
// help little once lists are inlined.
func inText(text string, e *SyntaxError) string {
	rest := text[min(e.Pos.Offset, len(text)):]
	rest, _, _ = strings.Cut(rest, "\n")
	if len(rest) > 40 {
		rest = strings.ToValidUTF8(rest[:40], "") + "..."
	}
	if rest == "" {
		return fmt.Sprintf("at its end: %s", e.Message)
	}
	return fmt.Sprintf("%s, at %q: %s", e.Pos, rest, e.Message)
}

// inline replaces the names of lists in a condition by their items, as text: a
// name counts where blanks, parentheses, commas, "=" or an end stand around it,
// within quotes as well. Lists are tried once each, in the order in which they
// were defined, so a list may bring in the name of a later one.
func (x *expander) inline(text string) (string, error) {
	candidates := slices.Clone(x.odd)
	for _, w := range words(text) {
		if i, ok := x.byName[w]; ok {
			candidates = append(candidates, i)
		}
	}
	for current, uses := -1, 0; ; {
		next := -1
		for _, i := range candidates {
			if i > current && (next < 0 || i < next) {
				next = i
			}
		}
		if next < 0 {
			return text, nil
		}
		current = next
		candidates = slices.DeleteFunc(candidates, func(i int) bool { return i <= current })
		list := x.lists[current]
		var used bool
		if text, used = substitute(text, list.name, list.text); !used {
			continue
		}
		if uses++; uses > maxListsUsed || len(candidates) > 10*maxListsUsed {
			return "", fmt.Errorf("condition uses more than %d lists", maxListsUsed)
		}
		if len(text) > MaxConditionSize {
			return "", fmt.Errorf("condition is longer than %d bytes with its lists inlined", MaxConditionSize)
		}
		for _, w := range words(list.text) {
			if i, ok := x.byName[w]; ok && i > current && !slices.Contains(candidates, i) {
				candidates = append(candidates, i)
			}
		}
	}
}

func isListDelimiter(r rune) bool { return strings.ContainsRune(" \t\n\r(),=", r) }

// words splits a text at the delimiters of list names, each word once.
func words(text string) []string {
	all := strings.FieldsFunc(text, isListDelimiter)
	slices.Sort(all)
	return slices.Compact(all)
}

// substitute puts items in the place of a list's name. Where the list is empty, a
// comma beside it goes, too. It stops growing a text beyond the limit, which its
// caller reports.
func substitute(text, name, items string) (string, bool) {
	var b strings.Builder
	used := false
	from := 0 // what of text is not yet in b
	for search := 0; b.Len() <= MaxConditionSize; {
		i := strings.Index(text[search:], name)
		if i < 0 || name == "" {
			break
		}
		start, end := search+i, search+i+len(name)
		search = start + 1
		before := start == 0 || isListDelimiter(rune(text[start-1]))
		after := end == len(text) || isListDelimiter(rune(text[end]))
		if !before || !after || start < from {
			continue
		}
		used = true
		head := strings.TrimRight(text[from:start], " \t\n\r")
		rest := strings.TrimLeft(text[end:], " \t\n\r")
		if items == "" {
			if strings.HasSuffix(head, ",") {
				head = head[:len(head)-1]
			} else {
				rest = strings.TrimPrefix(rest, ",")
			}
		}
		b.WriteString(head + " " + items + " ")
		from = len(text) - len(rest)
		search = max(search, from)
	}
	b.WriteString(text[from:])
	return b.String(), used
}

// resolveMacro expands the macros that a macro refers to. It sees those that were
// defined before its own last change.
func (x *expander) resolveMacro(m *expandedMacro) *Error {
	if m.size > 0 {
		return nil
	}
	if m.busy {
		return at(m.item.at, "macro refers to itself, directly or through others")
	}
	if x.nesting++; x.nesting > maxNesting {
		return at(m.item.at, "more than %d macros refer to each other in a chain", maxNesting)
	}
	m.busy = true
	defer func() { m.busy = false; x.nesting-- }()
	r := resolver{x: x, reach: m.item.reach, place: m.item.at}
	resolved, err := r.resolve(m.expr, 0)
	if err != nil {
		return err
	}
	m.resolved, m.size, m.depth = resolved, max(r.size, 1), r.depth
	return nil
}

// resolver replaces macros in one condition and measures what comes out.
type resolver struct {
	x     *expander
	reach int // macros of a lower order are visible; negative: all
	place *Error
	size  int
	depth int
}

func (r *resolver) resolve(e Expr, depth int) (Expr, *Error) {
	r.size++
	r.depth = max(r.depth, depth)
	switch e := e.(type) {
	case *And:
		operands, err := r.resolveAll(e.Operands, depth+1)
		return &And{e.Pos, operands}, err
	case *Or:
		operands, err := r.resolveAll(e.Operands, depth+1)
		return &Or{e.Pos, operands}, err
	case *Not:
		operand, err := r.resolve(e.Operand, depth+1)
		return &Not{e.Pos, operand}, err
	case *Check:
		if l, ok := e.Right.(*List); ok {
			r.size += len(l.Items)
		}
		return e, r.limit()
	case *MacroRef:
		return r.macro(e, depth)
	}
	return nil, at(r.place, "condition holds an unknown expression")
}

func (r *resolver) resolveAll(operands []Expr, depth int) ([]Expr, *Error) {
	resolved := make([]Expr, len(operands))
	for i, o := range operands {
		var err *Error
		if resolved[i], err = r.resolve(o, depth); err != nil {
			return nil, err
		}
	}
	return resolved, nil
}

func (r *resolver) macro(ref *MacroRef, depth int) (Expr, *Error) {
	m := r.x.macros[ref.Name]
	if m == nil || r.reach >= 0 && m.item.order >= r.reach {
		names := sortedKeys(r.x.macros)
		hint := didYouMean(ref.Name, names)
		if m != nil {
			hint = "; it is defined later in the files"
		}
		return nil, at(r.place, "Undefined macro '%s' used in filter%s", ref.Name, hint)
	}
	if err := r.x.resolveMacro(m); err != nil {
		return nil, err
	}
	r.size += m.size
	r.depth = max(r.depth, depth+m.depth)
	return m.resolved, r.limit()
}

func (r *resolver) limit() *Error {
	if r.size > MaxNodes {
		return at(r.place, "condition has more than %d parts with its macros expanded", MaxNodes)
	}
	if r.depth > MaxDepth {
		return at(r.place, "condition is nested deeper than %d levels with its macros expanded", MaxDepth)
	}
	return nil
}

// compileRule expands and checks the condition of a rule.
func (x *expander) compileRule(item *ruleItem) *Error {
	condition, err := withExceptions(strings.Join(item.conditions, " "), item.exceptions)
	if err != nil {
		var one *Error
		if errors.As(err, &one) {
			return one
		}
		return at(item.condAt, "%v", err)
	}
	expr, mistake := x.parse(condition, item.condAt)
	if mistake != nil {
		return mistake
	}
	r := resolver{x: x, reach: -1, place: item.condAt}
	expr, mistake = r.resolve(expr, 0)
	if mistake != nil {
		return mistake
	}
	if x.total += r.size; x.total > maxTotal {
		return at(item.condAt, "conditions have more than %d parts together with macros expanded", maxTotal)
	}
	n, err := compile(expr)
	if err == nil {
		err = checkOutput(item.rule.Output)
	}
	if err != nil {
		if item.lenient {
			item.rule.Skipped = "skip-if-unknown-filter: " + err.Error()
			x.collector.warn(at(item.condAt, "%v", err))
			return nil
		}
		return at(item.condAt, "%v", err)
	}
	item.rule.Condition, item.rule.node = expr, n
	x.collector.warnCondition(item)
	return nil
}

// warnCondition complains about what Falco complains about.
func (c *collector) warnCondition(item *ruleItem) {
	if item.warnTypes && !restrictsType(item.rule.Condition) {
		c.warn(at(item.at, "Rule matches too many evt.type values. This has a significant performance penalty."))
	}
	Walk(item.rule.Condition, func(e Expr) {
		check, ok := e.(*Check)
		if !ok {
			return
		}
		if f, ok := check.Left.(*Field); ok && (f.Name == "evt.dir" || strings.HasPrefix(f.Name, "evt.latency")) {
			c.warn(at(item.condAt, "usage of deprecated field '%s' has been detected in the condition", f.Name))
		}
	})
}

// restrictsType reports whether a condition holds for named event types only.
func restrictsType(e Expr) bool {
	switch e := e.(type) {
	case *And:
		return slices.ContainsFunc(e.Operands, restrictsType)
	case *Or:
		return !slices.ContainsFunc(e.Operands, func(o Expr) bool { return !restrictsType(o) })
	case *Check:
		f, ok := e.Left.(*Field)
		return ok && f.Name == "evt.type" && (e.Operator == "=" || e.Operator == "==" || e.Operator == "in")
	}
	return false
}

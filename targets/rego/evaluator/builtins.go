package evaluator

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// natively finds a function of Rego's: one of ours, or OPA's own with values changed to and fro; nil where it is neither.
func (c *compiler) natively(name string) builtin {
	if f, ok := c.native[name]; ok {
		return f
	}
	if slices.Contains(delegatedBuiltins, name) {
		return opa(name)
	}
	return nil
}

// delegatedBuiltins are OPA's functions that depend on their arguments alone and are asked seldom.
var delegatedBuiltins = []string{
	"abs", "and", "array.reverse", "ceil", "div", "floor", "format_int", "indexof", "intersection", "json.marshal", "json.patch", "json.remove",
	"max", "min", "minus", "mul", "object.filter", "object.remove", "object.subset", "object.union_n", "or", "plus",
	"regex.find_n", "regex.replace", "regex.split", "rem", "replace", "round", "semver.compare", "semver.is_valid", "sort", "strings.any_suffix_match",
	"strings.count", "strings.replace_n", "strings.reverse", "substring", "sum", "to_number", "trim", "trim_left", "trim_right", "trim_space", "union",
	"units.parse", "units.parse_bytes",
}

// What a machine remembers of OPA's functions: so many answers, and none to more bytes of arguments than this.
const (
	remembered = 4096
	asked      = 256
)

// opa asks OPA's function.
func opa(name string) builtin {
	f := topdown.GetBuiltin(name)
	if f == nil {
		return nil
	}
	return remembering(name, func(m *machine, args []*Value) *Value { return m.ask(f, args) })
}

// remembering remembers what a costly function answered to texts and numbers: manifests repeat themselves.
func remembering(name string, f builtin) builtin {
	return func(m *machine, args []*Value) *Value {
		key, scalar := append(append(m.key[:0], name...), 0), true
		for _, a := range args {
			scalar = scalar && (a.kind == String || a.kind == Number)
			key = binary.AppendUvarint(append(key, byte(a.kind)), uint64(len(a.text)))
			key = append(key, a.text...)
		}
		m.key = key
		scalar = scalar && len(key) <= asked
		if scalar {
			if v, known := m.calls[string(key)]; known {
				return v
			}
		}
		v := f(m, args)
		if scalar && m.err == nil {
			m.key = key
			m.keep(v)
		}
		return v
	}
}

func (m *machine) ask(f topdown.BuiltinFunc, args []*Value) *Value {
	terms := make([]*ast.Term, len(args))
	for i, a := range args {
		terms[i] = a.term()
	}
	var out *Value
	err := f(topdown.BuiltinContext{Context: m.ctx}, terms, func(t *ast.Term) error {
		v, ok := FromAST(t.Value)
		if !ok {
			m.fail(ErrLeft)
		}
		out = v
		return nil
	})
	if err != nil {
		return nil // of no value, as OPA has it where its errors are not strict
	}
	return out
}

// compact is the number of digits that surely adds up.
const compact = 1 << 40

// arithmetic does with small whole numbers what needs no OPA.
func arithmetic(name string, f func(a, b int64) int64) builtin {
	slow := opa(name)
	return func(m *machine, args []*Value) *Value {
		a, b := args[0], args[1]
		if a.whole && b.whole && -compact < a.number && a.number < compact && -compact < b.number && b.number < compact {
			return newInt(int(f(a.number, b.number)))
		}
		return slow(m, args)
	}
}

// minus subtracts numbers, and the elements of sets.
func minus() builtin {
	numbers := arithmetic("minus", func(a, b int64) int64 { return a - b })
	return func(m *machine, args []*Value) *Value {
		if args[0].kind != Set || args[1].kind != Set {
			return numbers(m, args)
		}
		var left []*Value // sorted, as what it is taken from
		for _, item := range args[0].items {
			if args[1].find(item) == nil {
				left = append(left, item)
			}
		}
		return &Value{kind: Set, items: left}
	}
}

// nativeBuiltins are the functions that rules ask all the time.
func nativeBuiltins() map[string]builtin {
	out := map[string]builtin{
		"plus":  arithmetic("plus", func(a, b int64) int64 { return a + b }),
		"minus": minus(),

		"equal": func(_ *machine, a []*Value) *Value { return NewBoolean(equal(a[0], a[1])) },
		"neq":   func(_ *machine, a []*Value) *Value { return NewBoolean(!equal(a[0], a[1])) },
		"lt":    func(_ *machine, a []*Value) *Value { return NewBoolean(compare(a[0], a[1]) < 0) },
		"lte":   func(_ *machine, a []*Value) *Value { return NewBoolean(compare(a[0], a[1]) <= 0) },
		"gt":    func(_ *machine, a []*Value) *Value { return NewBoolean(compare(a[0], a[1]) > 0) },
		"gte":   func(_ *machine, a []*Value) *Value { return NewBoolean(compare(a[0], a[1]) >= 0) },

		"internal.member_2": func(_ *machine, a []*Value) *Value { return NewBoolean(member(a[0], a[1])) },
		"count":             func(_ *machine, a []*Value) *Value { return count(a[0]) },
		"array.concat":      func(_ *machine, a []*Value) *Value { return arrayConcat(a[0], a[1]) },
		"array.slice":       arraySlice,
		"object.get":        func(_ *machine, a []*Value) *Value { return objectGet(a[0], a[1], a[2]) },
		"object.keys":       func(_ *machine, a []*Value) *Value { return objectKeys(a[0]) },
		"object.union":      func(_ *machine, a []*Value) *Value { return objectUnion(a[0], a[1]) },
		"concat":            func(_ *machine, a []*Value) *Value { return concat(a[0], a[1]) },
		"split":             func(_ *machine, a []*Value) *Value { return split(a[0], a[1]) },
		"sprintf":           sprintf,
		"numbers.range":     numbersRange,
		"regex.match":       regexMatch,

		"regex.find_all_string_submatch_n": regexFindAll,

		"strings.any_prefix_match": anyPrefix,
	}
	for name, kind := range map[string]Kind{"is_null": Null, "is_boolean": Boolean, "is_number": Number, "is_string": String, "is_array": Array, "is_object": Object, "is_set": Set} {
		out[name] = func(_ *machine, a []*Value) *Value { return NewBoolean(a[0].kind == kind) }
	}
	for name, f := range map[string]func(s, t string) bool{"contains": strings.Contains, "startswith": strings.HasPrefix, "endswith": strings.HasSuffix} {
		out[name] = func(_ *machine, a []*Value) *Value {
			if a[0].kind != String || a[1].kind != String {
				return nil
			}
			return NewBoolean(f(a[0].text, a[1].text))
		}
	}
	for name, f := range map[string]func(s, t string) string{"trim_prefix": strings.TrimPrefix, "trim_suffix": strings.TrimSuffix} {
		out[name] = func(_ *machine, a []*Value) *Value {
			if a[0].kind != String || a[1].kind != String {
				return nil
			}
			return NewString(f(a[0].text, a[1].text))
		}
	}
	for name, f := range map[string]func(s string) string{"upper": strings.ToUpper, "lower": strings.ToLower} {
		out[name] = func(_ *machine, a []*Value) *Value {
			if a[0].kind != String {
				return nil
			}
			return NewString(f(a[0].text))
		}
	}
	return out
}

func member(v, of *Value) bool {
	if of.kind == Set {
		return of.find(v) != nil
	}
	return !of.each(false, func(_, item *Value) bool { return !equal(v, item) })
}

func count(v *Value) *Value {
	switch v.kind {
	case Array, Set:
		return newInt(len(v.items))
	case Object:
		return newInt(len(v.fields))
	case String:
		return newInt(utf8.RuneCountInString(v.text))
	}
	return nil
}

func arrayConcat(a, b *Value) *Value {
	if a.kind != Array || b.kind != Array {
		return nil
	}
	switch {
	case len(a.items) == 0:
		return b
	case len(b.items) == 0:
		return a
	}
	return NewArray(slices.Concat(a.items, b.items))
}

func arraySlice(m *machine, args []*Value) *Value {
	v, from, to := args[0], args[1], args[2]
	if v.kind != Array || !from.whole || !to.whole {
		return m.ask(topdown.GetBuiltin("array.slice"), args)
	}
	stop := min(max(to.number, 0), int64(len(v.items)))
	start := min(max(from.number, 0), stop)
	switch stop - start {
	case 0:
		return empty
	case int64(len(v.items)):
		return v
	}
	return NewArray(v.items[start:stop:stop])
}

func objectGet(v, key, otherwise *Value) *Value {
	if v.kind != Object {
		return nil
	}
	if key.kind != Array {
		if found := v.find(key); found != nil {
			return found
		}
		return otherwise
	}
	for _, k := range key.items {
		if v = v.find(k); v == nil {
			return otherwise
		}
	}
	return v
}

func objectKeys(v *Value) *Value {
	if v.kind != Object {
		return nil
	}
	keys := make([]*Value, len(v.fields))
	for i, f := range v.fields {
		keys[i] = NewString(f.Key)
	}
	return &Value{kind: Set, items: keys}
}

func objectUnion(a, b *Value) *Value {
	if a.kind != Object || b.kind != Object {
		return nil
	}
	return union(a, b)
}

// union has the members of both; where both have one that is no object, or an object in one only, that of b.
func union(a, b *Value) *Value {
	if len(a.fields) == 0 {
		return b
	}
	if len(b.fields) == 0 {
		return a
	}
	out := make([]Field, 0, len(a.fields)+len(b.fields))
	x, y := a.fields, b.fields
	for len(x) > 0 && len(y) > 0 {
		switch c := strings.Compare(x[0].Key, y[0].Key); {
		case c < 0:
			out, x = append(out, x[0]), x[1:]
		case c > 0:
			out, y = append(out, y[0]), y[1:]
		default:
			v := y[0].Value
			if v.kind == Object && x[0].Value.kind == Object {
				v = union(x[0].Value, v)
			}
			out, x, y = append(out, Field{y[0].Key, v}), x[1:], y[1:]
		}
	}
	out = append(append(out, x...), y...)
	return &Value{kind: Object, fields: out}
}

func concat(separator, of *Value) *Value {
	if separator.kind != String || of.kind != Array && of.kind != Set {
		return nil
	}
	texts := make([]string, len(of.items))
	for i, item := range of.items {
		if item.kind != String {
			return nil
		}
		texts[i] = item.text
	}
	return NewString(strings.Join(texts, separator.text))
}

func split(v, separator *Value) *Value {
	if v.kind != String || separator.kind != String {
		return nil
	}
	var items []*Value
	for text := range strings.SplitSeq(v.text, separator.text) {
		items = append(items, NewString(text))
	}
	return NewArray(items)
}

// sprintf formats as OPA does: whole numbers and texts as what they are, all else as the text that Rego writes.
func sprintf(m *machine, args []*Value) *Value {
	format, values := args[0], args[1]
	if format.kind != String || values.kind != Array {
		return nil
	}
	if v := plainly(format.text, values.items); v != nil {
		return v
	}
	out := make([]any, len(values.items))
	for i, v := range values.items {
		switch {
		case v.kind == String:
			out[i] = v.text
		case v.kind == Number && v.whole:
			out[i] = v.number
		case v.kind == Number:
			return m.ask(topdown.GetBuiltin("sprintf"), args)
		default:
			out[i] = v.String()
		}
	}
	return NewString(fmt.Sprintf(format.text, out...))
}

// plainly formats texts by %s and %v, and whole numbers by %d and %v; nil where anything else is asked for.
func plainly(format string, values []*Value) *Value {
	if len(values) == 1 && values[0].kind == String && (format == "%s" || format == "%v") {
		return values[0]
	}
	var out []byte
	for {
		before, after, found := strings.Cut(format, "%")
		out = append(out, before...)
		switch {
		case !found && len(values) == 0:
			return NewString(string(out))
		case !found || after == "" || len(values) == 0:
			return nil
		case values[0].kind == String && (after[0] == 's' || after[0] == 'v'):
		case values[0].whole && (after[0] == 'd' || after[0] == 'v'):
		default:
			return nil
		}
		out = append(out, values[0].text...)
		format, values = after[1:], values[1:]
	}
}

// far is the longest range that is made here.
const far = 4096

func numbersRange(m *machine, args []*Value) *Value {
	from, to := args[0], args[1]
	if !from.whole || !to.whole || from.number < -far || from.number > far || to.number < -far || to.number > far {
		return m.ask(topdown.GetBuiltin("numbers.range"), args)
	}
	if from.number >= 0 && from.number <= to.number && to.number < int64(len(small)) {
		return NewArray(small[from.number : to.number+1 : to.number+1])
	}
	var items []*Value
	by := int64(1)
	if to.number < from.number {
		by = -1
	}
	for i := from.number; ; i += by {
		items = append(items, newInt(int(i)))
		if i == to.number {
			return NewArray(items)
		}
	}
}

// expressions is how many regular expressions a machine keeps.
const expressions = 256

// regexMatch keeps the expressions that it has compiled: rules have few, and they are constants.
func regexMatch(m *machine, args []*Value) *Value {
	if args[0].kind != String || args[1].kind != String {
		return nil
	}
	e := m.expression(args[0].text)
	if e == nil {
		return nil
	}
	text := args[1].text
	v, known := m.answered('m', e, text)
	if !known {
		v = m.keep(NewBoolean(e.MatchString(text)))
	}
	return v
}

// regexFindAll gives the matches of an expression, each with its groups.
func regexFindAll(m *machine, args []*Value) *Value {
	if args[0].kind != String || args[1].kind != String || !args[2].whole {
		return m.ask(topdown.GetBuiltin("regex.find_all_string_submatch_n"), args)
	}
	e := m.expression(args[0].text)
	if e == nil {
		return nil
	}
	text := args[1].text
	if args[2].number >= 0 {
		return e.find(text, int(args[2].number))
	}
	v, known := m.answered('f', e, text)
	if !known {
		v = m.keep(e.find(text, -1))
	}
	return v
}

func (e *expression) find(text string, most int) *Value {
	matches := e.FindAllStringSubmatch(text, most)
	all := make([]*Value, len(matches))
	for i, groups := range matches {
		texts := make([]*Value, len(groups))
		for j, group := range groups {
			texts[j] = NewString(group)
		}
		all[i] = NewArray(texts)
	}
	return NewArray(all)
}

// expression is a regular expression, and a number that no other one of the machine has.
type expression struct {
	*regexp.Regexp
	number uint64
}

// expression compiles a regular expression, or remembers it; nil: it is none.
func (m *machine) expression(text string) *expression {
	if e, known := m.expressions[text]; known {
		return e
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	if len(m.expressions) >= expressions {
		clear(m.expressions)
	}
	m.numbered++
	e := &expression{compiled, m.numbered}
	m.expressions[text] = e
	return e
}

// answered looks for what was kept of an expression and a text, and makes the key for what is to be kept of them.
func (m *machine) answered(question byte, e *expression, text string) (*Value, bool) {
	m.key = m.key[:0]
	if len(text) > asked {
		return nil, false
	}
	m.key = binary.AppendUvarint(append(m.key, 0, question), e.number) // no name of a function begins with 0
	m.key = append(m.key, text...)
	v, known := m.calls[string(m.key)]
	return v, known
}

// keep remembers a value by the key; without one, it was asked of too much.
func (m *machine) keep(v *Value) *Value {
	if len(m.key) > 0 {
		if len(m.calls) >= remembered {
			clear(m.calls)
		}
		m.calls[string(m.key)] = v
	}
	return v
}

func anyPrefix(m *machine, args []*Value) *Value {
	if args[0].kind != String || args[1].kind != Array && args[1].kind != Set {
		return m.ask(topdown.GetBuiltin("strings.any_prefix_match"), args)
	}
	found := false
	for _, prefix := range args[1].items {
		if prefix.kind != String {
			return nil
		}
		found = found || strings.HasPrefix(args[0].text, prefix.text)
	}
	return NewBoolean(found)
}

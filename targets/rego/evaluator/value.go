package evaluator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Kind is the type of a value, in the order in which Rego sorts types.
type Kind uint8

// The kinds of values. The zero Value is none of Rego's.
const (
	Invalid Kind = iota
	Null
	Boolean
	Number
	String
	Array
	Object
	Set
)

// Value is a value of Rego's. It must not be changed once it is made: values share their parts.
type Value struct {
	kind  Kind
	truth bool
	whole bool   // number holds what text says
	text  string // of a String; of a Number, as JSON writes it
	// number is a whole number that OPA too reads as an int64.
	number int64
	items  []*Value // of an Array; of a Set, sorted
	fields []Field  // of an Object, sorted by key, keys unique
}

// Field is one member of an object. Objects with other keys than texts are left to OPA.
type Field struct {
	Key   string
	Value *Value
}

var (
	null     = &Value{kind: Null}
	yes      = &Value{kind: Boolean, truth: true}
	no       = &Value{kind: Boolean}
	empty    = &Value{kind: Array}
	emptySet = &Value{kind: Set}
)

var small = func() (out [256]*Value) {
	for i := range out {
		out[i] = &Value{kind: Number, whole: true, number: int64(i), text: strconv.Itoa(i)}
	}
	return out
}()

// NewNull gives null.
func NewNull() *Value { return null }

// NewBoolean gives a boolean.
func NewBoolean(b bool) *Value {
	if b {
		return yes
	}
	return no
}

// NewNumber gives a number from its form in JSON.
func NewNumber(text string) *Value {
	v := &Value{kind: Number, text: text}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		if 0 <= n && n < int64(len(small)) {
			return small[n]
		}
		v.whole, v.number = true, n
	}
	return v
}

func newInt(n int) *Value {
	if 0 <= n && n < len(small) {
		return small[n]
	}
	return &Value{kind: Number, whole: true, number: int64(n), text: strconv.Itoa(n)}
}

// NewString gives a text.
func NewString(text string) *Value { return &Value{kind: String, text: text} }

// NewArray gives an array. It keeps the slice.
func NewArray(items []*Value) *Value { return &Value{kind: Array, items: items} }

// smallArray is how many elements fit into an array's own piece of memory.
const smallArray = 4

// newSmallArray gives an array of some elements, all nil, with room for a few more: most are short, and two pieces of memory
// cost twice as much.
func newSmallArray(size int) *Value {
	if size > smallArray {
		return NewArray(make([]*Value, size))
	}
	v := &struct {
		Value
		inline [smallArray]*Value
	}{}
	v.kind, v.items = Array, v.inline[:size]
	return &v.Value
}

// NewObject gives an object. It keeps and sorts the slice, whose keys must be unique.
func NewObject(fields []Field) *Value {
	sortFields(fields)
	return &Value{kind: Object, fields: fields}
}

func sortFields(fields []Field) {
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Key, b.Key) })
}

// Maker makes the values of one document, many at a time: one by one they cost more than they are looked at.
type Maker struct{ free []Value }

func (k *Maker) value(v Value) *Value {
	if len(k.free) == 0 {
		k.free = make([]Value, 64)
	}
	out := &k.free[0]
	k.free = k.free[1:]
	*out = v
	return out
}

// String gives a text.
func (k *Maker) String(text string) *Value { return k.value(Value{kind: String, text: text}) }

// Array gives an array. It keeps the slice.
func (k *Maker) Array(items []*Value) *Value { return k.value(Value{kind: Array, items: items}) }

// Object gives an object. It keeps and sorts the slice, whose keys must be unique.
func (k *Maker) Object(fields []Field) *Value {
	sortFields(fields)
	return k.value(Value{kind: Object, fields: fields})
}

// newSet gives the set of some values. It keeps and sorts the slice. Of equal ones, as 1 and 1.0 are, the first remains.
func newSet(items []*Value) *Value { return &Value{kind: Set, items: unique(items)} }

// unique sorts values. Of equal ones the first remains.
func unique(items []*Value) []*Value {
	slices.SortStableFunc(items, compare)
	return slices.CompactFunc(items, equal)
}

// Kind is the value's type; Invalid of nil.
func (v *Value) Kind() Kind {
	if v == nil {
		return Invalid
	}
	return v.kind
}

// Text is the text of a String, and "" of everything else.
func (v *Value) Text() string {
	if v == nil || v.kind != String {
		return ""
	}
	return v.text
}

// Items are the elements of an Array or a Set, and none of everything else.
func (v *Value) Items() []*Value {
	if v == nil {
		return nil
	}
	return v.items
}

// Get is an object's member; nil where there is none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	if len(v.fields) > 16 {
		if i, found := slices.BinarySearchFunc(v.fields, key, func(f Field, key string) int { return strings.Compare(f.Key, key) }); found {
			return v.fields[i].Value
		}
		return nil
	}
	for i := range v.fields {
		if v.fields[i].Key == key {
			return v.fields[i].Value
		}
	}
	return nil
}

// Insert gives the object with a member more, or with another value of one.
func (v *Value) Insert(key string, value *Value) *Value {
	fields := slices.Clone(v.fields)
	i, found := slices.BinarySearchFunc(fields, key, func(f Field, key string) int { return strings.Compare(f.Key, key) })
	if found {
		fields[i].Value = value
	} else {
		fields = slices.Insert(fields, i, Field{key, value})
	}
	return &Value{kind: Object, fields: fields}
}

// String writes a text as it is, and everything else as Rego does.
func (v *Value) String() string {
	if v.Kind() == String || v.Kind() == Number {
		return v.text
	}
	return v.AST().String()
}

// find looks up what a reference takes of a value: nil where that is nothing.
func (v *Value) find(key *Value) *Value {
	switch v.kind {
	case Object:
		if key.kind == String {
			return v.Get(key.text)
		}
	case Array:
		if i, ok := key.index(); ok && 0 <= i && i < int64(len(v.items)) {
			return v.items[i]
		}
	case Set:
		if i, found := slices.BinarySearchFunc(v.items, key, compare); found {
			return v.items[i]
		}
	}
	return nil
}

// index is the whole number that a value is; 1.0 is one too.
func (v *Value) index() (int64, bool) {
	if v.kind != Number || v.whole {
		return v.number, v.whole
	}
	return ast.Number(v.text).Int64()
}

func equal(a, b *Value) bool {
	if a == b {
		return true
	}
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case Null:
		return true
	case Boolean:
		return a.truth == b.truth
	case String:
		return a.text == b.text
	case Number:
		return compareNumbers(a, b) == 0
	case Object:
		return slices.EqualFunc(a.fields, b.fields, func(x, y Field) bool { return x.Key == y.Key && equal(x.Value, y.Value) })
	}
	return slices.EqualFunc(a.items, b.items, equal)
}

// compare orders values as Rego sorts them.
func compare(a, b *Value) int {
	if a == b {
		return 0
	}
	if c := cmp.Compare(a.kind, b.kind); c != 0 {
		return c
	}
	switch a.kind {
	case Boolean:
		return cmp.Compare(number(a.truth), number(b.truth))
	case String:
		return strings.Compare(a.text, b.text)
	case Number:
		return compareNumbers(a, b)
	case Array, Set:
		return slices.CompareFunc(a.items, b.items, compare)
	case Object:
		return slices.CompareFunc(a.fields, b.fields, func(x, y Field) int {
			if c := strings.Compare(x.Key, y.Key); c != 0 {
				return c
			}
			return compare(x.Value, y.Value)
		})
	}
	return 0
}

func number(truth bool) int {
	if truth {
		return 1
	}
	return 0
}

func compareNumbers(a, b *Value) int {
	if a.whole && b.whole {
		return cmp.Compare(a.number, b.number)
	}
	return ast.Compare(ast.Number(a.text), ast.Number(b.text))
}

// AST gives the value as one of OPA's.
func (v *Value) AST() ast.Value { return v.term().Value }

func (v *Value) term() *ast.Term {
	switch v.kind {
	case Boolean:
		return ast.BooleanTerm(v.truth)
	case Number:
		return ast.NewTerm(ast.Number(v.text))
	case String:
		return ast.StringTerm(v.text)
	case Array, Set:
		terms := make([]*ast.Term, len(v.items))
		for i, item := range v.items {
			terms[i] = item.term()
		}
		if v.kind == Set {
			return ast.SetTerm(terms...)
		}
		return ast.ArrayTerm(terms...)
	case Object:
		pairs := make([][2]*ast.Term, len(v.fields))
		for i, f := range v.fields {
			pairs[i] = ast.Item(ast.StringTerm(f.Key), f.Value.term())
		}
		return ast.ObjectTerm(pairs...)
	}
	return ast.NullTerm()
}

// FromAST gives a value of OPA's as one of ours; ok is false where it is not ground, or has an object whose keys are not
// texts.
func FromAST(value ast.Value) (v *Value, ok bool) {
	switch value := value.(type) {
	case ast.Null:
		return null, true
	case ast.Boolean:
		return NewBoolean(bool(value)), true
	case ast.Number:
		return NewNumber(string(value)), true
	case ast.String:
		return NewString(string(value)), true
	case *ast.Array:
		items := make([]*Value, value.Len())
		for i := range items {
			if items[i], ok = FromAST(value.Elem(i).Value); !ok {
				return nil, false
			}
		}
		return NewArray(items), true
	case ast.Set:
		var items []*Value
		for _, t := range value.Slice() {
			item, ok := FromAST(t.Value)
			if !ok {
				return nil, false
			}
			items = append(items, item)
		}
		return newSet(items), true
	case ast.Object:
		var fields []Field
		for _, key := range value.Keys() {
			text, isText := key.Value.(ast.String)
			member, ok := FromAST(value.Get(key).Value)
			if !isText || !ok {
				return nil, false
			}
			fields = append(fields, Field{string(text), member})
		}
		return NewObject(fields), true
	}
	return nil, false
}

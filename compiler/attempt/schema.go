package attempt

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Field is one field of a kind of attempt.
type Field struct {
	Name     string
	Required bool
	Values   []string // what a string can be, where that is a short list; else nil
	Doc      string
	End      bool // one end of a connection
	File     bool // a path of a file (for judge: or the content itself)
}

// Schema is what the compiler knows about a kind of attempt.
type Schema struct {
	Kind  Kind
	Title string // with its article: "a system call"
	// Key is the key of judge's JSON that tells the kind. Its value is one of the
	// fields, or an object with all of them.
	Key string
	// Examples are attempts as judge's JSON.
	Examples []string
	Subject  Subject
	Outcomes Outcomes
	Fields   []Field

	keyField string // the field that is the value of Key; "" where an object is
	decode   func(fields map[string]any) (Attempt, error)
	source   *source // nil where an attempt is made from its fields
}

// validator is an attempt that checks and normalizes its fields once they are
// decoded. The error is a FieldError.
type validator interface{ validate() error }

// setter is an attempt that decodes some fields itself, because their values can
// have several types. done is false for all other fields.
type setter interface {
	set(field string, value any) (done bool, err error)
}

// define completes the schema of a kind from the tags of its struct T:
//
//	attempt:"NAME[,required][,key][,path]"  the field's name and options
//	values:"A B C"                          what a string can be
//	doc:"TEXT"                              the field's meaning
//
// With the option key, the field is the value of the schema's Key. With the
// option path, it is an absolute, clean path.
func define[T Attempt](s Schema) Schema {
	var zero T
	s.Kind = zero.Kind()
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		tag, ok := tagOf(t.Field(i))
		if !ok {
			continue
		}
		s.Fields = append(s.Fields, Field{
			Name: tag.name, Required: tag.has("required"), Values: tag.values, Doc: tag.doc,
			End: t.Field(i).Type == reflect.TypeFor[End](), File: s.source != nil,
		})
		if tag.has("key") {
			s.keyField = tag.name
		}
	}
	s.decode = func(fields map[string]any) (Attempt, error) {
		var a T
		if err := decode(reflect.ValueOf(&a), fields); err != nil {
			return nil, err
		}
		return a, nil
	}
	return s
}

// tag is what the tags of a struct's field state.
type tag struct {
	name, doc       string
	options, values []string
}

func (t tag) has(option string) bool { return slices.Contains(t.options, option) }

func tagOf(f reflect.StructField) (tag, bool) {
	text, ok := f.Tag.Lookup("attempt")
	if !ok {
		return tag{}, false
	}
	parts := strings.Split(text, ",")
	t := tag{name: parts[0], options: parts[1:], doc: f.Tag.Get("doc")}
	if values, ok := f.Tag.Lookup("values"); ok {
		t.values = strings.Fields(values)
	}
	return t, true
}

// Schemas lists every kind of attempt.
func Schemas() []Schema { return slices.Clone(schemas) }

// Lookup returns the schema of a kind.
func Lookup(kind Kind) (Schema, bool) {
	i := slices.IndexFunc(schemas, func(s Schema) bool { return s.Kind == kind })
	if i < 0 {
		return Schema{}, false
	}
	return schemas[i], true
}

// Field returns a field of the schema by name.
func (s Schema) Field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

func (s Schema) names() string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// FieldError says which field of an attempt is wrong.
type FieldError struct {
	Field   string // "" where the attempt as a whole is wrong
	Problem string
	// Known are the values that the field can have, to suggest the one that was
	// meant; nil where they are no list.
	Known []string
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// New makes an attempt from its fields, as encoding/json decodes them with
// UseNumber. Ends of connections can also be of type End. It makes every kind
// but those whose content has to be opened (Schema.Open).
func New(kind Kind, fields map[string]any) (Attempt, error) {
	schema, ok := Lookup(kind)
	switch {
	case !ok:
		return nil, wrong("", "no attempt is called %q", kind)
	case schema.source != nil:
		return nil, wrong("", "a %s is opened, not made from fields", kind)
	}
	if err := schema.check(fields); err != nil {
		return nil, err
	}
	return schema.decode(fields)
}

package attempt

import (
	"encoding/json"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
)

// check finds fields that the kind does not have, that are missing, or that have
// none of the values of a list.
func (s Schema) check(fields map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := s.Field(name); !ok {
			return wrong(name, "%s has no such field; there are: %s", s.Title, s.names())
		}
	}
	for _, field := range s.Fields {
		if _, ok := fields[field.Name]; !ok && field.Required {
			return wrong("", "%s needs the field %s: %s", s.Title, field.Name, field.Doc)
		}
		if text, isText := fields[field.Name].(string); isText && field.Values != nil && !slices.Contains(field.Values, text) {
			return wrong(field.Name, "%q is none of: %s", text, strings.Join(field.Values, ", "))
		}
	}
	return nil
}

// decode sets the fields of a struct, given by a pointer, and validates it.
func decode(pointer reflect.Value, fields map[string]any) error {
	into := pointer.Elem()
	own, _ := pointer.Interface().(setter)
	for i := range into.NumField() {
		tag, ok := tagOf(into.Type().Field(i))
		if !ok {
			continue
		}
		value, ok := fields[tag.name]
		if !ok {
			continue
		}
		if own != nil {
			if done, err := own.set(tag.name, value); err != nil {
				return err
			} else if done {
				continue
			}
		}
		if problem := assign(into.Field(i), value); problem != "" {
			return wrong(tag.name, "%s", problem)
		}
		if text, _ := value.(string); tag.has("path") && !isCleanPath(text) {
			return wrong(tag.name, "a path is absolute and clean: %q is not", text)
		}
	}
	if v, ok := pointer.Interface().(validator); ok {
		return v.validate()
	}
	return nil
}

// isCleanPath reports an absolute path without "." and ".."; that of a folder can
// end with a slash.
func isCleanPath(p string) bool {
	clean := path.Clean(p)
	return strings.HasPrefix(p, "/") && (p == clean || p == clean+"/" && clean != "/")
}

// assign sets a field to a value of JSON, and says what is wrong with it; "" where
// nothing is.
func assign(field reflect.Value, value any) string {
	switch into := field.Addr().Interface().(type) {
	case *string:
		text, ok := value.(string)
		if !ok {
			return "must be a string, not " + typeOf(value)
		}
		*into = text
	case *bool:
		truth, ok := value.(bool)
		if !ok {
			return "must be true or false, not " + typeOf(value)
		}
		*into = truth
	case *[]string:
		return assignList(into, value)
	case *map[string]string:
		return assignMap(into, value)
	case *End:
		return into.assign(value)
	default:
		panic("attempt: no value of JSON is decoded into a field of the type " + field.Type().String())
	}
	return ""
}

func assignList(into *[]string, value any) string {
	list, ok := value.([]any)
	if !ok {
		return "must be a list of strings, not " + typeOf(value)
	}
	for _, e := range list {
		text, ok := e.(string)
		if !ok {
			return "must be a list of strings, and contains " + typeOf(e)
		}
		*into = append(*into, text)
	}
	return ""
}

func assignMap(into *map[string]string, value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		return "must be an object, not " + typeOf(value)
	}
	*into = map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		text, ok := object[key].(string)
		if !ok {
			return "the value of " + key + " must be a string, not " + typeOf(object[key])
		}
		(*into)[key] = text
	}
	return ""
}

// typeOf names the type of a value of JSON.
func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	}
	return "an object"
}

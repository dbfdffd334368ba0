package attempt

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// Open gives the content of a file that an attempt names.
type Open func(name string) ([]byte, error)

// FromJSON reads one attempt as `bulkhead judge` takes it: an object whose key
// tells the kind, as in {"syscall":"unshare","args":[268435456]}. A manifest
// with several documents gives several attempts. Defaults are the values of fields
// that an attempt's kind has and the attempt does not state.
func FromJSON(line []byte, open Open, defaults map[string]any) ([]Attempt, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, wrong("", "an attempt is a JSON object: %s", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, wrong("", "one attempt stands on a line, and something follows it")
	}
	if key := repeated(line); key != "" {
		return nil, wrong(key, "the key stands twice")
	}
	var keys []string
	for _, schema := range schemas {
		if value, ok := object[schema.Key]; ok {
			return schema.fromJSON(object, value, open, defaults)
		}
		keys = append(keys, schema.Key)
	}
	return nil, wrong("", "the attempt has none of the keys that tell its kind: %q", keys)
}

// fromJSON reads an attempt of the kind from an object and the value of its key.
func (s Schema) fromJSON(object map[string]any, value any, open Open, defaults map[string]any) ([]Attempt, error) {
	fields := object
	if s.keyField == "" {
		inner, ok := value.(map[string]any)
		if !ok || len(object) != 1 {
			return nil, wrong(s.Key, "an object with %s is wanted here, and nothing beside it", s.names())
		}
		fields = inner
	} else {
		if _, twice := object[s.keyField]; twice && s.keyField != s.Key {
			return nil, wrong(s.keyField, "%q states it already", s.Key)
		}
		delete(fields, s.Key)
		fields[s.keyField] = value
	}
	if s.Opened() {
		return s.fromFile(fields, open)
	}
	for name, value := range defaults {
		_, known := s.Field(name)
		if _, stated := fields[name]; known && !stated {
			fields[name] = value
		}
	}
	a, err := New(s.Kind, fields)
	if err != nil {
		return nil, err
	}
	return []Attempt{a}, nil
}

// fromFile reads the content of an attempt: a file by its name, or what stands in
// its place.
func (s Schema) fromFile(fields map[string]any, open Open) ([]Attempt, error) {
	if len(fields) != 1 {
		return nil, wrong("", "nothing stands beside %s", s.Key)
	}
	content := Content{File: "-", Limits: input.DefaultLimits()}
	var err error
	if name, ok := fields[s.keyField].(string); ok {
		content.File = name
		content.Body, err = open(name)
	} else {
		content.Body, err = json.Marshal(fields[s.keyField])
	}
	if err != nil {
		return nil, err
	}
	return s.Open(content)
}

// repeated gives a key that an object, known to be well formed, states twice;
// encoding/json would take the last one.
func repeated(object []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.Token() // the brace
	seen := map[string]bool{}
	for decoder.More() {
		key, err := decoder.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return ""
		}
		if seen[name] {
			return name
		}
		seen[name] = true
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return ""
		}
	}
	return ""
}

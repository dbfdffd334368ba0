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
// with several objects gives several attempts.
func FromJSON(line []byte, open Open) ([]Attempt, error) {
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
	for _, schema := range schemas {
		if head, ok := object[schema.Head]; ok {
			return schema.fromJSON(object, head, open)
		}
	}
	var heads []string
	for _, schema := range schemas {
		heads = append(heads, schema.Head)
	}
	return nil, wrong("", "the attempt has none of the keys that tell its kind: %q", heads)
}

func (s Schema) fromJSON(object map[string]any, head any, open Open) ([]Attempt, error) {
	fields := object
	switch {
	case s.HeadField != "":
		if _, twice := object[s.HeadField]; twice && s.HeadField != s.Head {
			return nil, wrong(s.HeadField, "%q states it already", s.Head)
		}
		delete(fields, s.Head)
		fields[s.HeadField] = head
	case s.Kind != KindConnection:
		inner, ok := head.(map[string]any)
		if !ok || len(object) != 1 {
			return nil, wrong(s.Head, "an object with %s is wanted here, and nothing beside it", s.names())
		}
		fields = inner
	}
	if s.Kind == KindManifest || s.Kind == KindPlan {
		return s.opened(fields, open)
	}
	a, err := New(s.Kind, fields)
	if err != nil {
		return nil, err
	}
	return []Attempt{a}, nil
}

func (s Schema) opened(fields map[string]any, open Open) ([]Attempt, error) {
	if len(fields) != 1 {
		return nil, wrong("", "nothing stands beside %s", s.Head)
	}
	file, body := "-", []byte(nil)
	var err error
	if name, ok := fields[s.HeadField].(string); ok {
		file = name
		body, err = open(name)
	} else {
		body, err = json.Marshal(fields[s.HeadField])
	}
	if err != nil {
		return nil, err
	}
	if s.Kind == KindPlan {
		return []Attempt{Plan{File: file, Body: body}}, nil
	}
	return Manifests(file, body, "", input.DefaultLimits())
}

// Manifests makes an attempt of each object of a file. The namespace is that of
// objects which name none.
func Manifests(file string, body []byte, namespace string, limits input.Limits) ([]Attempt, error) {
	docs, err := input.Read(file, body, limits)
	if err != nil {
		return nil, err
	}
	out := make([]Attempt, len(docs))
	for i, d := range docs {
		out[i] = Manifest{Document: d, Namespace: namespace}
	}
	return out, nil
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

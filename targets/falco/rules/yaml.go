package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// reader reads the YAML of one file: nodes with their places, aliases followed
// within a budget, no key twice. Scalars decode as Falco's YAML library does it,
// quoted or not.
type reader struct {
	file  string
	items *int // sequence items left for all files
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) *Error {
	e := &Error{File: r.file, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		e.Line, e.Column = n.Line, n.Column
	}
	return e
}

// documents reads every document of a file.
func (r *reader) documents(body []byte) (docs []*yaml.Node, err error) {
	if len(body) > MaxFileSize {
		return nil, r.fail(nil, "%d bytes are more than %d", len(body), MaxFileSize)
	}
	if !utf8.Valid(body) {
		return nil, r.fail(nil, "not UTF-8")
	}
	defer func() { // the library panics on some malformed input
		if p := recover(); p != nil {
			docs, err = nil, r.fail(nil, "not YAML: %v", p)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(body))
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, r.yamlError(err)
		}
		if len(doc.Content) == 1 {
			docs = append(docs, doc.Content[0])
		}
	}
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

func (r *reader) yamlError(err error) *Error {
	e := r.fail(nil, "not YAML: %v", err)
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, e.Message = 1, "not YAML: "+m[2]
	}
	return e
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// mapping reads the keys of a mapping.
func (r *reader) mapping(n *yaml.Node) (*object, error) {
	o := &object{reader: r, node: n, values: map[string]*yaml.Node{}}
	n = resolve(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		if key.Kind != yaml.ScalarNode {
			return nil, r.fail(key, "key must be a string")
		}
		if _, twice := o.values[key.Value]; twice {
			return nil, r.fail(key, "key '%s' is given twice", key.Value)
		}
		o.keys = append(o.keys, key)
		o.values[key.Value] = n.Content[i+1]
	}
	return o, nil
}

// sequence gives the items of a sequence.
func (r *reader) sequence(n *yaml.Node) ([]*yaml.Node, error) {
	items := resolve(n).Content
	if *r.items -= len(items); *r.items < 0 {
		return nil, r.fail(n, "more than %d items in sequences, aliases followed", MaxItems)
	}
	return items, nil
}

// object is a mapping of the file.
type object struct {
	reader *reader
	node   *yaml.Node
	item   string // for errors
	keys   []*yaml.Node
	values map[string]*yaml.Node
}

func (o *object) fail(n *yaml.Node, format string, args ...any) *Error {
	e := o.reader.fail(n, format, args...)
	e.Item = o.item
	return e
}

func (o *object) has(key string) bool { return o.values[key] != nil }

// unknown gives the keys that are not among known.
func (o *object) unknown(known []string) []*yaml.Node {
	var nodes []*yaml.Node
	for _, k := range o.keys {
		if !slices.Contains(known, k.Value) {
			nodes = append(nodes, k)
		}
	}
	return nodes
}

// text reads a scalar that must be there and not be empty.
func (o *object) text(key string) (string, error) {
	n := o.values[key]
	if n == nil {
		return "", o.fail(o.node, "Item has no mapping for key '%s'", key)
	}
	n = resolve(n)
	switch {
	case isNull(n):
		return "", o.fail(n, "Mapping for key '%s' is empty", key)
	case n.Kind != yaml.ScalarNode:
		return "", o.fail(n, "Value of '%s' is not a scalar value", key)
	case n.Value == "":
		return "", o.fail(n, "Value of '%s' must be non-empty", key)
	}
	return n.Value, nil
}

// bool reads a boolean as YAML 1.1 has it, or keeps the given value where the key
// is absent.
func (o *object) bool(key string, value *bool) error {
	if !o.has(key) {
		return nil
	}
	text, err := o.text(key)
	if err != nil {
		return err
	}
	switch {
	case slices.Contains(truthy, text):
		*value = true
	case slices.Contains(falsy, text):
		*value = false
	default:
		return o.fail(o.values[key], "Can't decode YAML scalar value of '%s' as a boolean", key)
	}
	return nil
}

var (
	truthy = []string{"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
	falsy  = []string{"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
)

// uint checks a number that this package has no use for.
func (o *object) uint(key string) error {
	if !o.has(key) {
		return nil
	}
	text, err := o.text(key)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(text, 10, 32); err != nil {
		return o.fail(o.values[key], "Can't decode YAML scalar value of '%s' as a number", key)
	}
	return nil
}

// texts reads a sequence of scalars. An absent key gives nothing.
func (o *object) texts(key string) ([]string, error) {
	n := o.values[key]
	if n == nil {
		return nil, nil
	}
	if resolve(n).Kind != yaml.SequenceNode {
		return nil, o.fail(n, "Value of '%s' is not a sequence", key)
	}
	items, err := o.reader.sequence(n)
	if err != nil {
		return nil, err
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode {
			return nil, o.fail(item, "sequence value of '%s' is not scalar", key)
		}
		texts = append(texts, item.Value)
	}
	return texts, nil
}

package reach

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is where something is said in a source.
type Place struct {
	Source string
	// Document counts from 1; 0 is the file as a whole.
	Document int
	// Line and Column count from 1 in the file; 0 is not known.
	Line, Column int
	// Path is a JSON pointer (RFC 6901) into the document: "/spec/egress/0".
	Path string
}

// String writes the place as file:line:column, with the path where there is one.
func (p Place) String() string {
	s := p.Source
	if p.Line > 0 {
		s += fmt.Sprintf(":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		s += " (" + p.Path + ")"
	}
	return s
}

// Error is a mistake in a source.
type Error struct {
	Place   Place
	Message string
}

func (e *Error) Error() string { return e.Place.String() + ": " + e.Message }

// sub returns path with further elements, never sharing memory with it.
func sub(path []any, elements ...any) []any {
	return append(append(make([]any, 0, len(path)+len(elements)), path...), elements...)
}

// at is the place of the value at path: keys as string, indices as int. Where the document holds no such node (a merge key, a
// field left out), it is the nearest one around it.
func (d document) at(path ...any) Place {
	place := d.place
	place.Path = pointer(path)
	node := d.root
	for _, element := range path {
		next := child(node, element)
		if next == nil {
			break
		}
		node = next
	}
	if node != nil {
		place.Line, place.Column = node.Line+d.firstLine-1, node.Column
	}
	return place
}

// node is the value at path, or nil.
func (d document) node(path ...any) *yaml.Node {
	node := d.root
	for _, element := range path {
		node = child(node, element)
	}
	return node
}

func child(node *yaml.Node, element any) *yaml.Node {
	switch e := element.(type) {
	case string:
		return lookup(node, e)
	case int:
		node = resolve(node)
		if node != nil && node.Kind == yaml.SequenceNode && e < len(node.Content) {
			return node.Content[e]
		}
	}
	return nil
}

// resolve follows an alias. An alias never points at an alias.
func resolve(node *yaml.Node) *yaml.Node {
	if node != nil && node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// lookup is the value of a key in a mapping, or nil.
func lookup(node *yaml.Node, key string) *yaml.Node {
	node = resolve(node)
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return resolve(node.Content[i+1])
		}
	}
	return nil
}

func pointer(path []any) string {
	var b strings.Builder
	for _, element := range path {
		text := fmt.Sprint(element)
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(text))
	}
	return b.String()
}

var lineNumber = regexp.MustCompile(`\bline (\d+)`)

// shiftLines moves the line numbers of a YAML library's message from the document to the file.
func shiftLines(message string, by int) string {
	return lineNumber.ReplaceAllStringFunc(message, func(s string) string {
		n, err := strconv.Atoi(strings.TrimPrefix(s, "line "))
		if err != nil {
			return s
		}
		return fmt.Sprintf("line %d", n+by)
	})
}

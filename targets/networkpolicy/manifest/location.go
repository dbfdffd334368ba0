package manifest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
)

// Error is a mistake in a source.
type Error struct {
	Location reach.Location
	Message  string
}

func (e *Error) Error() string { return e.Location.String() + ": " + e.Message }

// sub returns path with further elements, never sharing memory with it.
func sub(path []any, elements ...any) []any {
	return append(append(make([]any, 0, len(path)+len(elements)), path...), elements...)
}

// at is the location of the value at path: keys as string, indices as int. Where the document holds no such node (a merge key, a
// field left out), it is the nearest one around it.
func (d document) at(path ...any) reach.Location {
	location := d.location
	location.Path = pointer(path)
	node := d.root
	for _, element := range path {
		next := child(node, element)
		if next == nil {
			break
		}
		node = next
	}
	if node != nil {
		location.Line, location.Column = node.Line+d.firstLine-1, node.Column
	}
	return location
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

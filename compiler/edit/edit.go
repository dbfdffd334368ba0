// Package edit changes single values in the text of a YAML document and leaves
// every other byte as it is: comments, order, indentation, quoting, blank lines
// and line ends. It knows YAML and nothing of what the values mean.
//
// A change is made in the text, and proved on what the text means: what comes out
// is parsed again and must be the document that was meant, with the same comments.
// What cannot be done so is an error, and the text stays.
package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Op says what is done at a path.
type Op int

// The operations. The zero Op is refused.
const (
	_ Op = iota
	// Set writes a scalar, in place of a scalar or where nothing stands, with the
	// mappings that are missing on the way.
	Set
	// Append adds a scalar at the end of a list, and the list where there is none.
	Append
	// Remove takes out a member of a mapping or an element of a list, and what holds
	// nothing else. Comments within stay, on lines of their own.
	Remove
)

// Step is one change. Its path is made of keys, and of indexes in decimal.
type Step struct {
	Op    Op
	Path  []string
	Value string // YAML of one line: what Set and Append write
}

// Apply makes changes, one after the other, in the text of a single document. It
// makes all of them or none.
func Apply(text []byte, steps ...Step) ([]byte, error) {
	for _, s := range steps {
		s.Value = strings.Trim(s.Value, " ")
		var err error
		if text, err = apply(text, s); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// errUnchanged says that what was to be written stands there already.
var errUnchanged = errors.New("it is so already")

func apply(text []byte, s Step) ([]byte, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	if s.Op == Remove {
		s.Path = d.emptied(s.Path)
	}
	out, err := d.change(s)
	if errors.Is(err, errUnchanged) {
		return text, nil
	}
	if err != nil {
		return nil, err
	}
	after, err := parse(out)
	if err != nil {
		return nil, fmt.Errorf("the change would not leave YAML: %w", err)
	}
	if err := meant(d.root, s); err != nil {
		return nil, err
	}
	if !same(d.root, after.root) || !slices.Equal(d.comments, after.comments) {
		return nil, errors.New("it is written in a way that cannot be changed without changing more")
	}
	return out, nil
}

// document is a text with its nodes.
type document struct {
	text     []byte
	lines    []int // where each line begins
	root     *yaml.Node
	comments []string // sorted
	eol      string
	step     int // by how much the document indents mappings
	listStep int // by how much lists in mappings
}

func parse(text []byte) (*document, error) {
	d := &document{text: text, eol: "\n", lines: []int{0}}
	for i, c := range text {
		switch {
		case c == '\n':
			d.lines = append(d.lines, i+1)
		case c == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			return nil, errors.New("the file has line ends of old Macintoshes")
		}
	}
	if bytes.Contains(text, []byte("\r\n")) {
		d.eol = "\r\n"
	}
	for _, other := range []string{"\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(text, []byte(other)) {
			return nil, errors.New("the file has line ends that readers of YAML do not agree on")
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	if err := dec.Decode(&root); err != nil {
		return nil, err
	}
	if len(root.Content) != 1 || dec.Decode(&more) == nil {
		return nil, errors.New("there is not just one document")
	}
	d.root = root.Content[0]
	d.step, d.listStep = indentation(d.root)
	spans, err := d.scalars(d.root, nil)
	if err != nil {
		return nil, err
	}
	d.comments = commentsIn(text, 0, len(text), spans)
	slices.Sort(d.comments)
	return d, nil
}

// indentation finds how the document indents what stands in its mappings.
func indentation(root *yaml.Node) (mapping, list int) {
	mapping, list = 0, -1
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 && block(n) && block(c) && c.Line > n.Content[i-1].Line {
				by := c.Column - n.Content[i-1].Column
				if c.Kind == yaml.MappingNode && mapping == 0 && by > 0 {
					mapping = by
				}
				if c.Kind == yaml.SequenceNode && list < 0 && by >= 0 {
					list = by
				}
			}
			walk(c)
		}
	}
	walk(root)
	if mapping == 0 {
		mapping = 2
	}
	return mapping, max(list, 0)
}

// block reports a mapping or list with members that is not in braces or brackets.
func block(n *yaml.Node) bool {
	return (n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode) && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0
}

// member gives the key and the value of a step of a path; a list's elements have
// no key.
func member(n *yaml.Node, step string) (key, value *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == step {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}

// emptied shortens the path of what is removed to the outermost thing that would
// be left without members.
func (d *document) emptied(path []string) []string {
	nodes := []*yaml.Node{d.root}
	for _, step := range path {
		_, next := member(nodes[len(nodes)-1], step)
		if next == nil {
			return path
		}
		nodes = append(nodes, next)
	}
	for len(path) > 1 {
		parent := nodes[len(path)-1]
		if parent.Kind == yaml.MappingNode && len(parent.Content) > 2 || parent.Kind == yaml.SequenceNode && len(parent.Content) > 1 {
			break
		}
		path = path[:len(path)-1]
	}
	return path
}

// found is where a path leads.
type found struct {
	parent, key, value *yaml.Node // value nil: nothing is there
	depth              int        // how much of the path exists below the parent
}

// find follows a path as far as it goes. What is shared with other places is not
// entered: a change would be one of those too.
func (d *document) find(path []string) (found, error) {
	at := found{value: d.root}
	for i, step := range path {
		n := at.value
		if err := own(n); err != nil {
			return at, err
		}
		if n.Kind == yaml.ScalarNode && isNull(n) {
			return at, nil
		}
		if n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode {
			return at, fmt.Errorf("%s is neither a mapping nor a list", strings.Join(path[:i], "."))
		}
		key, value := member(n, step)
		if value == nil && n.Kind == yaml.SequenceNode {
			return at, fmt.Errorf("%s has no element %s", strings.Join(path[:i], "."), step)
		}
		if value == nil && merges(n) {
			return at, fmt.Errorf("%s takes members from an anchor (<<)", strings.Join(path[:i], "."))
		}
		at = found{parent: n, key: key, value: value, depth: i}
		if value == nil {
			return at, nil
		}
	}
	at.depth = len(path)
	return at, own(at.value)
}

// own refuses what an anchor shares.
func own(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return fmt.Errorf("line %d is shared through an anchor or alias; change it by hand, with what else it changes in mind", n.Line)
	}
	return nil
}

func merges(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == "!!merge" {
			return true
		}
	}
	return false
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// meant makes a change in the nodes, so that the text can be held against it.
func meant(root *yaml.Node, s Step) error {
	n := root
	for i, step := range s.Path[:len(s.Path)-1] {
		_, next := member(n, step)
		if next == nil || isNull(next) {
			made := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			put(n, step, made)
			next = made
		}
		if next.Kind == yaml.ScalarNode {
			return fmt.Errorf("%s is neither a mapping nor a list", strings.Join(s.Path[:i+1], "."))
		}
		n = next
	}
	last := s.Path[len(s.Path)-1]
	_, old := member(n, last)
	switch s.Op {
	case Set:
		value, err := scalar(s.Value)
		if err != nil {
			return err
		}
		put(n, last, value)
	case Append:
		value, err := scalar(s.Value)
		if err != nil {
			return err
		}
		if old == nil || isNull(old) {
			old = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
			put(n, last, old)
		}
		old.Content = append(old.Content, value)
	case Remove:
		i := slices.Index(n.Content, old)
		if n.Kind == yaml.MappingNode {
			n.Content = slices.Delete(n.Content, i-1, i+1)
		} else {
			n.Content = slices.Delete(n.Content, i, i+1)
		}
	}
	return nil
}

// put sets a member of a mapping or an element of a list.
func put(n *yaml.Node, step string, value *yaml.Node) {
	_, old := member(n, step)
	if i := slices.Index(n.Content, old); old != nil && i >= 0 {
		n.Content[i] = value
		return
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: step}, value)
}

// scalar reads a value that is to be written.
func scalar(text string) (*yaml.Node, error) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil || len(root.Content) != 1 || root.Content[0].Kind != yaml.ScalarNode || strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("%q is not a value of one line", text)
	}
	if n := root.Content[0]; strings.HasPrefix(text, "!") || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Anchor != "" || root.LineComment+root.HeadComment+root.FootComment+n.LineComment+n.HeadComment+n.FootComment != "" {
		return nil, fmt.Errorf("%q is more than a value", text)
	}
	return root.Content[0], nil
}

// same compares what nodes mean, the order of members included: nothing moves.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Anchor != b.Anchor || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.AliasNode {
		return true // the name, which is the value, says of what
	}
	if a.ShortTag() != b.ShortTag() {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// Quote writes a text as a YAML scalar of one line, plain where that is read as
// the same text by every reader.
func Quote(text string) string {
	plain := text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r > 'z' || !strings.ContainsRune("-._/", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) && strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", rune(text[0]))
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		plain = false
	}
	if plain {
		return text
	}
	return strconv.QuoteToASCII(text)
}

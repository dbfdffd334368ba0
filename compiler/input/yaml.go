package input

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml parses the chunk with yaml.v3 for the positions, and builds nodes of ours.
func (c Chunk) yaml() ([]*Document, error) {
	if most := mostNodes(c.data); most > c.limits.Nodes {
		return nil, c.errorf(c.line+1, 0, "the document may hold %d values, the limit is %d; split it into several files", most, c.limits.Nodes)
	}
	dec := yaml.NewDecoder(bytes.NewReader(c.data))
	var docs []*Document
	for {
		var root yaml.Node
		err := dec.Decode(&root)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, c.syntaxError(err)
		}
		b := builder{chunk: c, anchors: map[*yaml.Node]built{}}
		n, err := b.document(&root)
		if err != nil {
			return nil, err
		}
		if n != nil && n.Kind != Null {
			docs = append(docs, &Document{File: c.file, Root: n})
		}
	}
}

// mostNodes is an upper bound on the nodes that parsing data makes: each is begun or ended by one of these characters,
// and an entry without a value makes two.
func mostNodes(data []byte) int {
	most := 2
	for _, sep := range []string{"[", "{", ",", ":", "-", "\n", "?", "\r"} {
		most += bytes.Count(data, []byte(sep))
	}
	return most
}

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// grammarError are the problems that yaml.v3 finds in its grammar: their lines count from 0, those of its scanner from 1.
var grammarError = regexp.MustCompile(`^did not find expected (<|node content|key|'-' indicator|',' or)`)

var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

// syntaxError places an error of the parser, which knows the line at most, and explains tabs.
func (c Chunk) syntaxError(err error) *Error {
	line, text := 1, err.Error()
	if m := yamlErrorLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
			if grammarError.MatchString(text) {
				line++
			}
		}
	}
	if m := unknownAnchor.FindStringSubmatch(text); m != nil {
		if i := bytes.Index(c.data, []byte("*"+m[1])); i >= 0 {
			line, column := lineColumn(c.data, i)
			return c.errorf(c.line+line, column, "no anchor %q in this document", m[1])
		}
	}
	if n, column, ok := c.tab(line); ok && (strings.Contains(text, "cannot start any token") || strings.Contains(text, "tab")) {
		return c.errorf(c.line+n, column, "a tab cannot indent YAML; use spaces")
	}
	wrong := c.errorf(c.line+line, 0, "not valid YAML: %s%s", text, c.template())
	if helmAction.Match(c.data) {
		wrong.Foreign, wrong.Pods = true, true
	}
	return wrong
}

// tab finds a tab in the indentation of a line or of one beside it: the parser counts a token's line in two ways.
func (c Chunk) tab(line int) (n, column int, ok bool) {
	lines := bytes.SplitN(c.data, []byte("\n"), line+2)
	for _, n := range []int{line, line + 1, line - 1} {
		if n < 1 || n > len(lines) {
			continue
		}
		text := lines[n-1]
		indent := text[:len(text)-len(bytes.TrimLeft(text, " \t-"))]
		if i := bytes.IndexByte(indent, '\t'); i >= 0 {
			return n, i + 1, true
		}
	}
	return 0, 0, false
}

// builder turns the nodes of one YAML document into ours.
type builder struct {
	chunk   Chunk
	anchors map[*yaml.Node]built
	aliased int
	arena   []Node
}

// built is what an anchor stands for, with the nodes and the depth that each of its aliases adds. A nil node is one
// that is still being built: an alias of it would contain itself.
type built struct {
	node        *Node
	size, depth int
}

func (b *builder) document(root *yaml.Node) (*Node, error) {
	if len(root.Content) != 1 {
		return nil, nil
	}
	v, err := b.value(root.Content[0], 1)
	return v.node, err
}

func (b *builder) errorf(n *yaml.Node, format string, args ...any) *Error {
	return b.chunk.errorf(b.chunk.line+n.Line, n.Column, format, args...)
}

// newNode takes nodes from blocks: one by one they cost a third of the time of reading.
func (b *builder) newNode(kind Kind, n *yaml.Node) *Node {
	if len(b.arena) == 0 {
		b.arena = make([]Node, 128)
	}
	out := &b.arena[0]
	b.arena = b.arena[1:]
	out.Kind, out.Line, out.Column = kind, int32(b.chunk.line+n.Line), int32(n.Column)
	return out
}

func (b *builder) value(n *yaml.Node, depth int) (built, error) {
	if depth > b.chunk.limits.Depth {
		return built{}, b.errorf(n, "nested more than %d deep", b.chunk.limits.Depth)
	}
	if n.Kind == yaml.AliasNode {
		return b.alias(n, depth)
	}
	if n.Anchor != "" {
		b.anchors[n] = built{}
	}
	v, err := b.content(n, depth)
	if n.Anchor != "" {
		b.anchors[n] = v
	}
	return v, err
}

func (b *builder) content(n *yaml.Node, depth int) (built, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		kind, value, err := b.scalar(n)
		if err != nil {
			return built{}, err
		}
		out := b.newNode(kind, n)
		out.Value = value
		return built{out, 1, 1}, nil
	case yaml.SequenceNode:
		return b.sequence(n, depth)
	case yaml.MappingNode:
		return b.mapping(n, depth)
	}
	return built{}, b.errorf(n, "not a value")
}

func (b *builder) alias(n *yaml.Node, depth int) (built, error) {
	v, known := b.anchors[n.Alias]
	switch {
	case !known:
		// yaml.v3 keeps anchors from one document of a stream to the next; YAML does not.
		return v, b.errorf(n, "no anchor %q in this document", n.Value)
	case v.node == nil:
		return v, b.errorf(n, "anchor %q contains itself", n.Value)
	case depth+v.depth-1 > b.chunk.limits.Depth:
		return v, b.errorf(n, "nested more than %d deep", b.chunk.limits.Depth)
	}
	b.aliased += v.size
	if b.aliased > min(b.chunk.limits.Aliased, 2*len(b.chunk.data)) {
		return v, b.errorf(n, "aliases expand to more values than %d; write them out", min(b.chunk.limits.Aliased, 2*len(b.chunk.data)))
	}
	return v, nil
}

func (b *builder) scalar(n *yaml.Node) (Kind, string, error) {
	if n.Style&yaml.TaggedStyle != 0 {
		kind, value, ok := resolveTagged(n.Tag, n.Value)
		if !ok {
			return Invalid, "", b.errorf(n, "%s cannot be read as %s", strconv.Quote(clip(n.Value)), n.Tag)
		}
		return kind, value, nil
	}
	if n.Style&^yaml.TaggedStyle != 0 {
		return String, n.Value, nil
	}
	kind, value := resolve(n.Value)
	if kind == Invalid {
		return kind, "", b.errorf(n, "%s has no form in JSON; quote it if it is text", n.Value)
	}
	return kind, value, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}

func (b *builder) sequence(n *yaml.Node, depth int) (built, error) {
	v := built{node: b.newNode(Sequence, n), size: 1}
	v.node.Items = make([]*Node, len(n.Content))
	for i, c := range n.Content {
		item, err := b.value(c, depth+1)
		if err != nil {
			return v, err
		}
		v.node.Items[i] = item.node
		v.size += item.size
		v.depth = max(v.depth, item.depth)
	}
	v.depth++
	return v, nil
}

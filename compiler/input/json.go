package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// looksLikeJSON reports a chunk whose first character begins a JSON object or list. Numbers and text are no manifests,
// and so are left to YAML.
func (c Chunk) looksLikeJSON() bool {
	text := bytes.TrimSpace(c.body())
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// quotesKeys reports a chunk that begins with a brace and a quote.
func (c Chunk) quotesKeys() bool {
	text, found := bytes.CutPrefix(bytes.TrimSpace(c.body()), []byte("{"))
	return found && bytes.HasPrefix(bytes.TrimSpace(text), []byte(`"`))
}

// body is the chunk without its document marker.
func (c Chunk) body() []byte {
	if isMarker(c.data, "---") {
		return c.data[3:]
	}
	return c.data
}

// json parses a stream of JSON values. syntax is the error where the chunk is not JSON.
func (c Chunk) json() (docs []*Document, syntax, err error) {
	body := c.body()
	j := jsonReader{chunk: c, data: body, line: c.line + 1, column: 1 + len(c.data) - len(body)}
	dec := json.NewDecoder(bytes.NewReader(body))
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return docs, nil, nil
		}
		if err != nil {
			return nil, j.syntaxError(err), nil
		}
		j.end = int(dec.InputOffset())
		j.nodes = 0
		n, err := j.value(1)
		if err != nil {
			return nil, nil, err
		}
		if n.Kind != Null {
			docs = append(docs, &Document{File: c.file, Root: n})
		}
	}
}

// syntaxError places an error of encoding/json, which tells the offset of a wrong character.
func (j *jsonReader) syntaxError(err error) error {
	at := len(bytes.TrimRight(j.data, " \t\r\n"))
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) && wrong.Offset > 0 {
		at = min(at, int(wrong.Offset)-1)
	}
	j.skip(max(at, j.at))
	return j.errorf("not valid JSON: %v%s", err, j.chunk.template())
}

// jsonReader builds nodes of JSON that encoding/json has found valid up to end, so that it need not check the grammar.
type jsonReader struct {
	chunk        Chunk
	data         []byte
	at, end      int
	line, column int // of data[at]
	nodes        int
	arena        []Node
}

func (j *jsonReader) errorf(format string, args ...any) *Error {
	return j.chunk.errorf(j.line, j.column, format, args...)
}

// skip moves to offset to, keeping line and column.
func (j *jsonReader) skip(to int) {
	text := j.data[j.at:to]
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		j.line += bytes.Count(text, []byte("\n"))
		j.column = 1
		text = text[i+1:]
	}
	j.column += utf8.RuneCount(text)
	j.at = to
}

// next moves over white space, and over the punctuation that a valid value has between its parts.
func (j *jsonReader) next() byte {
	to := j.at
	for {
		switch j.data[to] {
		case ' ', '\t', '\r', '\n', ',', ':':
			to++
			continue
		}
		j.skip(to)
		return j.data[to]
	}
}

func (j *jsonReader) value(depth int) (*Node, error) {
	first := j.next()
	if depth > j.chunk.limits.Depth {
		return nil, j.errorf("nested more than %d deep", j.chunk.limits.Depth)
	}
	if j.nodes++; j.nodes > j.chunk.limits.Nodes {
		return nil, j.errorf("the document holds more than %d values; split it into several files", j.chunk.limits.Nodes)
	}
	n := j.newNode()
	switch first {
	case '{':
		n.Kind = Mapping
		return n, j.object(n, depth)
	case '[':
		n.Kind = Sequence
		return n, j.array(n, depth)
	case '"':
		n.Kind = String
		n.Value = j.text()
		return n, nil
	case 't', 'f':
		n.Kind = Bool
		n.Value = j.word()
		return n, nil
	case 'n':
		n.Kind = Null
		j.word()
		return n, nil
	}
	return n, j.number(n)
}

func (j *jsonReader) newNode() *Node {
	if len(j.arena) == 0 {
		j.arena = make([]Node, 128)
	}
	n := &j.arena[0]
	j.arena = j.arena[1:]
	n.Line, n.Column = int32(j.line), int32(j.column)
	return n
}

func (j *jsonReader) object(n *Node, depth int) error {
	j.skip(j.at + 1)
	all := fields{}
	for j.next() != '}' {
		f := Field{Line: int32(j.line), Column: int32(j.column)}
		f.Key = j.text()
		if i := all.find(f.Key); i >= 0 {
			return j.chunk.errorf(int(f.Line), int(f.Column), "duplicate key %q, first at line %d", clip(f.Key), all.list[i].Line)
		}
		v, err := j.value(depth + 1)
		if err != nil {
			return err
		}
		f.Value = v
		all.add(f)
	}
	j.skip(j.at + 1)
	n.Fields = all.list
	return nil
}

func (j *jsonReader) array(n *Node, depth int) error {
	j.skip(j.at + 1)
	for j.next() != ']' {
		v, err := j.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, v)
	}
	j.skip(j.at + 1)
	return nil
}

// text reads the quoted text that begins here.
func (j *jsonReader) text() string {
	end, escaped := j.at+1, false
	for j.data[end] != '"' {
		if j.data[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	quoted := j.data[j.at : end+1]
	j.skip(end + 1)
	if !escaped {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		panic("text was found valid: " + err.Error())
	}
	return s
}

// word reads a literal or a number.
func (j *jsonReader) word() string {
	end := j.at
	for end < j.end && bytes.IndexByte([]byte(" \t\r\n,:]}"), j.data[end]) < 0 {
		end++
	}
	w := string(j.data[j.at:end])
	j.skip(end)
	return w
}

func (j *jsonReader) number(n *Node) error {
	text := j.word()
	if n.Kind, n.Value = resolveNumber(text); n.Kind != Number {
		return j.chunk.errorf(int(n.Line), int(n.Column), "the number %s is too large", clip(text))
	}
	return nil
}

package input

import (
	"fmt"
	"strings"
)

// Document is one YAML document or one JSON value of a file.
type Document struct {
	File string // as the caller named it
	Root *Node
}

// Position says where the value at a path stands: at its key in a mapping, at its first character in a list. A path is
// made of keys and of indexes in decimal, as in Node.At. Where the path ends early the position is that of the last step
// that exists, and exact is false. Reached through an alias, it is the place of the anchored text.
func (d *Document) Position(path ...string) (line, column int, exact bool) {
	n := d.Root
	line, column = int(n.Line), int(n.Column)
	for _, step := range path {
		if f := n.field(step); f != nil {
			line, column, n = int(f.Line), int(f.Column), f.Value
			continue
		}
		if n = n.step(step); n == nil {
			return line, column, false
		}
		line, column = int(n.Line), int(n.Column)
	}
	return line, column, true
}

// Error is input that cannot be read.
type Error struct {
	File string
	Line int // from 1; 0 where the whole file is meant
	// Column counts characters from 1; 0 where only the line is known.
	Column  int
	Problem string // what is wrong, and how to mend it
	// Foreign is true where the input is recognizably neither Kubernetes objects nor a plan, so that nothing can be in
	// it that the reader missed. Pods is true of what makes some when it has been rendered, as templates do.
	Foreign, Pods bool
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	b.WriteString(": ")
	b.WriteString(e.Problem)
	return b.String()
}

// Limits bound what reading may cost. The zero value refuses everything; start from DefaultLimits.
type Limits struct {
	Bytes     int64 // of one file
	Documents int   // of one file
	Depth     int   // of nesting in one document, aliases expanded
	// Nodes of one document. YAML is refused by an upper bound that is counted before parsing, because the parser's
	// own nodes are what costs the memory.
	Nodes int
	// Aliased nodes of one document: those reached through an alias, each time anew. A document may also not expand
	// to more than two such nodes for each of its bytes.
	Aliased int
}

// DefaultLimits are generous for what people write (an object in etcd is at most 1.5 MiB) and keep one file below
// about 1 GB of memory.
func DefaultLimits() Limits {
	return Limits{Bytes: 64 << 20, Documents: 100_000, Depth: 512, Nodes: 4_000_000, Aliased: 100_000}
}

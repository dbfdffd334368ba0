// Package input reads what a policy is held against: Kubernetes manifests in YAML or JSON, and Terraform plans.
//
// It turns bytes into documents whose nodes know their place, and resolves scalars as kubectl does (through
// sigs.k8s.io/yaml: `yes` is true, 0644 is 420, `<<` merges). It says which objects hold pods, and names those that it
// does not read. It judges nothing.
//
// Everything here treats its input as hostile: size, depth, number of nodes and expansion of aliases are bounded, and
// what two readers of YAML would understand differently is an error rather than a guess.
package input

import "strconv"

// Kind is the JSON type of a node. Its zero value is no type at all.
type Kind uint8

// The kinds of nodes.
const (
	Invalid Kind = iota // not a node that a reader made
	Null
	Bool
	Number
	String
	Sequence
	Mapping
)

var kindNames = [...]string{"invalid", "null", "boolean", "number", "string", "list", "object"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Node is one value of a document. Nodes are shared where the document uses an alias, and must not be changed.
type Node struct {
	Kind Kind
	// Line and Column are where the value begins, from 1; the column counts characters.
	Line, Column int32
	// Value is the text of a String, the JSON form of a Number, "true" or "false" of a Bool.
	Value string
	// Items are the elements of a Sequence.
	Items []*Node
	// Fields are the members of a Mapping, in the order of the document, keys unique.
	Fields []Field
}

// Field is one member of a mapping.
type Field struct {
	Key string
	// Line and Column are where the key begins.
	Line, Column int32
	Value        *Node
}

// Get returns the value of a mapping's key, or nil: for a node that is nil or no mapping too, so that lookups chain.
func (n *Node) Get(key string) *Node {
	if f := n.field(key); f != nil {
		return f.Value
	}
	return nil
}

func (n *Node) field(key string) *Field {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return &n.Fields[i]
		}
	}
	return nil
}

// At follows a path of keys and of indexes in decimal. It returns nil where the path ends early.
func (n *Node) At(path ...string) *Node {
	for _, step := range path {
		n = n.step(step)
	}
	return n
}

func (n *Node) step(step string) *Node {
	if n != nil && n.Kind == Sequence {
		if i, ok := index(step, len(n.Items)); ok {
			return n.Items[i]
		}
		return nil
	}
	return n.Get(step)
}

// Text returns the text of a String node, and "" for every other node.
func (n *Node) Text() string {
	if n == nil || n.Kind != String {
		return ""
	}
	return n.Value
}

// index reads a canonical decimal index below length.
func index(step string, length int) (int, bool) {
	i, err := strconv.Atoi(step)
	if err != nil || i < 0 || i >= length || strconv.Itoa(i) != step {
		return 0, false
	}
	return i, true
}

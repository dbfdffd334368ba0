package input

import "go.yaml.in/yaml/v3"

// manyFields is the number of keys from which a mapping's keys are found by a map instead of one by one.
const manyFields = 16

// fields collects the members of a mapping and knows their keys.
type fields struct {
	list   []Field
	at     map[string]int  // nil while there are few
	merged map[string]bool // keys that came in by the merge key, and were not stated since
	merge  bool            // the merge key was seen
}

func (f *fields) find(key string) int {
	if f.at != nil {
		if i, ok := f.at[key]; ok {
			return i
		}
		return -1
	}
	for i := range f.list {
		if f.list[i].Key == key {
			return i
		}
	}
	return -1
}

func (f *fields) add(field Field) {
	if f.at != nil {
		f.at[field.Key] = len(f.list)
	} else if len(f.list) == manyFields {
		f.at = make(map[string]int, 2*manyFields)
		for i := range f.list {
			f.at[f.list[i].Key] = i
		}
		f.at[field.Key] = len(f.list)
	}
	f.list = append(f.list, field)
}

// mapping builds an object. Keys are compared as the text that they become, so that 1 and "1" are duplicates.
func (b *builder) mapping(n *yaml.Node, depth int) (built, error) {
	v := built{node: b.newNode(Mapping, n), size: 1}
	all := fields{list: make([]Field, 0, len(n.Content)/2)}
	for i := 0; i+1 < len(n.Content); i += 2 {
		child, err := b.entry(&all, n.Content[i], n.Content[i+1], depth+1)
		if err != nil {
			return v, err
		}
		v.size += child.size
		v.depth = max(v.depth, child.depth)
	}
	v.node.Fields = all.list
	v.depth++
	return v, nil
}

// entry builds one pair of a mapping, the key first: its anchor may serve in the value.
func (b *builder) entry(all *fields, key, value *yaml.Node, depth int) (built, error) {
	if isMerge(key) {
		child, err := b.value(value, depth)
		if err != nil {
			return child, err
		}
		return child, b.merge(all, key, value, child.node)
	}
	text, err := b.key(key)
	if err != nil {
		return built{}, err
	}
	child, err := b.value(value, depth)
	if err != nil {
		return child, err
	}
	return child, b.member(all, text, key, child.node)
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Tag == "!!merge" && key.Value == "<<"
}

// member adds one stated member. It replaces one that was merged in before it, and no other.
func (b *builder) member(all *fields, text string, key *yaml.Node, value *Node) error {
	field := Field{Key: text, Line: int32(b.chunk.line + key.Line), Column: int32(key.Column), Value: value}
	i := all.find(text)
	if i < 0 {
		all.add(field)
		return nil
	}
	if all.merged[text] {
		all.list[i] = field
		delete(all.merged, text)
		return nil
	}
	return b.errorf(key, "duplicate key %q, first at line %d", clip(text), all.list[i].Line)
}

// key is the text of a key, which may be an alias.
func (b *builder) key(key *yaml.Node) (string, error) {
	if key.Kind != yaml.ScalarNode && key.Kind != yaml.AliasNode {
		return "", b.errorf(key, "an object's key must be text, not a list or an object%s", b.chunk.template())
	}
	v, err := b.value(key, 1)
	if err != nil {
		return "", err
	}
	n := key
	if key.Kind == yaml.AliasNode {
		n = key.Alias
	}
	text, ok := keyText(v.node.Kind, v.node.Value, n.Value)
	if !ok {
		return "", b.errorf(key, "an object's key must be text; quote it")
	}
	return text, nil
}

// merge adds the members that the merge key brings. What the object states after it replaces them. What it states
// before it is an error: readers differ on which of the two holds (YAML says the stated one, kubectl takes the merged).
func (b *builder) merge(all *fields, key, value *yaml.Node, n *Node) error {
	sources := []*Node{n}
	if n.Kind == Sequence && value.Kind != yaml.AliasNode {
		sources = n.Items
	}
	if all.merge {
		return b.errorf(key, "the merge key << stands twice in one object; give it a list")
	}
	all.merge, all.merged = true, map[string]bool{}
	for _, source := range sources {
		if source.Kind != Mapping {
			return b.errorf(value, "the merge key << takes an object or a list of objects")
		}
		for _, f := range source.Fields {
			switch {
			case all.merged[f.Key]: // the first source wins
			case all.find(f.Key) >= 0:
				return b.errorf(key, "key %q is stated above and merged here, and readers of YAML differ on which holds; put << first", clip(f.Key))
			default:
				all.add(f)
				all.merged[f.Key] = true
			}
		}
	}
	return nil
}

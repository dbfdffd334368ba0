package input

import "encoding/json"

// JSON writes the value as JSON.
func (n *Node) JSON() []byte { return n.appendJSON(nil) }

func (n *Node) appendJSON(out []byte) []byte {
	if n == nil {
		return append(out, "null"...)
	}
	switch n.Kind {
	case String:
		return appendText(out, n.Value)
	case Number, Bool:
		return append(out, n.Value...)
	case Sequence:
		out = append(out, '[')
		for i, item := range n.Items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.appendJSON(out)
		}
		return append(out, ']')
	case Mapping:
		out = append(out, '{')
		for i, f := range n.Fields {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendText(out, f.Key), ':')
			out = f.Value.appendJSON(out)
		}
		return append(out, '}')
	}
	return append(out, "null"...)
}

func appendText(out []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic("input: a text that JSON cannot write: " + err.Error())
	}
	return append(out, quoted...)
}

package edit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// change makes one change in the text.
func (d *document) change(s Step) ([]byte, error) {
	if len(s.Path) == 0 {
		return nil, errors.New("a document is not changed as a whole")
	}
	at, err := d.find(s.Path)
	if err != nil {
		return nil, err
	}
	exists := at.depth == len(s.Path)
	switch {
	case s.Op == Remove && !exists:
		return nil, fmt.Errorf("there is no %s", strings.Join(s.Path, "."))
	case s.Op == Remove:
		return d.remove(at)
	case s.Op == Set && exists && !isNull(at.value):
		return d.replace(at.value, s.Value)
	case s.Op == Append && exists && at.value.Kind == yaml.SequenceNode:
		return d.extend(at.value, s.Value)
	case s.Op == Append && exists && !isNull(at.value):
		return nil, fmt.Errorf("%s is not a list", strings.Join(s.Path, "."))
	case s.Op == Set || s.Op == Append:
		return d.add(at, s)
	}
	return nil, errors.New("no such operation")
}

// add writes a member that is missing, with the mappings on the way to it.
func (d *document) add(at found, s Step) ([]byte, error) {
	if at.value != nil && at.key == nil {
		return nil, errors.New("an empty element of a list is not filled")
	}
	if at.value == nil { // at.parent is a mapping that lacks it
		missing := s.Path[at.depth:]
		if !block(at.parent) {
			return d.addFlow(at.parent, flow(missing, s))
		}
		last := at.parent.Content[len(at.parent.Content)-1]
		return d.insertLines(last, d.blockLines(at.parent.Content[0].Column-1, missing, s))
	}
	// at.value is null: the key stands there with nothing.
	var below []string
	if at.depth < len(s.Path) {
		below = s.Path[at.depth+1:]
	}
	from, to, err := d.span(at.value)
	if err != nil {
		return nil, err
	}
	if from < to || !block(at.parent) {
		value := flow(below, s)
		if from == to {
			value = " " + value
		}
		return d.splice(from, to, value), nil
	}
	if s.Op == Set && len(below) == 0 {
		return d.splice(from, from, " "+s.Value), nil
	}
	column := at.key.Column - 1
	if len(below) == 0 {
		return d.insertAt(d.lineEnd(from), []string{strings.Repeat(" ", column+d.listStep) + "- " + s.Value}), nil
	}
	return d.insertAt(d.lineEnd(from), d.blockLines(column+d.step, below, s)), nil
}

// flow writes members of members in braces.
func flow(keys []string, s Step) string {
	value := s.Value
	if s.Op == Append {
		value = "[" + value + "]"
	}
	for i := len(keys) - 1; i >= 0; i-- {
		value = "{" + Quote(keys[i]) + ": " + value + "}"
	}
	return value
}

// blockLines writes members of members as lines.
func (d *document) blockLines(column int, keys []string, s Step) []string {
	var lines []string
	for i, key := range keys {
		line := strings.Repeat(" ", column+i*d.step) + Quote(key) + ":"
		if i == len(keys)-1 && s.Op == Set {
			line += " " + s.Value
		}
		lines = append(lines, line)
	}
	if s.Op == Append {
		lines = append(lines, strings.Repeat(" ", column+(len(keys)-1)*d.step+d.listStep)+"- "+s.Value)
	}
	return lines
}

// addFlow adds a member to a mapping in braces.
func (d *document) addFlow(n *yaml.Node, braced string) ([]byte, error) {
	return d.addInside(n, strings.TrimSuffix(strings.TrimPrefix(braced, "{"), "}"))
}

// addInside adds text as the last member of braces or brackets.
func (d *document) addInside(n *yaml.Node, text string) ([]byte, error) {
	if len(n.Content) == 0 {
		from, _, err := d.span(n)
		return d.splice(from+1, from+1, text), err
	}
	_, end, err := d.span(n.Content[len(n.Content)-1])
	return d.splice(end, end, ", "+text), err
}

// extend adds an element to a list.
func (d *document) extend(n *yaml.Node, value string) ([]byte, error) {
	if !block(n) {
		return d.addInside(n, value)
	}
	return d.insertLines(n.Content[len(n.Content)-1], []string{strings.Repeat(" ", n.Column-1) + "- " + value})
}

// replace writes a scalar in place of another.
func (d *document) replace(n *yaml.Node, value string) ([]byte, error) {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return nil, fmt.Errorf("line %d holds no plain value of one line", n.Line)
	}
	from, to, err := d.span(n)
	if err != nil {
		return nil, err
	}
	if string(d.text[from:to]) == value {
		return nil, errUnchanged
	}
	return d.splice(from, to, value), nil
}

// remove takes out a member or an element. Its comments stay.
func (d *document) remove(at found) ([]byte, error) {
	first := at.value
	if at.key != nil {
		first = at.key
	}
	from, err := d.offset(first)
	if err != nil {
		return nil, err
	}
	_, to, err := d.span(at.value)
	if err != nil {
		return nil, err
	}
	i := indexOf(at.parent, first)
	if !block(at.parent) {
		return d.removeFlow(at, i, from, to)
	}
	if at.key == nil {
		if from, err = d.dash(at.parent, from); err != nil {
			return nil, err
		}
	}
	start := d.lineStart(from)
	spans, err := d.scalars(at.value, nil)
	if err != nil {
		return nil, err
	}
	if at.key != nil {
		if spans, err = d.scalars(at.key, spans); err != nil {
			return nil, err
		}
	}
	if len(bytes.TrimLeft(d.text[start:from], " ")) == 0 {
		end := d.lineEnd(to)
		return d.splice(start, end, d.kept(start, end, spans, from-start)), nil
	}
	// The first member of an element stands behind its dash: the next takes its place.
	if at.key == nil || i+2 >= len(at.parent.Content) {
		return nil, fmt.Errorf("line %d holds more than what is to be removed", first.Line)
	}
	next, err := d.offset(at.parent.Content[i+2])
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, c := range commentsIn(d.text, from, next, spans) {
		b.WriteString(c + d.eol + strings.Repeat(" ", at.key.Column-1))
	}
	return d.splice(from, next, b.String()), nil
}

// kept are the comments of what is removed, as lines.
func (d *document) kept(from, to int, spans []span, column int) string {
	var b strings.Builder
	for _, c := range commentsIn(d.text, from, to, spans) {
		b.WriteString(strings.Repeat(" ", column) + c + d.eol)
	}
	return b.String()
}

func indexOf(parent, child *yaml.Node) int {
	for i, c := range parent.Content {
		if c == child {
			return i
		}
	}
	return -1
}

// removeFlow takes a member out of braces or brackets, with one comma.
func (d *document) removeFlow(at found, i, from, to int) ([]byte, error) {
	size := 1
	if at.key != nil {
		size = 2
	}
	if i+size < len(at.parent.Content) {
		next, err := d.offset(at.parent.Content[i+size])
		return d.splice(from, next, ""), err
	}
	if i > 0 {
		_, end, err := d.span(at.parent.Content[i-1])
		return d.splice(end, to, ""), err
	}
	return d.splice(from, to, ""), nil
}

// dash finds the dash in front of an element of a list.
func (d *document) dash(list *yaml.Node, from int) (int, error) {
	for start := d.lineStart(from); ; start = d.lineStart(start - 1) {
		at := start + list.Column - 1
		if at < len(d.text) && d.text[at] == '-' && len(bytes.TrimLeft(d.text[start:at], " ")) == 0 {
			return at, nil
		}
		if start == 0 || len(bytes.TrimSpace(d.text[start:from])) > 0 {
			return 0, errors.New("the element stands in a list of lists")
		}
	}
}

// insertLines adds lines below the last line of a node.
func (d *document) insertLines(after *yaml.Node, lines []string) ([]byte, error) {
	_, end, err := d.span(after)
	if err != nil {
		return nil, err
	}
	if end > 0 && d.text[end-1] == '\n' {
		return d.insertAt(end, lines), nil // a block scalar ends with its line
	}
	return d.insertAt(d.lineEnd(end), lines), nil
}

func (d *document) insertAt(at int, lines []string) []byte {
	text := strings.Join(lines, d.eol) + d.eol
	if at > 0 && d.text[at-1] != '\n' { // the file ends within its last line
		text = d.eol + strings.TrimSuffix(text, d.eol)
	}
	return d.splice(at, at, text)
}

func (d *document) splice(from, to int, text string) []byte {
	out := make([]byte, 0, len(d.text)+len(text))
	out = append(out, d.text[:from]...)
	out = append(out, text...)
	return append(out, d.text[to:]...)
}

// lineStart is where the line of an offset begins, lineEnd where the next does.
func (d *document) lineStart(at int) int { return bytes.LastIndexByte(d.text[:at], '\n') + 1 }

func (d *document) lineEnd(at int) int {
	if i := bytes.IndexByte(d.text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(d.text)
}

// offset is where a node begins. The parser counts characters.
func (d *document) offset(n *yaml.Node) (int, error) {
	if n.Line < 1 || n.Line > len(d.lines) {
		return 0, fmt.Errorf("line %d cannot be found", n.Line)
	}
	at := d.lines[n.Line-1]
	for range n.Column - 1 {
		if at >= len(d.text) {
			return 0, fmt.Errorf("column %d of line %d cannot be found", n.Column, n.Line)
		}
		_, size := utf8.DecodeRune(d.text[at:])
		at += size
	}
	return at, nil
}

// span is the text of scalars, keys included, where # begins no comment.
type span struct{ from, to int }

// scalars lists the texts of all scalars below a node.
func (d *document) scalars(n *yaml.Node, spans []span) ([]span, error) {
	if n.Kind == yaml.ScalarNode {
		from, to, err := d.span(n)
		return append(spans, span{from, to}), err
	}
	for _, c := range n.Content {
		var err error
		if spans, err = d.scalars(c, spans); err != nil {
			return nil, err
		}
	}
	return spans, nil
}

// commentsIn lists the comments of a piece of text.
func commentsIn(text []byte, from, to int, spans []span) []string {
	within := map[int]int{}
	for _, s := range spans {
		within[s.from] = max(within[s.from], s.to)
	}
	var out []string
	for at := from; at < to; at++ {
		if end := within[at]; end > at {
			at = end - 1
			continue
		}
		if text[at] != '#' || at > 0 && !unicode.IsSpace(rune(text[at-1])) {
			continue
		}
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i
		}
		out = append(out, strings.TrimRight(string(text[at:end]), "\r"))
		at = end
	}
	return out
}

// span finds the text of a node. The parser tells only where it begins.
func (d *document) span(n *yaml.Node) (from, to int, err error) {
	if from, err = d.offset(n); err != nil {
		return 0, 0, err
	}
	switch n.Kind {
	case yaml.AliasNode:
		return from, from + 1 + len(n.Value), nil
	case yaml.ScalarNode:
		to, err = d.scalarEnd(n, from)
		return from, to, err
	}
	if block(n) {
		_, to, err = d.span(n.Content[len(n.Content)-1])
		return from, to, err
	}
	from, to, err = d.flowSpan(n, from)
	return from, to, err
}

// flowSpan finds the closing brace or bracket.
func (d *document) flowSpan(n *yaml.Node, from int) (int, int, error) {
	open, shut := byte('{'), byte('}')
	if n.Kind == yaml.SequenceNode {
		open, shut = '[', ']'
	}
	from = d.properties(from)
	if from >= len(d.text) || d.text[from] != open {
		return 0, 0, fmt.Errorf("line %d is written in a way that is not understood here", n.Line)
	}
	at := from + 1
	if len(n.Content) > 0 {
		_, end, err := d.span(n.Content[len(n.Content)-1])
		if err != nil {
			return 0, 0, err
		}
		at = end
	}
	for ; at < len(d.text); at++ {
		switch c := d.text[at]; {
		case c == shut:
			return from, at + 1, nil
		case c == '#' && unicode.IsSpace(rune(d.text[at-1])):
			at = d.lineEnd(at) - 1
		case c != ',' && !unicode.IsSpace(rune(c)):
			return 0, 0, fmt.Errorf("line %d is written in a way that is not understood here", n.Line)
		}
	}
	return 0, 0, fmt.Errorf("line %d opens what is not closed", n.Line)
}

// properties skips an anchor and a tag in front of a value.
func (d *document) properties(at int) int {
	for at < len(d.text) && (d.text[at] == '&' || d.text[at] == '!') {
		for at < len(d.text) && !unicode.IsSpace(rune(d.text[at])) {
			at++
		}
		for at < len(d.text) && unicode.IsSpace(rune(d.text[at])) {
			at++
		}
	}
	return at
}

func (d *document) scalarEnd(n *yaml.Node, from int) (int, error) {
	at := from
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		at = d.properties(from)
	}
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for at++; at < len(d.text) && d.text[at] != '"'; at++ {
			if d.text[at] == '\\' {
				at++
			}
		}
		at++
	case n.Style&yaml.SingleQuotedStyle != 0:
		for at++; at < len(d.text); at++ {
			if d.text[at] != '\'' {
				continue
			}
			if at+1 < len(d.text) && d.text[at+1] == '\'' {
				at++
				continue
			}
			break
		}
		at++
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return d.blockEnd(at), nil
	default:
		for _, r := range n.Value { // folding changes white space only
			if unicode.IsSpace(r) {
				continue
			}
			for at < len(d.text) && unicode.IsSpace(rune(d.text[at])) {
				at++
			}
			if !bytes.HasPrefix(d.text[at:], []byte(string(r))) {
				return 0, fmt.Errorf("line %d is written in a way that is not understood here", n.Line)
			}
			at += utf8.RuneLen(r)
		}
	}
	if at > len(d.text) {
		return 0, fmt.Errorf("line %d opens what is not closed", n.Line)
	}
	return at, nil
}

// blockEnd finds the end of a block scalar whose header is at an offset: the first
// line with less indentation than its text has. Blank lines behind it belong to it
// only where its header says so (+).
func (d *document) blockEnd(header int) int {
	at := d.lineEnd(header)
	keep := bytes.ContainsRune(d.text[header:at], '+')
	end, indent := at, 0
	for at < len(d.text) {
		next := d.lineEnd(at)
		line := bytes.TrimRight(d.text[at:next], " \r\n")
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		switch {
		case len(line) == 0:
			if keep {
				end = next
			}
			at = next
			continue
		case indent == 0:
			indent = spaces
		}
		if spaces < indent || spaces == 0 {
			break
		}
		at, end = next, next
	}
	return end
}

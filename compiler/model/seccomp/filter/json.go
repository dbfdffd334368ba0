package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of what is read. A container runtime's own profile has 15 KiB and six levels.
const (
	maxBytes = 8 << 20
	maxDepth = 16
	maxNodes = 1 << 20
)

// node is one value of a JSON document, with the place it stands at.
type node struct {
	place  string // JSON pointer
	offset int64  // in bytes, of the value's first character
	value  any    // nil, bool, json.Number or string; for objects and lists see below
	kind   byte   // '{', '[' or 'v'
	keys   []string
	items  []*node // members in the order of keys, or elements
}

// member returns an object's member, or nil when it is absent or null.
func (n *node) member(key string) *node {
	for i, k := range n.keys {
		if k == key && !n.items[i].null() {
			return n.items[i]
		}
	}
	return nil
}

func (n *node) null() bool { return n.kind == 'v' && n.value == nil }

// kindName says what a value is, for messages.
func (n *node) kindName() string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	switch n.value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	}
	return "a number"
}

// reader turns bytes into nodes. It refuses what readers of one profile might understand differently: a key twice, bytes that are
// not UTF-8, a second value after the first.
type reader struct {
	data  []byte
	dec   *json.Decoder
	nodes int
	index map[string]int64 // place -> offset
}

func readDocument(data []byte) (*node, map[string]int64, error) {
	switch {
	case len(data) > maxBytes:
		return nil, nil, fmt.Errorf("the profile has %d bytes, the limit is %d", len(data), maxBytes)
	case !utf8.Valid(data):
		return nil, nil, errors.New("the profile is not UTF-8 text")
	case len(bytes.TrimSpace(data)) == 0:
		return nil, nil, errors.New("the profile is empty: it must be one JSON object with a defaultAction")
	}
	r := &reader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), index: map[string]int64{}}
	r.dec.UseNumber()
	root, err := r.value("", 0)
	if err != nil {
		return nil, r.index, describe(data, r.dec.InputOffset(), err)
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, nil, fmt.Errorf("%s: more text after the profile's end", at(data, r.dec.InputOffset()))
	}
	return root, r.index, nil
}

// describe adds to what the decoder says where the last good token ended: its own offset does not count from the document's start.
func describe(data []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: %w", at(data, offset), err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the profile ends before its last bracket", at(data, int64(len(data))))
	}
	return err
}

// at writes an offset as line and column, both from 1.
func at(data []byte, offset int64) string {
	line, column := position(data, offset)
	return fmt.Sprintf("line %d, column %d", line, column)
}

func position(data []byte, offset int64) (line, column int) {
	before := data[:min(max(offset, 0), int64(len(data)))]
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

func (r *reader) value(place string, depth int) (*node, error) {
	if r.nodes++; r.nodes > maxNodes {
		return nil, wrong(place, "the profile has more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return nil, wrong(place, "more than %d levels of brackets", maxDepth)
	}
	start := r.dec.InputOffset()
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	for strings.IndexByte(" \t\r\n:,", r.data[start]) >= 0 { // what stands between two tokens
		start++
	}
	n := &node{place: place, offset: start, kind: 'v', value: token}
	r.index[place] = n.offset
	switch token {
	case json.Delim('{'):
		n.kind, n.value = '{', nil
		return n, r.object(n, depth)
	case json.Delim('['):
		n.kind, n.value = '[', nil
		return n, r.list(n, depth)
	}
	return n, nil
}

func (r *reader) object(n *node, depth int) error {
	seen := map[string]bool{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		key := token.(string) // the decoder lets nothing else be a key
		if seen[key] {
			return wrong(n.place, "the key %q is there twice; keep one, readers differ in which they take", key)
		}
		seen[key] = true
		item, err := r.value(n.place+"/"+escape(key), depth+1)
		if err != nil {
			return err
		}
		n.keys, n.items = append(n.keys, key), append(n.items, item)
	}
	_, err := r.dec.Token() // the closing bracket
	return err
}

func (r *reader) list(n *node, depth int) error {
	for r.dec.More() {
		item, err := r.value(fmt.Sprintf("%s/%d", n.place, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := r.dec.Token()
	return err
}

// escape writes a key as a part of a JSON pointer (RFC 6901).
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// orRoot names the document where its JSON pointer is empty.
func orRoot(place string) string {
	if place == "" {
		return "the profile"
	}
	return place
}

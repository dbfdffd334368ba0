package control

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Type is the shape of a control's value.
type Type int

// The shapes. The zero Type belongs to no control.
const (
	_        Type = iota
	Bool          // true or false
	Enum          // one of Control.Names
	Quantity      // an amount as Kubernetes writes it ("512Mi", "1500m")
	Count         // a whole number, at least 1
	Version       // the least version that will do ("1.7.29")
	Text          // free text from a known list, such as the name of an errno
	Set           // elements, each of them checked by Control.Element
	Map           // elements with an argument ("/var/log" = "read")
	Blocks        // labelled blocks, each a control of its own
)

// Value is what a control is set to. Which field holds it follows from the
// control's Type: Bool; Text for Enum, Quantity, Count, Version and Text; Items for
// the rest, sorted by key once a policy is resolved.
type Value struct {
	Bool  bool
	Text  string
	Items []Item
}

// Item is an element of a set, an entry of a map, or a labelled block.
type Item struct {
	Key   string // element, map key or block label
	Arg   string // what a map gives the key; the version of a runtime
	Body  Body   // the content of a labelled block, else nil
	Range hcl.Range
}

// Body is the content of a labelled block; the control's file declares its type.
type Body interface{ body() }

// Keys lists the keys of a value's items, in order.
func (v Value) Keys() []string {
	keys := make([]string, len(v.Items))
	for i, it := range v.Items {
		keys[i] = it.Key
	}
	return keys
}

// Has reports whether the value holds an item with the key.
func (v Value) Has(key string) bool {
	return slices.ContainsFunc(v.Items, func(it Item) bool { return it.Key == key })
}

// Item gives the item with the key.
func (v Value) Item(key string) (Item, bool) {
	i := slices.IndexFunc(v.Items, func(it Item) bool { return it.Key == key })
	if i < 0 {
		return Item{}, false
	}
	return v.Items[i], true
}

// Sorted gives the value with its items in order and without repetitions, so
// that what is emitted does not depend on how the author ordered a list.
func (v Value) Sorted() Value {
	v.Items = slices.Clone(v.Items)
	slices.SortStableFunc(v.Items, func(a, b Item) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return strings.Compare(a.Arg, b.Arg)
	})
	v.Items = slices.CompactFunc(v.Items, func(a, b Item) bool { return a.Key == b.Key && a.Arg == b.Arg })
	return v
}

// Covers reports whether the item names a control, or its block.
func (it Item) Covers(id ID) bool { return it.Key == string(id) || it.Key == id.Block() }

package control

import "slices"

// Within reports whether a allows nothing that b does not: a is as tight as b,
// or tighter. Values of different kinds of strictness (two sandboxes) are not
// within one another.
func (c *Control) Within(a, b Value) bool {
	switch c.Order {
	case AllowSet:
		return !slices.ContainsFunc(a.Items, func(it Item) bool { return !c.covers(b.Items, it) })
	case DenySet:
		return !slices.ContainsFunc(b.Items, func(it Item) bool { return !c.covers(a.Items, it) })
	case Ordered:
		return c.orderedWithin(a, b)
	}
	return true
}

// Exceeding lists the items of an allow set that the ceiling does not cover.
func (c *Control) Exceeding(v, ceiling Value) []Item {
	var out []Item
	for _, it := range v.Items {
		if !c.covers(ceiling.Items, it) {
			out = append(out, it)
		}
	}
	return out
}

// covers reports whether the items together contain all that one item matches.
func (c *Control) covers(items []Item, one Item) bool {
	if c.Element == nil {
		return slices.ContainsFunc(items, func(it Item) bool {
			return it.Key == one.Key && c.Block.Within(it, one)
		})
	}
	return c.Element.covers(items, one)
}

func (c *Control) orderedWithin(a, b Value) bool {
	switch c.Type {
	case Bool:
		return a.Bool == b.Bool || a.Bool == c.Strict
	case Enum:
		return a.Text == b.Text || c.place(a.Text) < c.place(b.Text)
	case Quantity, Count: // the empty text is: no bound
		return b.Text == "" || a.Text != "" && quantityAtMost(a.Text, b.Text)
	case Version: // the empty text is: any version
		return b.Text == "" || a.Text != "" && minimumWithin(a.Text, b.Text)
	}
	return a.Text == b.Text
}

func (c *Control) place(name string) int {
	if p, ok := c.rank[name]; ok {
		return p
	}
	return slices.Index(c.Names, name)
}

// Meet gives the loosest value that is within both: what holds where two
// extended policies both speak. Where the patterns of an allow set overlap without one
// containing the other, the overlap is left out, which is the stricter side.
// The second result is false where nothing is within both, where two blocks with
// one label say different things, and where two fixed values differ; the value
// is then the first one's, or for a deny set what both agree on and more.
func (c *Control) Meet(a, b Value) (Value, bool) {
	switch {
	case c.Order == DenySet:
		return c.union(a, b)
	case c.Order == Fixed:
		return a, a.Text == b.Text
	case c.Within(a, b):
		return a, true
	case c.Within(b, a):
		return b, true
	case c.Type == Version:
		a.Text = meetMinimums(a.Text, b.Text)
		return a, true
	case c.Order == AllowSet:
		both := c.inside(a.Items, b.Items)
		a.Items = append(both, c.inside(b.Items, a.Items)...)
		return a.Sorted(), true
	}
	return a, false
}

// union adds up what is refused. Of two blocks with one label both hold.
func (c *Control) union(a, b Value) (Value, bool) {
	ok := true
	items := slices.Clone(a.Items)
	for _, it := range b.Items {
		i := slices.IndexFunc(items, func(have Item) bool { return have.Key == it.Key })
		switch {
		case i < 0 || c.Type != Blocks:
			items = append(items, it)
		default:
			var agree bool
			items[i], agree = c.Block.Meet(items[i], it)
			ok = ok && agree
		}
	}
	return Value{Items: items}.Sorted(), ok
}

func (c *Control) inside(items, of []Item) []Item {
	var out []Item
	for _, it := range items {
		if c.covers(of, it) {
			out = append(out, it)
		}
	}
	return out
}

// Join gives the loosest of two: a ceiling raised by an exception.
func (c *Control) Join(a, b Value) Value {
	switch {
	case c.Within(a, b):
		return b
	case c.Within(b, a):
		return a
	case c.Order == AllowSet:
		a.Items = append(slices.Clone(a.Items), b.Items...)
		return a.Sorted()
	}
	return b
}

func quantityAtMost(a, b string) bool {
	x, errX := parseQuantity(a)
	y, errY := parseQuantity(b)
	return errX == nil && errY == nil && x.Cmp(y) <= 0
}

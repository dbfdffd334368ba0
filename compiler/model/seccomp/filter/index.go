package filter

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// index finds the rules of a call by their conditions, so that a rule need not be compared with all.
type index struct {
	rules    map[string]*rule   // by all conditions
	starts   map[string][]*rule // by the conditions that they begin with
	pieces   map[string][]*rule // by conditions that follow others in them
	verdicts map[verdict]bool
}

func newIndex() *index {
	return &index{rules: map[string]*rule{}, starts: map[string][]*rule{}, pieces: map[string][]*rule{}, verdicts: map[verdict]bool{}}
}

func (x *index) add(r *rule) {
	x.rules[key(r.conds)] = r
	x.verdicts[r.verdict] = true
	for end := range len(r.conds) + 1 {
		start := key(r.conds[:end])
		x.starts[start] = append(x.starts[start], r)
		for from := 1; from < end; from++ {
			piece := key(r.conds[from:end])
			x.pieces[piece] = append(x.pieces[piece], r)
		}
	}
}

// related gives the rules that cover a rule or are covered by it, in the order in which they were added.
func (x *index) related(r *rule) []*rule {
	var found []*rule
	for from := range len(r.conds) + 1 {
		for end := from; end <= len(r.conds); end++ {
			if old := x.rules[key(r.conds[from:end])]; old != nil {
				found = append(found, old)
			}
		}
	}
	whole := key(r.conds)
	found = append(append(found, x.starts[whole]...), x.pieces[whole]...)
	found = slices.DeleteFunc(found, func(old *rule) bool { return old.gone })
	slices.SortFunc(found, func(a, b *rule) int { return cmp.Compare(a.added, b.added) })
	return slices.Compact(found)
}

// key writes conditions as a key of maps.
func key(conds []condition) string {
	var b []byte
	for _, c := range conds {
		b = append(b, byte(c.index), byte(c.op))
		b = binary.BigEndian.AppendUint64(b, c.mask)
		b = binary.BigEndian.AppendUint64(b, c.value)
	}
	return string(b)
}

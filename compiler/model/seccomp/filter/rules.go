package filter

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// operator is a comparison of one argument.
type operator int

const (
	equal operator = iota + 1
	notEqual
	maskedEqual // the argument's bits of the mask
	less
	lessOrEqual
	greater
	greaterOrEqual
)

var operators = map[string]operator{
	"SCMP_CMP_EQ":        equal,
	"SCMP_CMP_NE":        notEqual,
	"SCMP_CMP_MASKED_EQ": maskedEqual,
	"SCMP_CMP_LT":        less,
	"SCMP_CMP_LE":        lessOrEqual,
	"SCMP_CMP_GT":        greater,
	"SCMP_CMP_GE":        greaterOrEqual,
}

// condition compares one argument with a value, unsigned.
type condition struct {
	index       int
	op          operator
	mask, value uint64 // of maskedEqual value lies within mask; of the others mask is all ones (on 32 bits: the lower half)
}

// holds compares on as many bits as the architecture's filters do.
func (c condition) holds(args [6]uint64, bits int) bool {
	arg := args[c.index]
	if bits == 32 {
		arg = uint64(uint32(arg))
	}
	switch c.op {
	case equal:
		return arg == c.value
	case notEqual:
		return arg != c.value
	case maskedEqual:
		return arg&c.mask == c.value
	case less:
		return arg < c.value
	case lessOrEqual:
		return arg <= c.value
	case greater:
		return arg > c.value
	case greaterOrEqual:
		return arg >= c.value
	}
	return false
}

// always says that no argument can fail the condition: libseccomp leaves it out.
func (c condition) always() bool { return c.op == maskedEqual && c.mask == 0 }

// class is the order in which libseccomp tries conditions on one argument: equality first, then upper bounds, then lower ones.
func (c condition) class() int {
	switch c.op {
	case equal, notEqual, maskedEqual:
		return 3
	case less, lessOrEqual:
		return 2
	}
	return 1
}

// compareConditions is negative when libseccomp tries a before b: the later argument first, then by class, then the greater value
// first, or the smaller of upper bounds, so that what is narrower comes before what is wider. A value of 64 bits is compared in two
// halves, each a test of its own; tests of equal rank that are not the same test stay in the order in which they were added.
func (t *table) compareConditions(a, b condition) int {
	if d := cmp.Or(cmp.Compare(b.index, a.index), cmp.Compare(b.class(), a.class())); d != 0 {
		return d
	}
	if a.class() == 2 {
		return cmp.Compare(a.value, b.value)
	}
	high := cmp.Compare(b.value>>32, a.value>>32)
	if t.bits == 32 || high == 0 && (a.op == maskedEqual) == (b.op == maskedEqual) && a.mask>>32 == b.mask>>32 {
		return cmp.Compare(uint32(b.value), uint32(a.value))
	}
	return high
}

func (r *rule) matches(args [6]uint64, bits int) bool {
	for _, c := range r.conds {
		if !c.holds(args, bits) {
			return false
		}
	}
	return true
}

func newTable(bits int) table {
	muxed := emptyTable(bits)
	t := emptyTable(bits)
	t.muxed = &muxed
	return t
}

func emptyTable(bits int) table {
	return table{bits: bits, calls: map[string][]*rule{}, known: map[string]*index{}, conflicts: map[string]string{}, ordered: map[string]ruleset{}}
}

// tell adds a rule for each of the system calls that it names, as a runtime does.
func (f *Filter) tell(r written) error {
	for i, name := range r.names {
		if !f.named(name, r.namePlaces[i]) {
			continue
		}
		if r.verdict == f.initial {
			f.dropped = append(f.dropped, Note{r.namePlaces[i], "it does what the default action does anyway"})
			continue
		}
		if err := f.add(name, r.namePlaces[i], r); err != nil {
			return err
		}
	}
	return nil
}

// count finds the highest number of a call that the rules name, on each architecture.
func (f *Filter) count() {
	if !f.node.Runtime.runc {
		return // nobody else asks
	}
	for _, arch := range linux.Architectures() {
		for _, r := range f.rules {
			for _, name := range r.names {
				number, ok := linux.SyscallNumber(arch.Arch, name)
				if !ok || !f.node.knows(name) || behind(arch.Arch, name) {
					continue
				}
				if arch.Arch == linux.X32 {
					number |= linux.X32Bit
				}
				f.highest[arch.Arch] = max(f.highest[arch.Arch], number)
			}
		}
	}
}

// named takes notice of a name that libseccomp may not know. It says whether there is a call to make rules for. A name that is not known here may be of a call that is newer: where no libseccomp is given its rules are kept.
func (f *Filter) named(name, place string) bool {
	call, known := linux.LookupSyscall(name)
	switch {
	case !known:
		f.unknown = append(f.unknown, Note{place, fmt.Sprintf("no architecture here has a system call %q", name)})
		f.newer = f.newer || f.node.Libseccomp == ""
		return f.node.Libseccomp == ""
	case !f.node.knows(name):
		f.unknown = append(f.unknown, Note{place, fmt.Sprintf("libseccomp %s does not know %s, which came with Linux %s: what the rule says of it has no effect",
			f.node.Libseccomp, name, call.Since)})
		return false
	}
	return true
}

// add tells of a rule for one system call, as a runtime does. Rules that conflict on 64 bits are an error. On 32 bits values lose
// their upper half, and rules can conflict that do not on 64; and behind socketcall and ipc rules lose what they say of the first argument. That
// is an error where the profile lists such an architecture: libseccomp adds a rule to the filters of all, or refuses it.
func (f *Filter) add(name, namePlace string, r written) error {
	for _, conds := range r.sets() {
		dropped, conflict := f.wide.insert(name, &rule{verdict: r.verdict, place: r.place, conds: conds})
		if conflict != "" {
			return wrong(namePlace, "%s has a rule for %s of which the conditions begin alike, with another action: libseccomp refuses the two; remove one",
				conflict, name)
		}
		f.dropped = append(f.dropped, dropped...)
		if _, conflict := f.narrow.insert(name, &rule{verdict: r.verdict, place: r.place, conds: conds}); conflict != "" {
			if arch, listed := f.listed(func(a linux.Architecture) bool { return a.Bits == 32 }); listed {
				return wrong(namePlace, "%s has a rule for %s of which the conditions begin alike in the 32 bits that %s compares, with another action: "+
					"libseccomp refuses the two, and no container starts; remove one, or %s", conflict, name, arch.Arch, arch.Seccomp)
			}
			f.narrow.conflicts[name] = namePlace
		}
		for _, t := range []*table{&f.wide, &f.narrow} {
			outer, conflict := t.insertMuxed(name, &rule{verdict: r.verdict, place: r.place, conds: conds})
			if conflict == "" {
				continue
			}
			if arch, listed := f.listed(func(a linux.Architecture) bool { return a.Bits == t.bits && multiplexed(a.Arch, outer) != nil }); listed {
				return wrong(namePlace, "%s has a rule with another action for %s, which %s stands for on %s, where no filter tells the first argument: "+
					"libseccomp refuses the two (EEXIST), and no container starts; remove one, or %s", conflict, name, outer, arch.Arch, arch.Seccomp)
			}
			t.muxed.conflicts[outer] = namePlace
		}
	}
	return nil
}

// listed finds an architecture that passes a test among those that the profile lists.
func (f *Filter) listed(test func(linux.Architecture) bool) (linux.Architecture, bool) {
	for _, a := range linux.Architectures() {
		if f.arches[a.Arch] && test(a) {
			return a, true
		}
	}
	return linux.Architecture{}, false
}

// insertMuxed adds a rule to those of the call that stands for its call on old architectures, or that is its call, as libseccomp does: the first
// condition becomes the number of the call that is meant, and what a rule said of its first argument is lost, because the real
// arguments lie in memory that a filter cannot read. A rule that allows socket for one family allows socketcall for all. It returns the
// place of a rule that conflicts.
func (t *table) insertMuxed(name string, r *rule) (outer, conflict string) {
	for outer, mux := range multiplexers {
		if name == outer {
			_, conflict := t.muxed.insert(outer, r)
			return outer, conflict
		}
		for number, inner := range mux {
			if name == inner {
				first := condition{index: 0, op: equal, value: number, mask: ^uint64(0)}
				r.conds = append([]condition{first}, slices.DeleteFunc(slices.Clone(r.conds), func(c condition) bool { return c.index == 0 })...)
				_, conflict := t.muxed.insert(outer, r)
				return outer, conflict
			}
		}
	}
	return "", ""
}

// insert merges a rule into those of its call. A rule without conditions takes the call over and none gets past it; of two whose
// conditions begin alike the shorter covers the longer; and libseccomp refuses a rule that covers, or has the conditions of, an
// earlier one with another action. It returns what has no effect any more, and the place of a rule that conflicts.
func (t *table) insert(name string, r *rule) (dropped []Note, conflict string) {
	r.conds = t.narrowed(r.conds)
	t.added++
	r.added = t.added
	known := t.known[name]
	if known == nil {
		known = newIndex()
		t.known[name] = known
	}
	var over []*rule // what the rule covers
	for _, old := range known.related(r) {
		covered, covers := begins(r.conds, old.conds), begins(old.conds, r.conds)
		switch {
		case covers && len(r.conds) > 0 && r.verdict != old.verdict:
			t.clashes(name, r, old)
			return nil, old.place
		case covered, r.verdict == old.verdict && ends(r.conds, old.conds):
			t.clashes(name, r, old)
			return []Note{{r.place, fmt.Sprintf("%s holds for %s already, and covers it", old.place, name)}}, ""
		case covers, r.verdict == old.verdict && ends(old.conds, r.conds):
			dropped = append(dropped, Note{old.place, fmt.Sprintf("%s holds for %s, and covers it", r.place, name)})
			over = append(over, old)
		}
	}
	t.clashes(name, r, nil)
	if len(over) > 0 {
		for _, old := range over {
			old.gone = true
		}
		t.calls[name] = slices.DeleteFunc(t.calls[name], func(old *rule) bool { return old.gone })
	}
	t.calls[name] = append(t.calls[name], r)
	known.add(r)
	return dropped, ""
}

// clashes notes whether a rule may be refused for one of its call with another action, up to the last one that it was compared with; nil: all.
func (t *table) clashes(name string, r, last *rule) {
	if known := t.known[name]; len(known.verdicts) == 0 || len(known.verdicts) == 1 && known.verdicts[r.verdict] {
		return
	}
	for _, old := range t.calls[name] {
		if r.verdict != old.verdict && clash(r.conds, old.conds) {
			t.conflicts[name] = r.place
			return
		}
		if old == last {
			return
		}
	}
}

// narrowed leaves of conditions what can be compared on the table's bits, and leaves out those that always hold.
func (t *table) narrowed(conds []condition) []condition {
	var left []condition
	for _, c := range conds {
		if t.bits == 32 {
			c.mask, c.value = uint64(uint32(c.mask)), uint64(uint32(c.value))
		}
		if !c.always() {
			left = append(left, c)
		}
	}
	return left
}

// ends says whether long has all conditions of short in one piece, after others. With the same action libseccomp leaves such a rule out.
func ends(long, short []condition) bool {
	for i := 1; i < len(long); i++ {
		if begins(long[i:], short) {
			return true
		}
	}
	return false
}

// begins says whether long starts with all conditions of short.
func begins(long, short []condition) bool {
	return len(long) >= len(short) && slices.Equal(long[:len(short)], short)
}

// order sorts the rules of every call as libseccomp tries them, and finds what can be known of them beforehand.
func (t *table) order() {
	for name, rules := range t.calls {
		rules = t.tried(rules, 0)
		t.ordered[name] = ruleset{rules, simple(rules)}
	}
	if t.muxed != nil {
		t.muxed.order()
	}
}

// tried puts rules that are alike up to their depth-th condition into the order in which libseccomp tries them. It makes a tree of them:
// what begins with the same condition stands below one node, and nodes beside each other are ordered by nothing but their own tests.
func (t *table) tried(rules []*rule, depth int) []*rule {
	var ends []*rule
	var nodes [][]*rule
	of := map[condition]int{} // the node
	for _, r := range rules {
		if len(r.conds) == depth {
			ends = append(ends, r)
			continue
		}
		i, known := of[r.conds[depth]]
		if !known {
			i, nodes = len(nodes), append(nodes, nil)
			of[r.conds[depth]] = i
		}
		nodes[i] = append(nodes[i], r)
	}
	slices.SortStableFunc(nodes, func(a, b []*rule) int { return t.compareConditions(a[0].conds[depth], b[0].conds[depth]) })
	for _, node := range nodes {
		if len(node) > 1 {
			node = t.tried(node, depth+1)
		}
		ends = append(ends, node...)
	}
	return ends
}

// simple says whether libseccomp surely makes of rules what they say (miscompiled finds nothing), and all have one verdict.
func simple(rules []*rule) bool {
	return !slices.ContainsFunc(rules, func(r *rule) bool {
		return r.verdict != rules[0].verdict || slices.ContainsFunc(r.conds, func(c condition) bool { return !c.equality() })
	})
}

package filter

// libseccomp makes one tree of a call's rules, in which equal tests are shared, and compares 64-bit arguments by halves. For rules with
// one action and SCMP_CMP_EQ or SCMP_CMP_MASKED_EQ that is exact. Elsewhere 2.5.4, against which this model was tried, makes filters
// that do not do what the rules say (a jump that leaves the wrong value in the accumulator, a branch shared that should not be, a
// rule dropped as covered that is not), and later versions differ. What follows finds those cases, so that they are Undecided.

// miscompiled says whether evaluation reaches a rule in a way that libseccomp may get wrong, and beside which rule.
func (r *rule) miscompiled(rules []*rule, args [6]uint64, bits int) (string, bool) {
	matches := r.matches(args, bits)
	for i, c := range r.conds {
		if bits == 32 && i > 0 && c.op == lessOrEqual {
			return r.place, true // it compares the wrong way round after another condition
		}
		for _, other := range rules {
			if other != r && perilous(r.conds, other.conds, i) && !(matches && c.class() != other.conds[i].class()) {
				return other.place, true
			}
		}
		if !c.holds(args, bits) {
			return "", false
		}
		for _, other := range rules {
			if other == r || len(other.conds) == 0 {
				continue
			}
			if tangled(r.conds, other.conds, i, matches) || i > 0 && (r.verdict == other.verdict || other.added < r.added) && mistakenForCovered(c, other.conds[0]) {
				return other.place, true
			}
		}
	}
	return "", false
}

// mistakenForCovered says whether libseccomp may drop a rule for one of its later conditions, taking another rule's first condition,
// which is the same test with the other outcome, for a wider rule. It compares what
// the rules do only where the wider one is added later.
func mistakenForCovered(later, first condition) bool {
	return later.index == first.index && later != first && !(later.equality() && first.equality())
}

// equality says whether a condition is one that libseccomp compares by equality alone, and whose other side leads nowhere.
func (c condition) equality() bool { return c.op == equal || c.op == maskedEqual }

// perilous says whether two rules, alike up to their i-th condition, make libseccomp jump from a comparison of one half of the argument
// to one of the other without loading it: one of them is an upper or lower bound, and they differ in the upper half, or go on to
// further arguments.
func perilous(a, b []condition, i int) bool {
	if !begins(b, a[:i]) || len(b) <= i || b[i].index != a[i].index || b[i] == a[i] || a[i].class() == 3 && b[i].class() == 3 {
		return false
	}
	return i < len(a)-1 || i < len(b)-1 || a[i].value>>32 != b[i].value>>32
}

// tangled says whether two rules, alike up to their i-th condition, where a does not end, test the same argument there in different
// ways that are not each other's complement. Tests of different classes only matter when the first rule then fails.
func tangled(a, b []condition, i int, matches bool) bool {
	if i == len(a)-1 || a[i].equality() || !begins(b, a[:i]) || len(b) <= i || b[i].index != a[i].index || b[i] == a[i] {
		return false
	}
	if matches && a[i].class() != b[i].class() {
		return false
	}
	complement := a[i].op == notEqual && b[i].op == equal && a[i].value == b[i].value
	return !complement
}

// clash says whether libseccomp may refuse two rules with different actions: it compares the halves of an argument one after the other, two bounds
// on one argument may share the test of the upper half, and with it all that comes after.
func clash(a, b []condition) bool {
	last, shared := min(len(a), len(b))-1, false
	for i := range last + 1 {
		if a[i] == b[i] {
			continue
		}
		if a[i].index != b[i].index || a[i].equality() || b[i].equality() {
			return false
		}
		if i == last && !shared && len(a) == len(b) {
			return false // two bounds at the end have an action each
		}
		shared = true
	}
	return shared
}

// ordered says whether libseccomp surely tries a before b, when both match and have different actions.
func ordered(a, b *rule) bool {
	for i := range min(len(a.conds), len(b.conds)) {
		x, y := a.conds[i], b.conds[i]
		switch {
		case x == y:
			continue
		case x.index != y.index:
			return true
		case x.equality() && y.equality():
			return x.op == y.op && x.mask == y.mask
		}
		last := i == len(a.conds)-1 && i == len(b.conds)-1
		return last && x.op == y.op && x.op != notEqual && x.value>>32 == y.value>>32 // two of notEqual share the test of the upper half
	}
	return false
}

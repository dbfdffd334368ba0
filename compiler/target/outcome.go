package target

// Outcome is what becomes of an attempt.
type Outcome int

// The outcomes. Undecided never counts as a pass.
const (
	Undecided Outcome = iota
	Inapplicable
	Allow
	Deny
	Silent
	Alert
)

// String is the outcome as tests and `bulkhead judge` name it.
func (o Outcome) String() string {
	return [...]string{"undecided", "not-applicable", "allow", "deny", "silent", "alert"}[o]
}

// strictness orders outcomes by what one of them means for a whole that several
// parts make up, such as a file of objects, or one attempt that several judges
// answer. A part that is refused refuses the whole, whatever is not known of the
// others; what is not known outweighs what is allowed, since the whole is allowed
// only if every part is; and a part of which nothing is said leaves the whole to
// the others. (In three-valued logic: the conjunction of "is allowed".)
var strictness = [...]int{Inapplicable: 0, Silent: 1, Allow: 2, Undecided: 3, Alert: 4, Deny: 5}

// Stricter gives the outcome of two parts together: the stricter of theirs, in
// the order not applicable, silent, allow, undecided, alert, deny.
func Stricter(a, b Outcome) Outcome {
	if strictness[b] > strictness[a] {
		return b
	}
	return a
}

package target_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// The whole table of Stricter: the order is total, and undecided is lost beside a
// refusal only.
func TestStricter(t *testing.T) {
	const n, s, a, u, l, d = target.Inapplicable, target.Silent, target.Allow, target.Undecided, target.Alert, target.Deny
	all := [...]target.Outcome{n, s, a, u, l, d}
	for i, row := range [...][6]target.Outcome{
		{n, s, a, u, l, d},
		{s, s, a, u, l, d},
		{a, a, a, u, l, d},
		{u, u, u, u, l, d},
		{l, l, l, l, l, d},
		{d, d, d, d, d, d},
	} {
		for j, want := range row {
			if got := target.Stricter(all[i], all[j]); got != want {
				t.Errorf("%s and %s are %s, want %s", all[i], all[j], got, want)
			}
		}
	}
}

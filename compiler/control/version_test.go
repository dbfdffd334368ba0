package control_test

import (
	"fmt"
	"testing"

	"github.com/Masterminds/semver/v3"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

func TestMinimumComparesByBranch(t *testing.T) {
	for _, c := range []struct {
		least, version string
		want           bool
	}{
		{"1.7.29", "1.7.28", false},
		{"1.7.29", "1.7.29", true},
		{"1.7.29", "2.0.0", true}, // one minimum: newer branches will do
		{"1.7.29", "1.6.99", false},
		{"1.7.29, 2.0.7, 2.1.5", "2.0.6", false}, // newer by number, but without the correction
		{"1.7.29, 2.0.7, 2.1.5", "2.0.7", true},
		{"1.7.29, 2.1.5", "2.0.9", false}, // a branch in between that is not listed
		{"1.7.29, 2.1.5", "2.2.0", true},
		{"6.1", "6.1.0", true},
		{"6.1", "6.0.99", false},
		{"2.2.0", "2.2.0-rc.1", false},
	} {
		least, err := control.ParseMinimum(c.least)
		if err != nil {
			t.Fatal(err)
		}
		if got := least.Admits(semver.MustParse(c.version)); got != c.want {
			t.Errorf("%q admits %s: %v, want %v", c.least, c.version, got, c.want)
		}
	}
	for _, wrong := range []string{"", "six", "1.7.29, 1.7.30", "1.7.29,2.0.7"} {
		if _, err := control.ParseMinimum(wrong); err == nil {
			t.Errorf("%q is taken for a minimum", wrong)
		}
	}
}

// What holds where two policies state a minimum is what both admit, and tighter
// means that nothing more is admitted.
func TestMinimumsMeetAndOrder(t *testing.T) {
	kernel, _ := control.Lookup(control.KernelVersion)
	minimum := rapid.Custom(func(t *rapid.T) string {
		var versions []string
		for i := range 3 {
			if i == 0 || rapid.Bool().Draw(t, "more") {
				versions = append(versions, fmt.Sprintf("%d.%d.%d", 1+i/2, rapid.IntRange(0, 2).Draw(t, "minor")+3*(i%2), rapid.IntRange(0, 2).Draw(t, "patch")))
			}
		}
		m, err := control.NewMinimum(versions)
		if err != nil {
			t.Skip("two of one branch")
		}
		return m.String()
	})
	var all []*semver.Version
	for major := range 4 {
		for minor := range 7 {
			for patch := range 4 {
				all = append(all, semver.New(uint64(major), uint64(minor), uint64(patch), "", ""))
			}
		}
	}
	admitted := func(t *rapid.T, text string, v *semver.Version) bool {
		m, err := control.ParseMinimum(text)
		if err != nil {
			t.Fatal(err)
		}
		return m.Admits(v)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := minimum.Draw(t, "a"), minimum.Draw(t, "b")
		value := func(s string) control.Value { return control.Value{Text: s} }
		met, ok := kernel.Meet(value(a), value(b))
		if !ok {
			t.Fatalf("%q and %q do not meet", a, b)
		}
		within := true
		for _, v := range all {
			inA, inB := admitted(t, a, v), admitted(t, b, v)
			if got := admitted(t, met.Text, v); got != (inA && inB) {
				t.Fatalf("%q and %q meet in %q: %s is admitted %v, want %v", a, b, met.Text, v, got, inA && inB)
			}
			within = within && (!inA || inB)
		}
		if got := kernel.Within(value(a), value(b)); got && !within {
			t.Fatalf("%q is said to be within %q, but admits more", a, b)
		}
	})
}

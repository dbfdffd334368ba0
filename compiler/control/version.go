package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Minimum is the least version that will do, branch by branch. Projects mend a
// hole in each branch that they still keep, so that 2.0.5 may lack what 1.7.29
// has. A version will do if it is at least the minimum of its own branch (its
// first two numbers), or of a branch newer than all that are listed; a branch in
// between that is not listed never will. A single minimum is the usual one.
type Minimum []*semver.Version

// minimumSeparator stands between the minimums of a value, as in "1.7.29, 2.0.7".
const minimumSeparator = ", "

// ParseMinimum reads one version, or one for each of several branches.
func ParseMinimum(s string) (Minimum, error) {
	var out Minimum
	for _, text := range strings.Split(s, minimumSeparator) {
		v, err := semver.NewVersion(text)
		if err != nil {
			return nil, fmt.Errorf("a version is such as \"1.7.29\"; %q is not", text)
		}
		if i := slices.IndexFunc(out, func(o *semver.Version) bool { return branch(o, v) == 0 }); i >= 0 {
			return nil, fmt.Errorf("%s and %s are of one branch; a branch has one least version", out[i].Original(), text)
		}
		out = append(out, v)
	}
	slices.SortFunc(out, branch)
	return out, nil
}

// NewMinimum gives the least versions of several branches.
func NewMinimum(versions []string) (Minimum, error) {
	return ParseMinimum(strings.Join(versions, minimumSeparator))
}

// branch compares versions by their first two numbers.
func branch(a, b *semver.Version) int {
	return cmp.Or(cmp.Compare(a.Major(), b.Major()), cmp.Compare(a.Minor(), b.Minor()))
}

// String gives the minimum as ParseMinimum reads it.
func (m Minimum) String() string {
	texts := make([]string, len(m))
	for i, v := range m {
		texts[i] = v.Original()
	}
	return strings.Join(texts, minimumSeparator)
}

// Admits reports whether a version will do.
func (m Minimum) Admits(v *semver.Version) bool {
	for _, least := range m {
		if branch(least, v) == 0 {
			return v.Compare(least) >= 0
		}
	}
	return len(m) > 0 && branch(v, m[len(m)-1]) > 0
}

// within reports whether every version that m admits is admitted by o.
func (m Minimum) within(o Minimum) bool {
	if len(m) == 0 || len(o) == 0 {
		return len(o) == 0
	}
	for _, least := range m {
		if !o.Admits(least) {
			return false
		}
	}
	// What is newer than every branch of m: o must not ask more of it.
	last := m[len(m)-1]
	return !slices.ContainsFunc(o, func(v *semver.Version) bool { return branch(v, last) > 0 })
}

// meet gives what both admit.
func (m Minimum) meet(o Minimum) Minimum {
	var out Minimum
	for _, least := range m {
		for _, other := range o {
			if branch(least, other) == 0 && other.Compare(least) > 0 {
				least = other
			}
		}
		if o.Admits(least) {
			out = append(out, least)
		}
	}
	for _, least := range o {
		known := slices.ContainsFunc(m, func(v *semver.Version) bool { return branch(v, least) == 0 })
		if !known && m.Admits(least) {
			out = append(out, least)
		}
	}
	slices.SortFunc(out, branch)
	return out
}

func meetMinimums(a, b string) string {
	x, errX := ParseMinimum(a)
	y, errY := ParseMinimum(b)
	if errX != nil || errY != nil {
		panic("policy: versions are checked when they are read: " + a + " and " + b)
	}
	return x.meet(y).String()
}

func minimumWithin(a, b string) bool {
	x, errX := ParseMinimum(a)
	y, errY := ParseMinimum(b)
	return errX == nil && errY == nil && x.within(y)
}

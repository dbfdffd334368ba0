package policy

import "testing"

func TestProfileNamesAreUnique(t *testing.T) {
	names := []string{"a", "b", "a-b", "x"}
	seen := map[string]string{}
	for _, p := range names {
		for _, w := range append([]string{""}, names...) {
			for _, c := range append([]string{AnyContainer}, names...) {
				container := &Container{Workload: &Workload{Name: w}, Name: c}
				got := (&Policy{Name: p}).ProfileName(container)
				if other, twice := seen[got]; twice {
					t.Errorf("%s is the profile of %s and of %s %s", got, other, p, container.ID())
				}
				seen[got] = p + " " + container.ID()
			}
		}
	}
}

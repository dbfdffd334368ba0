package profile_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

func TestProfileNamesAreUnique(t *testing.T) {
	names := []string{"a", "b", "a-b", "x"}
	seen := map[string]string{}
	for _, p := range names {
		for _, w := range append([]string{""}, names...) {
			for _, c := range append([]string{policy.AnyContainer}, names...) {
				container := &policy.Container{Workload: &policy.Workload{Name: w}, Name: c}
				got := profile.Name(&policy.Policy{Name: p}, container)
				if other, twice := seen[got]; twice {
					t.Errorf("%s is the profile of %s and of %s %s", got, other, p, container.ID())
				}
				seen[got] = p + " " + container.ID()
			}
		}
	}
}

package apparmor_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	profiles "github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// plainName is what stands in a profile without quotes, and is a file's name.
var plainName = regexp.MustCompile(`^bulkhead(\.[a-z0-9-]+)+$`)

// TestNamesCannotCollide holds that two containers, of one policy or of two, never share a profile, and that a name
// needs no quotes: whatever policies, workloads and containers are called, within what the language takes for a name.
func TestNamesCannotCollide(t *testing.T) {
	name := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?`)
	triple := rapid.Custom(func(t *rapid.T) [3]string {
		workload := rapid.OneOf(rapid.Just(""), name).Draw(t, "workload")
		container := rapid.OneOf(rapid.Just(policy.AnyContainer), name).Draw(t, "container")
		return [3]string{name.Draw(t, "policy"), workload, container}
	})
	profileName := func(c [3]string) string {
		container := &policy.Container{Workload: &policy.Workload{Name: c[1]}, Name: c[2]}
		return profiles.Name(&policy.Policy{Name: c[0]}, container)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := triple.Draw(t, "a"), triple.Draw(t, "b")
		if rapid.Bool().Draw(t, "alike") { // most pairs that could collide differ in one part
			b = a
			i := rapid.IntRange(0, 2).Draw(t, "part")
			b[i] = triple.Draw(t, "other")[i]
		}
		if rapid.Bool().Draw(t, "shifted") { // or have the same text in another place
			b = [3]string{a[0], a[2], policy.AnyContainer}
			if a[2] == policy.AnyContainer {
				b = [3]string{a[0], "", a[1]}
			}
			if b[2] == "" {
				return
			}
		}
		if (a == b) != (profileName(a) == profileName(b)) {
			t.Fatalf("%q and %q are %s and %s", a, b, profileName(a), profileName(b))
		}
		if !plainName.MatchString(profileName(a)) {
			t.Fatalf("%q is %s", a, profileName(a))
		}
	})
}

// TestReload holds what lets a supervisor replace a profile beneath running containers: it goes by its name alone, which is its
// file's, attaches to no program, and has no hats or children that would vanish with it.
func TestReload(t *testing.T) {
	for _, version := range []string{"2.13", "3.0", "4.1"} {
		p := resolve(t, strict())
		p.Platform = apparmor.ParserVersion.With(p.Platform, version)
		for _, a := range emit(t, p) {
			file, err := profile.Parse(a.Path, a.Body)
			if err != nil {
				t.Fatal(err)
			}
			if len(file.Profiles) != 1 || "apparmor/"+file.Profiles[0].Name != a.Path {
				t.Fatalf("%s holds %d profiles, the first named %s", a.Path, len(file.Profiles), file.Profiles[0].Name)
			}
			if q := file.Profiles[0]; q.Attachment != "" || len(q.Children) != 0 || q.Mode != profile.Enforce {
				t.Errorf("%s attaches to %q, has %d children and mode %v", a.Path, q.Attachment, len(q.Children), q.Mode)
			}
			if strings.Contains(string(a.Body), `profile "`) {
				t.Errorf("%s: a quoted name", a.Path)
			}
		}
	}
}

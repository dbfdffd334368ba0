package profile_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// TestConcurrentQuestions holds that a profile may be asked by many at once, more paths than it keeps states for.
func TestConcurrentQuestions(t *testing.T) {
	p := one(t, rules("/**/a*b*c r,", "deny /{,**/}x[0-9]/** r,", "/y/** r,"))
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 3000 {
				path := fmt.Sprintf("/y/%x/x%d/%d", i*7919, i%13, g)
				want := profile.Allow
				if i%13 < 10 {
					want = profile.Deny
				}
				if d := p.File(path, "r", true); d.Outcome != want {
					t.Errorf("%s is %v, want %v", path, d.Outcome, want)
					return
				}
			}
		})
	}
	group.Wait()
}

// TestHostile holds that text made to be expensive is refused with its place, or compiled to no more instructions than
// three for each of its bytes, which bounds the steps of each answer.
func TestHostile(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"truncated in a rule":         {"profile x {\n  /a", "test:2:5: expected permissions"},
		"truncated in a list":         {"profile x {\n  signal (send", "test:2:15"},
		"truncated in a unix peer":    {"profile x {\n  unix peer=(label=", "test:2:20"},
		"truncated in a variable":     {"@{A", "test:1:4"},
		"an unknown kind of rule":     {rules("teleport /a,"), "test:2:1: expected a rule"},
		"an unknown permission":       {rules("/a rzw,"), "test:2:4: the permissions"},
		"an unknown mqueue access":    {rules("mqueue (fly) /a,"), "test:2:8: unknown access"},
		"a priority beyond all":       {rules("priority=99999999999999999999 /a r,"), "a priority is a number"},
		"a priority of a network":     {rules("priority=1 network,"), "test:2:1: a rule that begins with network has no priority"},
		"a wrong type":                {rules("unix type=(stream, dgram),"), "test:2:11: type has a single value"},
		"an alias of a pattern":       {"alias /a* -> /b,\n" + rules(), "test:1:7: an alias is of one absolute path"},
		"cyclic variables":            {"@{A} = @{B}\n@{B} = @{A}\n" + rules("/@{A} r,"), "test:4:1: the variable"},
		"variables that multiply":     {"@{V} = a b c d e f g h\n" + rules("/@{V}@{V}@{V}@{V}@{V} r,"), "test:3:1: its variables expand"},
		"alternations too deep":       {rules("/" + deep(60) + " r,"), "test:2:1: pattern"},
		"alternations without an end": {rules("/" + strings.Repeat("{", 100000) + " r,"), "test:2:1: pattern"},
		"blocks too deep":             {"profile x {" + strings.Repeat("audit {", 10000), "nest deeper"},
		"profiles too deep":           {strings.Repeat("profile x {", 10000), "nest deeper"},
		"too long":                    {strings.Repeat("#", profile.MaxSource+1), "test:1:1: the file has"},
		"many patterns":               {manyPatterns(20000), ""},
		"deep, but not too deep":      {deepPatterns(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := profile.Parse("test", []byte(test.text))
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want %q", err, test.want)
			}
			if err != nil {
				return
			}
			if n := profile.Instructions(file.Profiles[0]); n == 0 || n > 3*len(test.text) {
				t.Errorf("%d instructions of %d bytes", n, len(test.text))
			}
			if d := file.Profiles[0].File(hostilePath, "rwx", false); d.Outcome != profile.Deny {
				t.Errorf("it is %v", d)
			}
		})
	}
}

// hostilePath meets many patterns at once, byte after byte.
var hostilePath = "/a1/b" + strings.Repeat("/a1xb", 200)

func deep(n int) string { return strings.Repeat("{a,", n) + strings.Repeat("}", n) }

// manyPatterns are more than are joined in an index.
func manyPatterns(n int) string {
	many := make([]string, n)
	for i := range many {
		many[i] = fmt.Sprintf("/{,**/}a%d*{b,c[d-f]}** rw,", i)
	}
	return rules(many...)
}

func deepPatterns() string {
	return rules("/"+deep(40)+" r,", strings.Repeat("/**", 1000)+" r,")
}

// BenchmarkHostile reads what TestHostile does, and decides about a path.
func BenchmarkHostile(b *testing.B) {
	for name, text := range map[string]string{"many": manyPatterns(20000), "deep": deepPatterns()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				file, err := profile.Parse("test", []byte(text))
				if err != nil {
					b.Fatal(err)
				}
				file.Profiles[0].File(hostilePath, "rwx", false)
			}
		})
	}
}

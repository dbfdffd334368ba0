package filter_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
)

// TestLints holds each lint to a profile that gives it, at the place that the case names, and to one that does not.
func TestLints(t *testing.T) {
	for _, name := range filter.LintNames() {
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("testdata", "lint", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for line := range strings.Lines(string(archive.Comment)) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
				settings[key] = strings.TrimSpace(value)
			}
			var node filter.Node
			if list, ok := settings["capabilities"]; ok {
				node.Capabilities = strings.Split(list, ",")
			}
			if node.Runtime, err = filter.ParseRuntime(settings["runtime"]); err != nil {
				t.Fatal(err)
			}
			found := map[string][]filter.Lint{}
			for _, file := range archive.Files {
				f, err := filter.Read(file.Data, node)
				if err != nil {
					t.Fatalf("%s: %v", file.Name, err)
				}
				found[file.Name] = named(f.Lint(), name)
			}
			gives := found["gives.json"]
			if len(gives) != 1 || gives[0].Place != settings["place"] || fmt.Sprint(gives[0].Warning) != orFalse(settings["warning"]) {
				t.Errorf("want one at %q, warning %s; got %+v", settings["place"], orFalse(settings["warning"]), gives)
			}
			for _, l := range gives {
				if l.Summary == "" || l.Reason == "" || l.Warning && l.Remedy == "" || strings.Contains(l.Reason, "%!") {
					t.Errorf("it does not say what, why and what to do: %+v", l)
				}
			}
			if not, ok := found["not.json"]; !ok || len(not) > 0 {
				t.Errorf("found where there is nothing: %+v", not)
			}
		})
	}
}

func orFalse(s string) string {
	if s == "" {
		return "false"
	}
	return s
}

func named(lints []filter.Lint, name string) []filter.Lint {
	return slices.DeleteFunc(lints, func(l filter.Lint) bool { return l.Name != name })
}

// TestLintsOfOddProfiles holds lints to what is easily got wrong.
func TestLintsOfOddProfiles(t *testing.T) {
	for name, test := range map[string]struct {
		profile string
		want    []string // warnings: name and place
	}{
		"an empty deny list": {`{"defaultAction":"SCMP_ACT_ALLOW"}`, nil},
		"two refusals, one without conditions": {`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
			{"names":["ptrace"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"op":"SCMP_CMP_EQ","value":16}]},
			{"names":["ptrace"],"action":"SCMP_ACT_ERRNO"}]}`, nil}, // of no effect, and harmless
		"a refusal first, then the call allowed": {`{"defaultAction":"SCMP_ACT_LOG","syscalls":[
			{"names":["ptrace"],"action":"SCMP_ACT_ERRNO"},
			{"names":["ptrace"],"action":"SCMP_ACT_ALLOW"}]}`, []string{"no-effect /syscalls/1/names/0"}},
		"allowed first, then refused": {`{"defaultAction":"SCMP_ACT_LOG","syscalls":[
			{"names":["ptrace"],"action":"SCMP_ACT_ALLOW"},
			{"names":["ptrace"],"action":"SCMP_ACT_ERRNO"}]}`, []string{"swallowed-deny /syscalls/1/names/0"}},
		"bounds that junk meets": {`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
			{"names":["ioctl"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"op":"SCMP_CMP_GE","value":5}]}]}`, nil},
		"bounds that junk passes": {`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
			{"names":["ioctl"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"op":"SCMP_CMP_LE","value":5}]}]}`, []string{"unsafe-comparison /syscalls/0/args/0"}},
		"a length": {`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
			{"names":["getrandom"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"op":"SCMP_CMP_EQ","value":5}]}]}`, nil},
		"32 bits alone": {`{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86"],"syscalls":[
			{"names":["ioctl"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"op":"SCMP_CMP_EQ","value":5}]}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := filter.Parse([]byte(test.profile))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range f.Lint() {
				if l.Warning {
					got = append(got, l.Name+" "+l.Place)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestAlwaysTrue holds which conditions on one argument are together always true, and what is said of them.
func TestAlwaysTrue(t *testing.T) {
	cond := func(index int, op string, values ...string) string {
		second := ""
		if len(values) > 1 {
			second = `,"valueTwo":` + values[1]
		}
		return fmt.Sprintf(`{"index":%d,"op":"SCMP_CMP_%s","value":%s%s}`, index, op, values[0], second)
	}
	rule := func(name, action string, conds ...string) string {
		return `{"names":["` + name + `"],"action":"SCMP_ACT_` + action + `","args":[` + strings.Join(conds, ",") + `]}`
	}
	const most = "18446744073709551615"
	for name, test := range map[string]struct {
		rules []string
		want  string // the reason; "": there is no lint
	}{
		"a range that was meant": {[]string{rule("socket", "ALLOW", cond(0, "GE", "1"), cond(0, "LE", "10"))},
			"The conditions on argument 0 in /syscalls/0 together match every value, and so allow socket whatever the argument: runtimes make a rule of each, and one that matches is enough."},
		"two rules": {[]string{rule("socket", "ALLOW", cond(1, "NE", "1")), rule("socket", "ALLOW", cond(1, "EQ", "1"))},
			"The conditions on argument 1 in /syscalls/0 and /syscalls/1 together match every value, and so allow socket whatever the argument: runtimes make a rule of each, and one that matches is enough."},
		"a refusal":                {[]string{rule("socket", "KILL_PROCESS", cond(0, "LT", "7"), cond(0, "GT", "3"))}, "The conditions on argument 0 in /syscalls/0 together match every value, and so refuse socket"},
		"a range that is left out": {[]string{rule("socket", "ALLOW", cond(0, "LT", "38"), cond(0, "GT", "40"))}, ""},
		"one value left out":       {[]string{rule("socket", "ALLOW", cond(0, "LT", "38"), cond(0, "GT", "38"))}, ""},
		"up to the end":            {[]string{rule("socket", "ALLOW", cond(0, "LE", "38"), cond(0, "GE", "39"))}, "The conditions on"},
		"three":                    {[]string{rule("socket", "ALLOW", cond(0, "LT", "38"), cond(0, "EQ", "38"), cond(0, "GT", "38"))}, "The conditions on"},
		"alone, and always true":   {[]string{rule("socket", "ALLOW", cond(0, "GE", "0"))}, "The conditions on"},
		"to the largest number":    {[]string{rule("socket", "ALLOW", cond(0, "LE", most))}, "The conditions on"},
		"all but the largest":      {[]string{rule("socket", "ALLOW", cond(0, "LT", most))}, ""},
		"none":                     {[]string{rule("socket", "ALLOW", cond(0, "GT", most))}, ""},
		"both values of a bit":     {[]string{rule("clone", "ALLOW", cond(0, "MASKED_EQ", "4", "4")), rule("clone", "ALLOW", cond(0, "MASKED_EQ", "4", "0"))}, "The conditions on"},
		"one value of two bits":    {[]string{rule("clone", "ALLOW", cond(0, "MASKED_EQ", "6", "4")), rule("clone", "ALLOW", cond(0, "MASKED_EQ", "6", "0"))}, ""},
		"a mask of nothing":        {[]string{rule("ioctl", "ALLOW", cond(1, "MASKED_EQ", "0", "0"))}, "The mask of argument 1 in /syscalls/0 is 0, and so the condition matches every value."},
		"other arguments":          {[]string{rule("socket", "ALLOW", cond(0, "NE", "1")), rule("socket", "ALLOW", cond(1, "NE", "2"))}, ""},
		"beside another argument":  {[]string{rule("socket", "ALLOW", cond(0, "NE", "1"), cond(1, "EQ", "1")), rule("socket", "ALLOW", cond(0, "NE", "2"), cond(1, "EQ", "1"))}, ""},
		"other calls":              {[]string{rule("socket", "ALLOW", cond(0, "NE", "1")), rule("connect", "ALLOW", cond(0, "NE", "2"))}, ""},
		"other actions":            {[]string{rule("socket", "ALLOW", cond(0, "NE", "1")), rule("socket", "LOG", cond(0, "EQ", "1"))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := filter.Read([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[`+strings.Join(test.rules, ",")+`]}`), filter.Node{})
			if err != nil {
				t.Fatal(err)
			}
			switch got := named(f.Lint(), "always-true"); {
			case test.want == "" && len(got) > 0:
				t.Errorf("found where there is nothing: %+v", got)
			case test.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0].Reason, test.want) || got[0].Call == ""):
				t.Errorf("got %+v, want %q", got, test.want)
			}
		})
	}
}

// TestRuntimeNeedsByVersion asks for the calls that each runtime needs, of a profile that allows all calls but one.
func TestRuntimeNeedsByVersion(t *testing.T) {
	for _, test := range []struct{ refused, runtime, want string }{ // want begins "warning" or "note"; "": no lint
		{"statx", "runc 1.4.0", "warning The profile refuses statx, which runc from 1.2.8, 1.3.3 and 1.4.0 on calls under the filter: the container does not start."},
		{"fstat", "runc 1.4.0", "warning"}, {"openat2", "runc 1.4.0", ""}, {"openat2", "runc 1.5.1", ""}, {"openat2", "runc 1.2.9", ""}, {"openat2", "runc 1.3.6", ""}, {"openat2", "runc 1.2.8", "warning"},
		{"openat2", "", "note"}, {"openat2", "containerd 2.1", "note"}, {"openat2", "runc", "note"}, {"newfstatat", "runc 1.4.0", ""},
		{"statx", "runc 1.3.3", "warning"}, {"openat2", "runc 1.3.3", "warning The profile refuses openat2, which runc 1.2.8 and 1.3.3 call under"},
		{"statx", "runc 1.3.2", ""}, {"openat2", "runc 1.3.2", ""}, {"fstat", "runc 1.3.2", "note"}, {"newfstatat", "runc 1.3.2", "note"},
		{"statx", "runc v1.2.8", "warning"}, {"statx", "runc 1.2.7", ""}, {"statx", "runc 1.1.15", ""}, {"statx", "runc 2.0.0", "warning"}, {"statx", "runc 1.4", "warning"},
		{"fstatfs", "runc 1.1.5", "warning"}, {"fstatfs", "runc 1.4.0", "warning"}, {"execve", "runc 1.4.0", "warning"},
		{"statx", "runc", "warning"}, {"statx", "containerd 2.1", "warning"}, {"statx", "docker 20.10", "warning"}, {"statx", "", "warning"},
		{"statx", "crun 1.20", ""}, {"fstatfs", "crun 1.20", ""}, {"statx", "podman 5.0", ""}, {"statx", "cri-o 1.33", ""}, {"statx", "cri-o 1.30", "warning"},
		{"setresuid", "crun 1.20", "note"}, {"setresuid", "runc 1.4.0", ""}, {"setresuid", "", "note"}, {"execve", "crun 1.20", "warning"},
	} {
		runtime, err := filter.ParseRuntime(test.runtime)
		if err != nil {
			t.Fatal(err)
		}
		f, err := filter.Read([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["`+test.refused+`"],"action":"SCMP_ACT_ERRNO"}]}`),
			filter.Node{Runtime: runtime})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, l := range named(f.Lint(), "runtime-needs") {
			kind := map[bool]string{true: "warning ", false: "note "}[l.Warning]
			if got == "" || l.Warning {
				got = kind + l.Reason
			}
		}
		if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s under %q: %q, want %q", test.refused, test.runtime, got, test.want)
		}
	}
}

// TestComparisonsNameWhatTheyAreAbout holds the whole text of lints on one condition: the argument and the calls are in it.
func TestComparisonsNameWhatTheyAreAbout(t *testing.T) {
	f, err := filter.Read([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[
		{"names":["personality","socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"op":"SCMP_CMP_NE","value":40}]},
		{"names":["connect"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"op":"SCMP_CMP_EQ","value":16},{"index":1,"op":"SCMP_CMP_EQ","value":4096}]}]}`), filter.Node{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]filter.Lint{
		"unsafe-comparison": {Name: "unsafe-comparison", Place: "/syscalls/0/args/0", Summary: "Unsafe comparison", Warning: true,
			Reason: "The kernel reads 32 bits of argument 0 of personality and socket, and this compares 64: other upper halves get past it.",
			Remedy: "List the values that are allowed with SCMP_CMP_EQ, or compare with SCMP_CMP_MASKED_EQ on the lower 32 bits."},
		"pointer-comparison": {Name: "pointer-comparison", Place: "/syscalls/1/args/1", Call: "connect", Summary: "Comparison of an address", Warning: true,
			Reason: "Argument 1 of connect is a pointer: a filter sees the address, which the caller chooses, and not what lies there.",
			Remedy: "Refuse or allow the call as a whole."},
	} {
		if got := named(f.Lint(), name); len(got) != 1 || got[0] != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// written is a rule of a random profile.
type written struct {
	Names    []string      `json:"names"`
	Action   string        `json:"action"`
	ErrnoRet *int          `json:"errnoRet,omitempty"`
	Args     []writtenArgs `json:"args,omitempty"`
}

type writtenArgs struct {
	Index    int    `json:"index"`
	Op       string `json:"op"`
	Value    uint64 `json:"value"`
	ValueTwo uint64 `json:"valueTwo"`
}

// TestRulesWithoutEffectHaveNone: a rule, or a name of one, that a lint calls without effect can be removed, and no decision changes.
func TestRulesWithoutEffectHaveNone(t *testing.T) {
	calls := []string{"socket", "ptrace", "ioctl"}
	removed := 0
	rapid.Check(t, func(t *rapid.T) {
		initial := rapid.SampledFrom([]string{"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"}).Draw(t, "default")
		rules := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) written {
			w := written{
				Names:  rapid.SliceOfNDistinct(rapid.SampledFrom(calls), 1, 2, rapid.ID[string]).Draw(t, "names"),
				Action: rapid.SampledFrom([]string{"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"}).Draw(t, "action"),
			}
			for range rapid.IntRange(0, 2).Draw(t, "conditions") {
				w.Args = append(w.Args, writtenArgs{
					Index: rapid.IntRange(0, 1).Draw(t, "index"), Op: rapid.SampledFrom([]string{"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"}).Draw(t, "op"),
					Value: rapid.SampledFrom([]uint64{0, 1, 2, 1 << 32}).Draw(t, "value"), ValueTwo: rapid.Uint64Range(0, 2).Draw(t, "second"),
				})
			}
			return w
		}), 1, 5).Draw(t, "rules")
		f, err := filter.Parse(encode(t, initial, rules))
		if err != nil {
			return // rules that libseccomp refuses together
		}
		for _, l := range f.Lint() {
			if l.Name != "no-effect" && l.Name != "swallowed-deny" {
				continue
			}
			g, err := filter.Parse(encode(t, initial, without(rules, l)))
			if err != nil {
				continue // it kept two others apart that libseccomp refuses together
			}
			removed++
			for _, arch := range []linux.Arch{linux.AMD64, linux.I386} {
				for _, name := range calls {
					for _, a := range []uint64{0, 1, 2, 3, 1 << 32, 1<<32 | 1} {
						for _, b := range []uint64{0, 1, 2} {
							call := filter.Call{Native: linux.AMD64, Arch: arch, Name: name, Args: [6]uint64{a, b}}
							if arch == linux.I386 {
								call.Args[0] = uint64(uint32(a))
							}
							// Where rules are told apart by what 32 bits do not hold, nothing is decided
							// for 386 until one of them is gone.
							before, after := f.Decide(call), g.Decide(call)
							if before.String() != after.String() && (before.Action != filter.Undecided || arch != linux.I386) {
								t.Fatalf("%+v at %s: %s %s(%d, %d) was %s, is %s (%s)", l, l.Place, arch, name, a, b, before, after, after.Reason)
							}
						}
					}
				}
			}
		}
	})
	if removed < 50 {
		t.Errorf("only %d rules without effect were tried", removed)
	}
}

// without gives the rules less what a lint is about: a name, or the names that its reason lists.
func without(rules []written, l filter.Lint) []written {
	out := slices.Clone(rules)
	var i int
	fmt.Sscanf(l.Place, "/syscalls/%d", &i)
	names := slices.Clone(out[i].Names)
	if l.Call != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return n == l.Call })
	} else {
		names = slices.DeleteFunc(names, func(n string) bool { return strings.Contains(l.Reason, n) })
	}
	if out[i].Names = names; len(names) == 0 {
		out = slices.Delete(out, i, i+1)
	}
	return out
}

func encode(t *rapid.T, initial string, rules []written) []byte {
	body, err := json.Marshal(map[string]any{
		"defaultAction": initial, "architectures": []string{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}, "syscalls": rules,
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

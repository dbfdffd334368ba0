package rules

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// suite reads the JSON lines of another project's cases, which lie beside the
// repository where they are present at all.
func suite[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open(filepath.Join(suites.Folder(t, "falco-lang"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c T
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatal("no case read")
	}
	return cases
}

func TestSuiteParser(t *testing.T) {
	agree := 0
	cases := suite[struct{ Expect, Filter string }](t, "parser_cases.jsonl")
	for _, c := range cases {
		e, err := ParseCondition(c.Filter)
		if (err == nil) != (c.Expect == "accept") {
			t.Errorf("%q: want %s, got error %v", c.Filter, c.Expect, err)
			continue
		}
		agree++
		if err != nil {
			continue
		}
		printed := Print(e)
		again, err := ParseCondition(printed)
		if err != nil {
			t.Errorf("%q: printed form %q does not parse: %v", c.Filter, printed, err)
		} else if Print(again) != printed {
			t.Errorf("%q: printed form is not stable: %q, then %q", c.Filter, printed, Print(again))
		}
	}
	t.Logf("%d of %d cases agree", agree, len(cases))
}

func TestSuiteLoader(t *testing.T) {
	cases := suite[struct {
		Test     string
		Load     bool
		YAML     string
		Compiled map[string]string
	}](t, "rule_loader_cases.jsonl")
	loads, conditions := 0, 0
	for _, c := range cases {
		set, err := Load(File{"case.yaml", []byte(c.YAML)})
		if (err == nil) != c.Load {
			t.Errorf("%s: want load %t, got error %v", c.Test, c.Load, err)
			continue
		}
		loads++
		for name, want := range c.Compiled {
			got := "no such rule"
			for _, r := range set.Rules {
				if r.Name == name {
					got = Print(r.Condition)
				}
			}
			if got != want {
				t.Errorf("%s: rule %s\n got %s\nwant %s", c.Test, name, got, want)
				continue
			}
			conditions++
		}
	}
	t.Logf("%d of %d loads and %d conditions agree", loads, len(cases), conditions)
}

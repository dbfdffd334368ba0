package hcltext

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"capabilities.add", "capabilities.drop", "host.pid", "IPC", "ab"}
	for given, want := range map[string]string{
		"host.pdi": "host.pid", "Host.PID": "host.pid", "ipc": "IPC", "capabilities": "capabilities.add", "host.pid": "host.pid",
		"nothing.near": "", "x": "", "": "", "hos": "host.pid", "ho": "", strings.Repeat("host.pid", 100): "",
	} {
		if got := Nearest(given, known); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

// What the parser would recurse on is counted, whatever stands between.
func TestExceeds(t *testing.T) {
	limits := Limits{Nesting: 5, Operators: 10, Words: 200}
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, test := range map[string]struct {
		body string
		want Excess
		line int
	}{
		"brackets at the limit":              {"a = " + many("[", 4) + many("]", 4), Within, 0},
		"brackets":                           {"b = 1\na = " + many("[", 5) + many("]", 5), TooDeep, 2},
		"brackets that do not close":         {"a = " + many("(", 500), TooManyWords, 1},
		"templates":                          {"a = " + many(`"${`, 3), TooDeep, 1},
		"operators at the limit":             {"a = 1" + many(" + 1", 10), Within, 0},
		"operators":                          {"a = 1" + many(" + 1", 11), TooManyOperators, 1},
		"operators of the brackets around":   {"a = 1" + many(" + 1", 6) + " + (1" + many(" + 1", 5) + ")", TooManyOperators, 1},
		"operators of other attributes":      {many("a = 1 + 1\n", 20), Within, 0},
		"operators behind comments":          {many("a = 1 + 1 # why\n", 20), Within, 0},
		"operators with comments in between": {"a = 1" + many(" /* */ + 1", 11), TooManyOperators, 1},
		"operators on several lines":         {"a = (1" + many(" +\n1", 11) + ")", TooManyOperators, 11},
		"indexes":                            {"a = b" + many("[0]", 11), TooManyOperators, 1},
		"directives":                         {`a = "` + many("%{ if b }", 11) + `"`, TooManyOperators, 1},
		"elements":                           {"a = [" + many("-1, ", 30) + "]", Within, 0},
		"words":                              {many("a ", 201), TooManyWords, 1},
	} {
		at, got := limits.Exceeds([]byte(test.body), "f.hcl")
		if got != test.want || got != Within && at.Filename != "f.hcl" || at.Start.Line != test.line {
			t.Errorf("%s: %v at %v, want %v on line %d", name, got, at, test.want, test.line)
		}
	}
}

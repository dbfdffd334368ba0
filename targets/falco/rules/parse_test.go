package rules

import (
	"errors"
	"strings"
	"testing"
)

func TestParseConditionPlaces(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", "1:1: expected '(', a field or the name of a macro"},
		{"proc.name", "1:10: expected an operator"},
		{"proc.name = a\n  and (fd.name = b", "2:19: expected ')'"},
		{"proc.name = 'a\\qb'", `1:15: unsupported escape '\q'`},
		{"proc.name = 'a", "1:13: quote is not closed"},
		{"a andb", "1:6: expected a blank or '(' after 'and'"},
		{"a and(b)c", "1:9: expected 'and', 'or' or the end"},
		{"evt.arg[] = 1", "1:9: expected an argument"},
		{"proc.pid > x", "1:12: expected a number"},
		{"proc.name in", "1:13: expected a list"},
		{"proc.name in (a b)", "1:17: expected ',' or ')'"},
		{"proc.name = \xff", "1:13: invalid UTF-8"},
		{"proc.name = a\x00b", "1:14: NUL byte"},
		{strings.Repeat("(", MaxDepth+1) + "a" + strings.Repeat(")", MaxDepth+1), "nested deeper than"},
		{strings.Repeat("tolower(", MaxDepth+1) + "a.b" + strings.Repeat(")", MaxDepth+1) + " = x", "nested deeper than"},
		{strings.Repeat("a", MaxConditionSize+1), "is longer than"},
	}
	for _, c := range cases {
		_, err := ParseCondition(c.text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestParseConditionShape(t *testing.T) {
	cases := []struct{ text, want string }{
		{"a or b and not c", "(a or (b and not c))"},
		{"not a and b", "(not a and b)"},
		{"not not a", "a"},
		{"not (not a)", "not (not a)"},
		{"(a and b) and c", "((a and b) and c)"},
		{"evt.type=execve and proc.name in (bash,'a b')", `(evt.type = execve and proc.name in (bash, "a b"))`},
		{"evt.arg[flags] contains 'x(y)'", `evt.arg[flags] contains "x(y)"`},
		{"proc.env['a b'] exists", `proc.env["a b"] exists`},
		{"proc.name = ''", `proc.name = ""`},
		{`proc.name = C:\`, `proc.name = C:\`},
		{`proc.name = "a b\ "`, `proc.name = "a b\ "`},
		{"proc.name = 'oneof'", `proc.name = "oneof"`},
		{"proc.name = oneof names", "proc.name = oneof names"},
		{"proc.name = oneof and a", `(proc.name = "oneof" and a)`},
		{`join("-", (fd.name, 12, "x", tolower(proc.name))) = a`, `join("-", (fd.name, 12, "x", tolower(proc.name))) = a`},
		{"proc.name = val(proc.pname)", "proc.name = val(proc.pname)"},
	}
	for _, c := range cases {
		e, err := ParseCondition(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := Print(e); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestPositions(t *testing.T) {
	e, err := ParseCondition("a.a = 1 and\n not b.b exists")
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	Walk(e, func(e Expr) { places = append(places, e.Position().String()) })
	if got := strings.Join(places, " "); got != "1:1 1:1 2:2 2:6" {
		t.Errorf("places: %s", got)
	}
}

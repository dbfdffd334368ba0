package edit

import "testing"

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name, in string
		step     Step
		want     string // "" where the change is refused
	}{
		{"replace", "a: true # why\n", Step{Set, []string{"a"}, "false"}, "a: false # why\n"},
		{"parents", "c:\n- name: x # n\n  # last\n", Step{Set, []string{"c", "0", "s", "p"}, "false"}, "c:\n- name: x # n\n  s:\n    p: false\n  # last\n"},
		{"crlf", "a:\r\n  b: 1\r\n", Step{Set, []string{"a", "c"}, "true"}, "a:\r\n  b: 1\r\n  c: true\r\n"},
		{"flow", "a: {b: 1}\n", Step{Set, []string{"a", "c", "d"}, "x"}, "a: {b: 1, c: {d: x}}\n"},
		{"append", "a:\n  d:\n    - X\nb: 1\n", Step{Append, []string{"a", "d"}, "ALL"}, "a:\n  d:\n    - X\n    - ALL\nb: 1\n"},
		{"remove", "a:\n- X # why\n- Y\n", Step{Remove, []string{"a", "0"}, ""}, "a:\n# why\n- Y\n"},
		{"remove first of an element", "a:\n- h: 1\n  c: 2\n", Step{Remove, []string{"a", "0", "h"}, ""}, "a:\n- c: 2\n"},
		{"remove all", "b: 1\na:\n  x: [X]\n", Step{Remove, []string{"a", "x", "0"}, ""}, "b: 1\n"},
		{"alias", "a: &x {b: true}\nc: *x\n", Step{Set, []string{"c", "b"}, "false"}, ""},
		{"anchor", "a: &x {b: true}\nc: *x\n", Step{Set, []string{"a", "b"}, "false"}, ""},
		{"no last line end", "a:\n  b: 1", Step{Set, []string{"a", "c"}, "2"}, "a:\n  b: 1\n  c: 2"},
		{"null", "a:\n  s: # why\n  b: 1\n", Step{Set, []string{"a", "s", "p"}, "false"}, "a:\n  s: # why\n    p: false\n  b: 1\n"},
		{"null in the place", "a: # why\nb: 1\n", Step{Set, []string{"a"}, "false"}, "a: false # why\nb: 1\n"},
		{"null written out", "a: {b: null}\n", Step{Append, []string{"a", "b"}, "x"}, "a: {b: [x]}\n"},
		{"text", "a:\n  t: |\n    # x\n\nb: 1\n", Step{Set, []string{"a", "c"}, "2"}, "a:\n  t: |\n    # x\n  c: 2\n\nb: 1\n"},
	} {
		got, err := Apply([]byte(c.in), c.step)
		if (err != nil) != (c.want == "") || string(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

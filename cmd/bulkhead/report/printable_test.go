package report

import (
	"strings"
	"testing"
)

// Whatever is written in however many pieces, no line of it is a command, and no
// terminal acts upon it. What is ordinary stays as it is.
func TestLineWriter(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb é\n":               "a\tb é\n",
		"a\r\n":                  "a\r\n",
		"no end":                 "no end",
		"::error::x\n":           "\\::error::x\n",
		" \t::error::x":          " \t\\::error::x",
		"a ::error::x\n":         "a ::error::x\n",
		"\x1b[2K\r::error::x\n":  "\\x1b[2K\\r::error::x\n",
		"x ##[error]y\n":         "x #\\#[error]y\n",
		"##vso[task.setvariable": "#\\#vso[task.setvariable",
		"a\u202eb\u2028c\x9b\n":  "a\\u202eb\\u2028c\\ufffd\n",
		"## heading\n\n::\n":     "## heading\n\n\\::\n",
	} {
		for step := 1; step <= len(in); step++ {
			var out strings.Builder
			w := NewLineWriter(&out)
			for rest := in; rest != ""; {
				n := min(step, len(rest))
				if _, err := w.Write([]byte(rest[:n])); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil || out.String() != want {
				t.Fatalf("%q in pieces of %d: got %q, %v, want %q", in, step, out.String(), err, want)
			}
		}
	}
}

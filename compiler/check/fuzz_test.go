package check

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// FuzzBaseline reads anything as a baseline. What is read is written as what is read again, and a baseline that is made of
// findings suppresses these and no more.
func FuzzBaseline(f *testing.F) {
	f.Add([]byte(`{"findings":[{"fingerprint":"a","count":2,"control":"host.pid","file":"a.yaml","message":"m"}]}`), "host.pid", "a.yaml", "m")
	f.Add([]byte(`{"findings":[]}{}`), "", "\x00", "\xff\u2028")
	f.Add([]byte(`{"findings":[{"fingerprint":"a","count":0}]}`), "x", "", "\n")
	f.Fuzz(func(t *testing.T, body []byte, ctrl, file, message string) {
		if b, err := ParseBaseline(body); err == nil {
			if again := reread(t, b); !reflect.DeepEqual(b, again) {
				t.Fatalf("%q is read as %+v, and then as %+v", body, b, again)
			}
		}
		one := Finding{Severity: Error, Control: ctrl, File: file, Message: message, Path: []string{"spec", "0"}}
		other, undecided := one, one
		other.Message += "x"
		undecided.Undecided = true
		b := reread(t, NewBaseline(Result{Findings: []Finding{one, one, undecided}}))
		r := Result{Findings: []Finding{one, other, undecided, one, one}}
		if mended := b.Apply(&r, []File{{Name: file}}); mended != 0 {
			t.Errorf("%d fixed", mended)
		}
		for i, want := range []bool{true, false, false, true, false} {
			if got := r.Findings[i].Suppressed != nil; got != want {
				t.Errorf("finding %d is suppressed: %v, want %v", i, got, want)
			}
		}
	})
}

func reread(t *testing.T, b Baseline) Baseline {
	t.Helper()
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseBaseline(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return again
}

// FuzzComments reads anything for comments that ignore findings. Each names a control and lies within the file, and one that is
// put above any line is found, with its reason and that line.
func FuzzComments(f *testing.F) {
	f.Add([]byte("a: 1 # bulkhead:ignore host.pid -- why\n# bulkhead:ignore host.ipc -- x\n\n# c\nb: 2\n"), 3)
	f.Add([]byte("# bulkhead:ignore\r\n# bulkhead:ignore nothing -- x\n#bulkhead:ignore host.pid--\n"), 0)
	f.Add([]byte("{\"a\": \"# bulkhead:ignore host.pid -- x\"}"), 0)
	f.Fuzz(func(t *testing.T, body []byte, at int) {
		lines := bytes.SplitAfter(body, []byte("\n"))
		list, problems := comments("f.yaml", body)
		if len(list)+len(problems) > bytes.Count(body, []byte(marker)) {
			t.Fatalf("%d comments of %q", len(list)+len(problems), body)
		}
		for _, c := range list {
			if _, ok := control.Lookup(c.control); !ok || c.reason == "" || c.line < 1 || c.about < c.line || c.about > len(lines) || !strings.Contains(string(lines[c.line-1]), marker) {
				t.Errorf("%+v of %q", c, body)
			}
		}
		if at < 0 || at >= len(lines) || isJSON(body) {
			return
		}
		target := strings.TrimSpace(string(lines[at]))
		if target == "" || strings.HasPrefix(target, "#") {
			return
		}
		const put = "  # bulkhead:ignore host.pid -- it is so\n"
		with := bytes.Join([][]byte{bytes.Join(lines[:at], nil), []byte(put), bytes.Join(lines[at:], nil)}, nil)
		more, _ := comments("f.yaml", with)
		for _, c := range more {
			if c.line == at+1 && c.about == at+2 && c.control == "host.pid" && c.reason == "it is so" {
				return
			}
		}
		t.Errorf("the comment on line %d is not found: %q", at+1, with)
	})
}

package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

// A finding is found by as much of its name as tells it from the others, and equal
// ones by one name.
func TestFind(t *testing.T) {
	var r check.Result
	prints := map[string]string{} // first four digits to a whole name
	near := ""
	for i := 0; near == ""; i++ {
		f := check.Finding{File: "f", Line: i, Message: fmt.Sprintf("m%d", i)}
		r.Findings = append(r.Findings, f)
		if prints[f.Fingerprint()[:4]] != "" {
			near = f.Fingerprint()
		}
		prints[f.Fingerprint()[:4]] = f.Fingerprint()
	}
	if _, _, err := r.Find(near[:4]); err == nil || strings.Count(err.Error(), "\n  "+near[:4]) != 2 {
		t.Errorf("of two that begin with %s: %v", near[:4], err)
	}
	for _, id := range []string{near[:9], near, strings.ToUpper(near[:9])} {
		if f, others, err := r.Find(id); err != nil || f.Fingerprint() != near || others != 0 {
			t.Errorf("%s: %v, %d others, %v", id, f, others, err)
		}
	}
	twice := check.Result{Findings: []check.Finding{r.Findings[0], r.Findings[0], r.Findings[1]}}
	if f, others, err := twice.Find(check.ShortID(r.Findings[0].Fingerprint())); err != nil || f.Message != "m0" || others != 1 {
		t.Errorf("of two that are equal: %v, %d others, %v", f, others, err)
	}
	for id, want := range map[string]string{"": "too short", "abc": "too short", "zzzz": "no finding is called", "no such": "and "} {
		if _, _, err := r.Find(id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// Findings that agree in all the digits that a line shows are listed with more of them.
func TestFindAmongShownAlike(t *testing.T) {
	r := check.Result{Findings: []check.Finding{{File: "f", Line: 1, Message: "m354"}, {File: "f", Line: 2, Message: "m11503"}, {File: "g", Line: 3}}}
	_, _, err := r.Find("b8e837cf")
	want := `"b8e837cf" may be any of these findings; give more of it:
  b8e837cfb679c1c3  f:1: 
  b8e837cf190543aa  f:2: `
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	other := check.ShortID(r.Findings[2].Fingerprint())
	_, _, err = r.Find("00000000")
	if want := "\n  b8e837cf  f:1: \n  b8e837cf  f:2: \n  " + other + "  g:3: "; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v\nwant it to end in %s", err, want)
	}
}

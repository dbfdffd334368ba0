package check

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// fill gives everything in a value something that tells it from the rest.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Int:
		v.SetInt(int64(*n) * 1000)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	default:
		panic("what is told has a " + v.Kind().String() + ", which the test cannot fill")
	}
}

// Nothing that is told of a file gets lost: who adds a field sees it here.
func TestEncode(t *testing.T) {
	exceptions := []*policy.Exception{{Name: "a"}, {Name: "b"}}
	c := &Checker{policy: &policy.Policy{Exceptions: exceptions}}
	n := 0
	full := Suppression{}
	fill(reflect.ValueOf(&full.By).Elem(), &n)
	fill(reflect.ValueOf(&full.Reason).Elem(), &n)
	full.Exception = exceptions[1]
	if reflect.TypeFor[Suppression]().NumField() != 3 {
		t.Error("a suppression has fields that the test does not fill")
	}
	var r Result
	for range 3 {
		var f Finding
		fields := reflect.ValueOf(&f).Elem()
		for i := range fields.NumField() {
			if name := fields.Type().Field(i).Name; name != "Suppressed" {
				fill(fields.Field(i), &n)
			}
		}
		f.File = "f.yaml"
		r.Findings = append(r.Findings, f)
	}
	r.Findings[1].Suppressed = &full
	r.Findings[2].Suppressed = &Suppression{By: ByComment}
	r.Findings = append(r.Findings, Finding{File: "f.yaml"}, Finding{File: "f.yaml", Path: []string{}})
	r.Skipped = []input.Skipped{{File: "f.yaml", Line: 3, Reason: "why"}, {File: "f.yaml"}}
	r.Checked = 7
	for _, want := range []Result{r, {}} {
		answer, ok := c.encode(want)
		if !ok {
			t.Fatal("it cannot be written")
		}
		got, ok := c.decode(string(answer), "f.yaml")
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant\n%+v", got, want)
		}
		for i := range answer {
			if _, ok := c.decode(string(answer[:i]), "f.yaml"); ok {
				t.Errorf("%d of %d bytes are read as if they were all", i, len(answer))
			}
		}
		if _, ok := c.decode(string(answer)+"\x00", "f.yaml"); ok {
			t.Error("what follows is passed over")
		}
	}
	if r.Findings[0].Suppressed = (&Suppression{Exception: &policy.Exception{Name: "a"}}); true {
		if _, ok := c.encode(r); ok {
			t.Error("an exception of another policy is kept")
		}
	}
}

func FuzzDecode(f *testing.F) {
	c := &Checker{policy: &policy.Policy{Exceptions: []*policy.Exception{{Name: "a"}}}}
	answer, _ := c.encode(Result{Checked: 1, Findings: []Finding{{Control: "host.pid", Path: []string{"spec"}, Suppressed: &Suppression{Exception: c.policy.Exceptions[0]}}}, Skipped: []input.Skipped{{Line: 1}}})
	f.Add(string(answer))
	f.Fuzz(func(t *testing.T, text string) {
		if r, ok := c.decode(text, "f"); ok {
			again, ok := c.encode(r)
			if back, same := c.decode(string(again), "f"); !ok || !same || !reflect.DeepEqual(r, back) {
				t.Errorf("%+v comes back as %+v", r, back)
			}
		}
	})
}

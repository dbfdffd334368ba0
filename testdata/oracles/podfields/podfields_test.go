// Package podfields holds the page on the fields of pods to the API types of Kubernetes: a newer k8s.io/api with another field
// fails, until somebody says which control looks at it or why none does.
package podfields

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

var row = regexp.MustCompile("(?m)^\\| `([A-Za-z0-9]+\\.[A-Za-z0-9]+)` \\| ([^|]*) \\| ([^|]*) \\|$")

// fields collects the fields of a type and of all that it reaches, as Type.field.
func fields(of reflect.Type, seen map[reflect.Type]bool, into map[string]bool) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		fields(of.Elem(), seen, into)
		return
	case reflect.Struct:
	default:
		return
	}
	// Amounts, times and what else is one value to Kubernetes have no fields in JSON.
	if seen[of] || !strings.HasPrefix(of.PkgPath(), "k8s.io/api/") && !meta[of.Name()] {
		return
	}
	seen[of] = true
	for i := range of.NumField() {
		f := of.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			into[of.Name()+"."+name] = true
		}
		fields(f.Type, seen, into)
	}
}

// meta are types of apimachinery with fields that a pod states.
var meta = map[string]bool{"ObjectMeta": true, "LabelSelector": true, "LabelSelectorRequirement": true}

func TestEveryFieldIsListed(t *testing.T) {
	page, err := os.ReadFile("../../../docs/pod-fields.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		if listed[m[1]] {
			t.Errorf("%s is listed twice", m[1])
		}
		if m[2] == "" && m[3] == "" {
			t.Errorf("%s has neither a control nor a reason", m[1])
		}
		listed[m[1]] = true
	}
	api := map[string]bool{}
	fields(reflect.TypeFor[corev1.PodTemplateSpec](), map[reflect.Type]bool{}, api)
	if len(api) < 350 {
		t.Fatalf("only %d fields were found", len(api))
	}
	for name := range api {
		if !listed[name] {
			t.Errorf("docs/gen/podfields.txt lacks %s: say which control looks at it, or why none does", name)
		}
	}
	for name := range listed {
		if !api[name] {
			t.Errorf("docs/gen/podfields.txt has %s, which the API has not", name)
		}
	}
}

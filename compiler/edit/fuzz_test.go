package edit

import (
	"bytes"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// FuzzApply makes any change of any text, and holds what comes out to the change as made in the decoded document: nothing else
// is different, and the same change again changes nothing.
func FuzzApply(f *testing.F) {
	f.Add([]byte("spec:\n  containers:\n  - name: a # why\n    securityContext: {privileged: true}\n"), 1, "spec/containers/0/securityContext/privileged", "false")
	f.Add([]byte("a: &x {b: [1, 2]}\r\nc: *x\r\n"), 3, "a/b/0", "")
	f.Add([]byte("{\"a\": {\"b\": null}}"), 2, "a/b", "ALL")
	f.Add([]byte("a:\n- - x\n  - y # z\n-\n"), 3, "a/0/1", "")
	f.Fuzz(func(t *testing.T, text []byte, op int, path, value string) {
		if len(text) > 1<<12 || len(path) > 200 || len(value) > 200 || path == "" {
			return
		}
		s := Step{Op(op), strings.Split(path, "/"), value}
		before := bytes.Clone(text)
		out, err := Apply(text, s)
		if !bytes.Equal(text, before) {
			t.Fatal("the text of the caller is changed")
		}
		if err != nil {
			if out != nil {
				t.Fatalf("an error with a text: %v, %q", err, out)
			}
			return
		}
		var old, new any
		if yaml.Unmarshal(text, &old) != nil {
			return // merges and keys that only nodes can hold
		}
		if err := yaml.Unmarshal(out, &new); err != nil {
			t.Fatalf("no YAML any more: %v\n%s", err, out)
		}
		if want, ok := changed(old, s.Op, s.Path, value); ok && !reflect.DeepEqual(want, new) {
			t.Fatalf("%v of %q:\n got %#v\nwant %#v\n%s", s, text, new, want, out)
		}
		if s.Op != Set {
			return
		}
		again, err := Apply(out, s)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("again: %v\n%q\n%q", err, out, again)
		}
	})
}

// changed makes a Set or an Append in a decoded document; false where the path leads through what the decoder has no place for.
func changed(v any, op Op, path []string, value string) (any, bool) {
	if len(path) == 0 {
		var scalar any
		if yaml.Unmarshal([]byte(value), &scalar) != nil {
			return nil, false
		}
		if op == Set {
			return scalar, true
		}
		list, ok := v.([]any)
		return append(list, scalar), op == Append && (ok || v == nil)
	}
	switch in := v.(type) {
	case nil:
		inner, ok := changed(nil, op, path[1:], value)
		return map[string]any{path[0]: inner}, ok
	case map[string]any:
		inner, ok := changed(in[path[0]], op, path[1:], value)
		in[path[0]] = inner
		return in, ok
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(in) {
			return nil, false
		}
		inner, ok := changed(in[i], op, path[1:], value)
		in[i] = inner
		return in, ok
	}
	return nil, false
}

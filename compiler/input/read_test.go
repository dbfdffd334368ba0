package input

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// plain gives a node as encoding/json would decode it, numbers as their text.
func plain(n *Node) any {
	switch n.Kind {
	case Null:
		return nil
	case Bool:
		return n.Value == "true"
	case Number:
		return json.Number(n.Value)
	case String:
		return n.Value
	case Sequence:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = plain(item)
		}
		return out
	case Mapping:
		out := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			out[f.Key] = plain(f.Value)
		}
		return out
	}
	panic("invalid node")
}

func asJSON(t *testing.T, docs []*Document) string {
	t.Helper()
	var lines []string
	for _, d := range docs {
		b, err := json.Marshal(plain(d.Root))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return strings.Join(lines, "\n")
}

func TestReadValues(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"YAML 1.1 booleans":          {"{a: yes, b: Off, c: y, d: 'yes', e: TRUE, f: nope}", `{"a":true,"b":false,"c":true,"d":"yes","e":true,"f":"nope"}`},
		"octal and other bases":      {"{a: 0644, b: 0o644, c: 0x10, d: 1_000, e: 0b11, f: 08}", `{"a":420,"b":420,"c":16,"d":1000,"e":3,"f":8}`},
		"floats":                     {"{a: 1.50, b: .5, c: 1e3, d: +1.5, e: 1.2.3, f: .}", `{"a":1.5,"b":0.5,"c":1000,"d":1.5,"e":"1.2.3","f":"."}`},
		"nulls":                      {"{a: , b: ~, c: null, d: ''}", `{"a":null,"b":null,"c":null,"d":""}`},
		"dates stay text":            {"a: 2024-01-02", `{"a":"2024-01-02"}`},
		"big integers":               {"{a: 9223372036854775808, b: 18446744073709551616}", `{"a":9223372036854775808,"b":18446744073709552000}`},
		"keys become text":           {"{yes: 1, 0x10: 2, 1.50: 3}", `{"1.5":3,"16":2,"true":1}`},
		"tags":                       {`{a: !!str 5, b: !!int "5", c: !!bool "on", d: !x 5, e: !!float 5}`, `{"a":"5","b":5,"c":true,"d":"5","e":5}`},
		"block scalars":              {"a: |\n  yes\nb: >-\n  1\n  2\n", `{"a":"yes\n","b":"1 2"}`},
		"merge, then stated":         {"a: &a {x: 1, z: 2}\nb:\n  <<: *a\n  z: 3\n", `{"a":{"x":1,"z":2},"b":{"x":1,"z":3}}`},
		"merge a list, first wins":   {"a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}", `{"a":{"x":1},"b":{"x":2,"z":2},"c":{"x":1,"z":2}}`},
		"quoted merge is a key":      {`a: {"<<": 1}`, `{"a":{"\u003c\u003c":1}}`},
		"alias as value and key":     {"a: &a k\nb: {*a : *a}", `{"a":"k","b":{"k":"k"}}`},
		"documents":                  {"---\na: 1\n---\n# nothing\n---\nnull\n---\n{\"b\": 2}\n---\n- c\n", "{\"a\":1}\n{\"b\":2}\n[\"c\"]"},
		"marker within text":         {"a: |\n  x\n  ---\n  y\n", `{"a":"x\n---\ny\n"}`},
		"directives":                 {"%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", "{\"a\":1}\n{\"b\":2}"},
		"document end, then another": {"a: 1\n...\nb: 2\n", "{\"a\":1}\n{\"b\":2}"},
		"comments beside markers":    {"# a\n... # b\n--- # c\na: 1\n--- # d\n... # e\nb: 2\n", "{\"a\":1}\n{\"b\":2}"},
		"a marker and a value":       {"--- {a: 1}\n---\tb\n", "{\"a\":1}\n\"b\""},
		"BOM and CRLF":               {"\xef\xbb\xbfa: 1\r\nb:\r\n- c\r\n---\r\nd: 1\r\n", "{\"a\":1,\"b\":[\"c\"]}\n{\"d\":1}"},
		"JSON with tabs and escapes": {"{\n\t\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1.0, -0, true, null, {}],\n\t\"c\": []\n}", `{"a":"😀/","b":[1,0,true,null,{}],"c":[]}`},
		"stream of JSON":             {`{"a":1} {"b":2}` + "\n[3]", "{\"a\":1}\n{\"b\":2}\n[3]"},
		"JSON's yes is text":         {`{"a":"yes","b":"0644"}`, `{"a":"yes","b":"0644"}`},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := Read("f.yaml", []byte(c.in), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, asJSON(t, docs)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	small := Limits{Bytes: 200, Documents: 10, Depth: 4, Nodes: 60, Aliased: 8}
	for name, c := range map[string]struct{ in, want string }{
		"empty":                   {"", "f.yaml: the file is empty"},
		"white space":             {" \n\t\n", "f.yaml: the file is empty"},
		"comments":                {"# a\n---\n# b\n", "f.yaml: the file holds no document: it is empty, or holds only comments"},
		"too large":               {strings.Repeat("a", 201), "f.yaml: the file has more than 200 bytes, which is the limit; --max-bytes sets another"},
		"many documents":          {strings.Repeat("--- a\n", 11), "f.yaml: the file holds 11 documents, the limit is 10; split it into several files"},
		"binary":                  {"a: 1\nb\x00", "f.yaml:2:2: the file is binary (it holds a zero byte); give YAML or JSON in UTF-8"},
		"UTF-16":                  {"\xff\xfea\x00", "f.yaml:1:1: the file is UTF-16; make it UTF-8: iconv -f UTF-16 -t UTF-8"},
		"UTF-16, big end first":   {"\xfe\xff\x00a", "f.yaml:1:1: the file is UTF-16; make it UTF-8: iconv -f UTF-16 -t UTF-8"},
		"UTF-32":                  {"\xff\xfe\x00\x00a\x00\x00\x00", "f.yaml:1:1: the file is UTF-32; make it UTF-8: iconv -f UTF-32 -t UTF-8"},
		"template":                {"a: {{ .Values.x }}\n", "f.yaml:1:5: an object's key must be text, not a list or an object; it is a template: check what is made of it, as in helm template CHART | bulkhead check -"},
		"template with actions":   {"a: 1\n---\n{{- if .x }}\na: 1\n{{- end }}\n", "f.yaml:3: not valid YAML: did not find expected node content; it is a template: check what is made of it, as in helm template CHART | bulkhead check -"},
		"template of JSON":        {"{\"a\": {{ .x }}}\n", "f.yaml:1:8: not valid JSON: invalid character '{' looking for beginning of object key string; it is a template: check what is made of it, as in helm template CHART | bulkhead check -"},
		"text after the end":      {"... a: 1\n", "f.yaml:1: not valid YAML: mapping values are not allowed in this context"},
		"text after an end":       {"a: 1\n... b: 1\n", "f.yaml:2: not valid YAML: mapping values are not allowed in this context"},
		"object after the end":    {"... {a: 1}\n", "f.yaml:1: not valid YAML: did not find expected node content"},
		"object after an end":     {"a: 1\n... {b: 2}\n", "f.yaml:2: not valid YAML: did not find expected <document start>"},
		"text below an end":       {"a: 1\n...\n]\n", "f.yaml:3: not valid YAML: did not find expected node content"},
		"Latin-1":                 {"a: 1\nb: \xe4\n", "f.yaml:2:4: the file is not valid UTF-8; make it so, for example: iconv -f WINDOWS-1252 -t UTF-8"},
		"tab":                     {"a:\n  b: 1\n\tc: 2\n", "f.yaml:3:1: a tab cannot indent YAML; use spaces"},
		"syntax":                  {"a: 1\n---\na: [1\nb: 2\n", "f.yaml:3: not valid YAML: did not find expected ',' or ']'"},
		"duplicate":               {"a: 1\nb: 2\na: 3\n", `f.yaml:3:1: duplicate key "a", first at line 1`},
		"duplicate once text":     {"1: 1\n\"1\": 2\n", `f.yaml:2:1: duplicate key "1", first at line 1`},
		"duplicate in JSON":       {"{\"a\":1,\n \"a\":2}", `f.yaml:2:2: duplicate key "a", first at line 1`},
		"duplicate after merge":   {"a: &a {x: 1}\nb: {<<: *a, x: 2, x: 3}\n", `f.yaml:2:19: duplicate key "x", first at line 2`},
		"merge after stated":      {"a: &a {x: 1}\nb:\n  x: 2\n  <<: *a\n", `f.yaml:4:3: key "x" is stated above and merged here, and readers of YAML differ on which holds; put << first`},
		"merge twice":             {"a: &a {x: 1}\nb:\n  <<: *a\n  <<: {z: 1}\n", "f.yaml:4:3: the merge key << stands twice in one object; give it a list"},
		"merge of a scalar":       {"b:\n  <<: 1\n", "f.yaml:2:7: the merge key << takes an object or a list of objects"},
		"deep":                    {"[[[[1]]]]", "f.yaml:1:5: nested more than 4 deep"},
		"deep in YAML":            {"a: {b: {c: {d: 1}}}", "f.yaml:1:16: nested more than 4 deep"},
		"deep through an alias":   {"a: &a {b: {c: 1}}\nd: {e: *a}", "f.yaml:2:8: nested more than 4 deep"},
		"many nodes":              {strings.Repeat("a:\n- 1\n", 20), "f.yaml:1: the document may hold 82 values, the limit is 60; split it into several files"},
		"many nodes in JSON":      {"[" + strings.Repeat("1,", 60) + "1]", "f.yaml:1:120: the document holds more than 60 values; split it into several files"},
		"aliases that explode":    {"a: &a [1,1]\nb: &b [*a,*a]\nc: *b\n", "f.yaml:3:4: aliases expand to more values than 8; write them out"},
		"alias of itself":         {"a: &a [*a]\n", `f.yaml:1:8: anchor "a" contains itself`},
		"anchor elsewhere":        {"a: &a 1\n---\nb: *a\n", `f.yaml:3:4: no anchor "a" in this document`},
		"infinity":                {"a: .inf\n", "f.yaml:1:4: .inf has no form in JSON; quote it if it is text"},
		"huge number in JSON":     {"[1e999]", "f.yaml:1:2: the number 1e999 is too large"},
		"tag that does not fit":   {"a: !!int x\n", `f.yaml:1:4: "x" cannot be read as !!int`},
		"binary tag":              {"a: !!binary aGk=\n", `f.yaml:1:4: "aGk=" cannot be read as !!binary`},
		"null key":                {"~: 1\n", "f.yaml:1:1: an object's key must be text; quote it"},
		"object as key":           {"{a: 1}: 1\n", "f.yaml:1:1: an object's key must be text, not a list or an object"},
		"anchor before, in a key": {"? &a b\n: *a\n? [*a]\n: 1\n", "f.yaml:3:3: an object's key must be text, not a list or an object"},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := Read("f.yaml", []byte(c.in), small)
			if err == nil {
				t.Fatalf("read as %s", asJSON(t, docs))
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T is not *Error", err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPosition(t *testing.T) {
	const text = `# a comment
kind: Pod
---
kind: Pod
base: &base
  privileged: true
spec:
  containers:
  - name: a
    securityContext: *base
  - {name: b, image: ü, x: 1}
`
	docs, err := Read("f.yaml", []byte(text), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path         string
		line, column int
		exact        bool
	}{
		{"", 4, 1, true},
		{"kind", 4, 1, true},
		{"spec/containers", 8, 3, true},
		{"spec/containers/0", 9, 5, true},
		{"spec/containers/0/name", 9, 5, true},
		{"spec/containers/0/securityContext", 10, 5, true},
		{"spec/containers/0/securityContext/privileged", 6, 3, true}, // where the anchored text is
		{"spec/containers/0/securityContext/runAsUser", 10, 5, false},
		{"spec/containers/1/x", 11, 25, true},
		{"spec/containers/2", 8, 3, false},
		{"spec/containers/01/name", 8, 3, false},
		{"spec/hostNetwork", 7, 1, false},
		{"metadata/name", 4, 1, false},
	} {
		var path []string
		if c.path != "" {
			path = strings.Split(c.path, "/")
		}
		line, column, exact := docs[1].Position(path...)
		if line != c.line || column != c.column || exact != c.exact {
			t.Errorf("%s: %d:%d %v, want %d:%d %v", c.path, line, column, exact, c.line, c.column, c.exact)
		}
		if (docs[1].Root.At(path...) != nil) != c.exact {
			t.Errorf("%s: At and Position differ", c.path)
		}
	}
}

func TestPositionInJSON(t *testing.T) {
	docs, err := Read("f.json", []byte("{\"a\": 1}\n{ \"b\":\n  [\"ü\", {\"c\": 2}]}"), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if line, column, exact := docs[1].Position("b", "1", "c"); line != 3 || column != 10 || !exact {
		t.Errorf("%d:%d %v", line, column, exact)
	}
}

// TestSuiteIsRead reads every pod of the Pod Security suite.
func TestSuiteIsRead(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(suites.Folder(t, "psa"), "*", "*", "*.yaml"))
	if len(files) == 0 {
		t.Fatal("the suite holds no pods")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		docs, err := Read(file, data, DefaultLimits())
		if err != nil {
			t.Error(err)
			continue
		}
		objects, skipped := docs[0].Objects(BuiltIn())
		if len(docs) != 1 || len(objects) != 1 || len(skipped) != 0 {
			t.Errorf("%s: %d documents, %d objects, %v", file, len(docs), len(objects), skipped)
		} else if class, reason := objects[0].Class(); class != WorkloadClass {
			t.Errorf("%s: %s", file, reason)
		}
	}
}

package attempt_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
)

const twoPods = "kind: Pod\n---\nkind: Pod\n"

// open knows one manifest.
func open(name string) ([]byte, error) {
	if name == "two.yaml" {
		return []byte(twoPods), nil
	}
	return nil, errors.New(name + " is not there")
}

func TestFromJSON(t *testing.T) {
	for _, c := range []struct {
		line string
		want attempt.Attempt
	}{
		{`{"syscall": "read"}`, attempt.Syscall{Name: "read"}},
		{`{"syscall": 7, "arch": "arm64", "args": ["CLONE_NEWUSER"]}`, attempt.Syscall{Number: 7, Arch: "arm64", Args: [6]uint64{0x10000000}}},
		{`{"file": "/a", "access": "r", "owner": true}`, attempt.File{Path: "/a", Access: "r", Owner: true}},
		{`{"capability": "SYS_ADMIN"}`, attempt.Capability{Name: "SYS_ADMIN"}},
		{`{"network": {"family": "inet"}}`, attempt.Socket{Family: "inet"}},
		{`{"mount": {}}`, attempt.Mount{}},
		{`{"ptrace": {"access": "read"}}`, attempt.Ptrace{Access: "read"}},
		{`{"signal": {"access": "send", "signal": "kill", "peer": "x"}}`, attempt.Signal{Access: "send", Signal: "kill", Peer: "x"}},
		{`{"from": {"namespace": "a"}, "to": {"ip": "::1"}, "port": "tcp/1"}`, attempt.Connection{From: attempt.End{Namespace: "a"}, To: attempt.End{IP: "::1"}, Port: "tcp/1"}},
		{`{"event": {"evt.type": "x"}}`, attempt.Event{Fields: map[string]any{"evt.type": "x"}}},
		{`{"plan": {"b": 1, "a": [2]}}`, attempt.Plan{File: "-", Body: []byte(`{"a":[2],"b":1}`)}},
		{`{"plan": "two.yaml"}`, attempt.Plan{File: "two.yaml", Body: []byte(twoPods)}},
	} {
		got, err := attempt.FromJSON([]byte(c.line), open, nil)
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		if d := cmp.Diff([]attempt.Attempt{c.want}, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", c.line, d)
		}
	}
}

// A manifest gives an attempt for each of its documents.
func TestFromJSONManifests(t *testing.T) {
	for line, want := range map[string][]string{
		`{"manifest": "two.yaml"}`:                      {"two.yaml", "two.yaml"},
		`{"manifest": {"kind": "Pod", "n": 1.50}}`:      {"-"},
		`{"manifest": {"kind": "List", "items": [{}]}}`: {"-"},
	} {
		got, err := attempt.FromJSON([]byte(line), open, nil)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		var names []string
		for _, a := range got {
			m := a.(attempt.Manifest)
			names = append(names, m.Document.File)
			if m.Document.Root.Get("kind").Text() == "" || m.Namespace != "" || m.Kind() != attempt.KindManifest {
				t.Errorf("%s: %v in %q", line, m.Document.Root, m.Namespace)
			}
		}
		if !reflect.DeepEqual(names, want) {
			t.Errorf("%s gives %v, want %v", line, names, want)
		}
	}
}

func TestFromJSONRefuses(t *testing.T) {
	for line, want := range map[string]string{
		``:                                   "an attempt is a JSON object",
		`{`:                                  "an attempt is a JSON object",
		`"syscall"`:                          "an attempt is a JSON object",
		`[]`:                                 "an attempt is a JSON object",
		`null`:                               "none of the keys that tell its kind",
		`{}`:                                 `none of the keys that tell its kind: ["syscall" "file"`,
		`{"Syscall": "read"}`:                "none of the keys",
		`{"syscall": "read"} {}`:             "something follows",
		`{"syscall": "read"}}`:               "something follows",
		`{"syscall": "read", "file": "/a"}`:  "file: a system call has no such field",
		`{"syscall": "read", "name": "bpf"}`: `name: "syscall" states it already`,
		`{"file": "/a", "path": "/b", "access": "r"}`:     `path: "file" states it already`,
		`{"event": {"a": "b"}, "fields": {"a": "c"}}`:     `fields: "event" states it already`,
		`{"manifest": {"kind": "Pod"}, "file": "a.yaml"}`: `access`,
		`{"plan": {}, "file": "a.json"}`:                  `access`,
		`{"syscall": null}`:                               "name: must be the name of a system call",
		`{"mount": "/"}`:                                  "mount: an object with operation",
		`{"mount": {}, "x": 1}`:                           "nothing beside it",
		`{"mount": {"x": 1}}`:                             "x: a change to the mount tree has no such field",
		`{"from": {}}`:                                    "needs the field to",
		`{"event": {}}`:                                   "fields: an event has at least one field",
		`{"manifest": "two.yaml", "x": 1}`:                "nothing stands beside manifest",
		`{"manifest": "gone.yaml"}`:                       "gone.yaml is not there",
		`{"plan": "gone.json"}`:                           "gone.json is not there",
		`{"manifest": null}`:                              "-",
	} {
		got, err := attempt.FromJSON([]byte(line), open, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, error %v; want %q", line, got, err, want)
		}
	}
}

// FuzzFromJSON holds that no line panics, and that what is read is of a known
// kind and is never read without an error to nothing.
func FuzzFromJSON(f *testing.F) {
	for _, line := range []string{
		`{"syscall": "clone", "args": ["CLONE_NEWUSER|CLONE_NEWNS", 1, null]}`, `{"syscall": -1}`, `{"file": "/a", "access": "rw", "owner": true}`,
		`{"capability": "CAP_SYS_ADMIN"}`, `{"network": {"family": "inet", "type": "raw"}}`, `{"mount": {"options": ["a"]}}`,
		`{"ptrace": {"access": "read", "peer": "x"}}`, `{"signal": {"access": "send", "signal": "kill"}}`,
		`{"from": {"namespace": "a", "labels": {"b": "c"}}, "to": {"ip": "::1"}, "port": "tcp/1"}`, `{"event": {"a": [1, 2.5, true, "x"]}}`,
		`{"plan": {"a": 1}}`, `{"manifest": {"kind": "List", "items": []}}`, `{"manifest": "two.yaml"}`, `null`, `{"manifest": [[[]]]}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := attempt.FromJSON(line, open, nil)
		if err != nil {
			if err.Error() == "" || got != nil {
				t.Errorf("error %q with %v", err, got)
			}
			return
		}
		if len(got) == 0 {
			t.Error("nothing was read, without an error")
		}
		for _, a := range got {
			if _, ok := attempt.Lookup(a.Kind()); !ok {
				t.Errorf("%#v is of no kind", a)
			}
		}
	})
}

package attempt_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// fields reads JSON as New wants it.
func fields(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNew(t *testing.T) {
	web := attempt.End{Namespace: "web", NamespaceLabels: map[string]string{"tier": "front"}, Labels: map[string]string{"app": "web"}, Ports: map[string]string{"http": "tcp/80"}}
	for _, c := range []struct {
		kind attempt.Kind
		in   string
		want attempt.Attempt
	}{
		{attempt.KindSyscall, `{"name": "read"}`, attempt.Syscall{Name: "read"}},
		{attempt.KindSyscall, `{"name": "clone", "arch": "x86_64", "args": [1, "CLONE_NEWUSER|CLONE_NEWNS", -1, null, "0x10", 18446744073709551615]}`,
			attempt.Syscall{Name: "clone", Arch: "amd64", Args: [6]uint64{1, 0x10020000, 1<<64 - 1, 0, 16, 1<<64 - 1}}},
		{attempt.KindSyscall, `{"name": 1000, "arch": "arm64"}`, attempt.Syscall{Number: 1000, Arch: "arm64"}},
		{attempt.KindSyscall, `{"name": -1}`, attempt.Syscall{Number: -1}},
		{attempt.KindSyscall, `{"name": 4294967295, "args": []}`, attempt.Syscall{Number: 1<<32 - 1}},
		{attempt.KindFile, `{"path": "/etc/shadow", "access": "read"}`, attempt.File{Path: "/etc/shadow", Access: "r"}},
		{attempt.KindFile, `{"path": "/", "access": "rw", "owner": true}`, attempt.File{Path: "/", Access: "rw", Owner: true}},
		{attempt.KindFile, `{"path": "/tmp/", "access": "execute"}`, attempt.File{Path: "/tmp/", Access: "x"}},
		{attempt.KindCapability, `{"name": "SYS_ADMIN"}`, attempt.Capability{Name: "SYS_ADMIN"}},
		{attempt.KindCapability, `{"name": "cap_net_raw"}`, attempt.Capability{Name: "NET_RAW"}},
		{attempt.KindSocket, `{"family": "packet", "type": "raw"}`, attempt.Socket{Family: "packet", Type: "raw"}},
		{attempt.KindSocket, `{"family": "inet"}`, attempt.Socket{Family: "inet"}},
		{attempt.KindMount, `{}`, attempt.Mount{}},
		{attempt.KindMount, `{"operation": "remount", "fstype": "ext4", "options": ["rw", "bind"], "source": "/a", "target": "/b"}`,
			attempt.Mount{Operation: "remount", FSType: "ext4", Options: []string{"rw", "bind"}, Source: "/a", Target: "/b"}},
		{attempt.KindPtrace, `{"access": "readby", "peer": "unconfined"}`, attempt.Ptrace{Access: "readby", Peer: "unconfined"}},
		{attempt.KindSignal, `{"access": "send", "signal": "SIGKILL"}`, attempt.Signal{Access: "send", Signal: "kill"}},
		{attempt.KindFile, `{"path": "/a", "access": "link", "target": "/b"}`, attempt.File{Path: "/a", Access: "l", Target: "/b"}},
		{attempt.KindUnix, `{"access": "connect", "type": "dgram", "peer_address": "@a", "peer": "x"}`, attempt.Unix{Access: "connect", Type: "dgram", PeerAddress: "@a", Peer: "x"}},
		{attempt.KindUserns, `{}`, attempt.Userns{}},
		{attempt.KindIOUring, `{"access": "sqpoll"}`, attempt.IOUring{Access: "sqpoll"}},
		{attempt.KindMqueue, `{"access": "create", "name": "/q", "peer": "x"}`, attempt.Mqueue{Access: "create", Name: "/q", Peer: "x"}},
		{attempt.KindConnection, `{"from": {"namespace": "web", "namespaceLabels": {"tier": "front"}, "labels": {"app": "web"}, "ports": {"http": "tcp/80"}}, "to": {"ip": "203.0.113.7"}, "port": "tcp/443"}`,
			attempt.Connection{From: web, To: attempt.End{IP: "203.0.113.7"}, Port: "tcp/443"}},
		{attempt.KindEvent, `{"fields": {"evt.type": "execve", "fd.num": 3, "x": 1.5, "y": true, "proc.args": ["a", 2]}}`,
			attempt.Event{Fields: map[string]any{"evt.type": "execve", "fd.num": int64(3), "x": 1.5, "y": true, "proc.args": []any{"a", int64(2)}}}},
	} {
		t.Run(string(c.kind)+c.in, func(t *testing.T) {
			got, err := attempt.New(c.kind, fields(t, c.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if got.Kind() != c.kind {
				t.Errorf("its kind is %s", got.Kind())
			}
		})
	}
}

// An end may be given as such, as tests in HCL do.
func TestNewWithEnds(t *testing.T) {
	from := attempt.End{Namespace: "a"}
	got, err := attempt.New(attempt.KindConnection, map[string]any{"from": from, "to": attempt.End{IP: "::1"}, "port": "udp/53"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(attempt.Connection{From: from, To: attempt.End{IP: "::1"}, Port: "udp/53"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestNewRefuses(t *testing.T) {
	const end = `{"namespace": "a"}`
	for _, c := range []struct {
		kind           attempt.Kind
		in             string
		field, problem string // problem: a part of it
	}{
		{"teleport", `{}`, "", `no attempt is called "teleport"`},
		{attempt.KindManifest, `{"file": "x"}`, "", "a manifest is opened"},
		{attempt.KindPlan, `{"file": "x"}`, "", "a plan is opened"},
		{attempt.KindSyscall, `{}`, "", "needs the field name"},
		{attempt.KindSyscall, `{"name": "read", "argz": []}`, "argz", "a system call has no such field; there are: name, arch, args"},
		{attempt.KindSyscall, `{"name": "reed"}`, "name", `no system call is called "reed"`},
		{attempt.KindSyscall, `{"name": null}`, "name", "or its number"},
		{attempt.KindSyscall, `{"name": ["read"]}`, "name", "or its number"},
		{attempt.KindSyscall, `{"name": 4294967296}`, "name", "has 32 bits"},
		{attempt.KindSyscall, `{"name": -2147483649}`, "name", "has 32 bits"},
		{attempt.KindSyscall, `{"name": 1.5}`, "name", "has 32 bits"},
		{attempt.KindSyscall, `{"name": "read", "arch": "z80"}`, "arch", `no architecture is called "z80"`},
		{attempt.KindSyscall, `{"name": "read", "arch": 64}`, "arch", "must be a string, not a number"},
		{attempt.KindSyscall, `{"name": "read", "args": 1}`, "args", "a list of up to six"},
		{attempt.KindSyscall, `{"name": "read", "args": [1,2,3,4,5,6,7]}`, "args", "a list of up to six"},
		{attempt.KindSyscall, `{"name": "read", "args": ["CLONE_NEW"]}`, "args", "the name of a constant: CLONE_NEW"},
		{attempt.KindSyscall, `{"name": "read", "args": [18446744073709551616]}`, "args", "64 bits"},
		{attempt.KindSyscall, `{"name": "read", "args": [1.5]}`, "args", "64 bits"},
		{attempt.KindSyscall, `{"name": "read", "args": [true]}`, "args", "64 bits"},
		{attempt.KindFile, `{"access": "r"}`, "", "needs the field path"},
		{attempt.KindFile, `{"path": "/a"}`, "", "needs the field access"},
		{attempt.KindFile, `{"path": "a", "access": "r"}`, "path", "absolute and clean"},
		{attempt.KindFile, `{"path": "", "access": "r"}`, "path", "absolute and clean"},
		{attempt.KindFile, `{"path": "/a/../b", "access": "r"}`, "path", "absolute and clean"},
		{attempt.KindFile, `{"path": "//a", "access": "r"}`, "path", "absolute and clean"},
		{attempt.KindFile, `{"path": "//", "access": "r"}`, "path", "absolute and clean"},
		{attempt.KindFile, `{"path": "/a//", "access": "r"}`, "path", "absolute and clean"},
		{attempt.KindFile, `{"path": "/a", "access": ""}`, "access", "is none of read"},
		{attempt.KindFile, `{"path": "/a", "access": "rz"}`, "access", `"rz" is none of read`},
		{attempt.KindFile, `{"path": "/a", "access": "rzw"}`, "access", `"rzw" is none of read`},
		{attempt.KindFile, `{"path": "/a", "access": "r", "owner": "yes"}`, "owner", "must be true or false"},
		{attempt.KindCapability, `{"name": "EVERYTHING"}`, "name", "no capability is called"},
		{attempt.KindCapability, `{"name": ""}`, "name", "no capability is called"},
		{attempt.KindCapability, `{"name": 12}`, "name", "must be a string, not a number"},
		{attempt.KindSocket, `{}`, "", "needs the field family"},
		{attempt.KindSocket, `{"family": "AF_INET"}`, "family", `"AF_INET" is none of: unix, inet`},
		{attempt.KindSocket, `{"family": 2}`, "family", "must be a string, not a number"},
		{attempt.KindSocket, `{"family": "inet", "type": "SOCK_RAW"}`, "type", "is none of: stream"},
		{attempt.KindMount, `{"operation": "unmount"}`, "operation", "is none of: mount"},
		{attempt.KindMount, `{"options": "rw"}`, "options", "must be a list of strings"},
		{attempt.KindMount, `{"options": ["rw", 1]}`, "options", "must be a list of strings"},
		{attempt.KindPtrace, `{"access": "peek"}`, "access", "is none of: trace"},
		{attempt.KindSignal, `{"access": "send"}`, "", "needs the field signal"},
		{attempt.KindSignal, `{"access": "get", "signal": "kill"}`, "access", "is none of: send, receive"},
		{attempt.KindFile, `{"path": "/a", "access": "r", "target": "/b"}`, "target", "only a link"},
		{attempt.KindFile, `{"path": "/a", "access": "l", "target": "b"}`, "target", "absolute and clean"},
		{attempt.KindUnix, `{"access": "bind", "address": "/run/x"}`, "address", "is a file"},
		{attempt.KindUnix, `{"access": "connect", "peer_address": "@"}`, "peer_address", "is a file"},
		{attempt.KindUnix, `{"access": "close"}`, "access", "is none of: create"},
		{attempt.KindUserns, `{"peer": "x"}`, "peer", "has no such field"},
		{attempt.KindIOUring, `{}`, "", "needs the field access"},
		{attempt.KindMqueue, `{"access": "open", "name": "q"}`, "name", "is a slash and text"},
		{attempt.KindMqueue, `{"access": "open", "name": "/a/b"}`, "name", "is a slash and text"},
		{attempt.KindConnection, `{"from": ` + end + `, "to": ` + end + `}`, "", "needs the field port"},
		{attempt.KindConnection, `{"from": "a", "to": ` + end + `, "port": "tcp/1"}`, "from", "an end is an object"},
		{attempt.KindConnection, `{"from": ` + end + `, "to": {}, "port": "tcp/1"}`, "to", "in a namespace, or has an ip"},
		{attempt.KindConnection, `{"from": ` + end + `, "to": {"ip": "::1", "host": "x"}, "port": "tcp/1"}`, "to", `but no "host"`},
		{attempt.KindConnection, `{"from": ` + end + `, "to": {"ip": 1}, "port": "tcp/1"}`, "to", "ip: must be a string, not a number"},
		{attempt.KindConnection, `{"from": ` + end + `, "to": {"ip": "::1", "labels": ["a"]}, "port": "tcp/1"}`, "to", "labels: must be an object, not a list"},
		{attempt.KindConnection, `{"from": ` + end + `, "to": {"ip": "::1", "labels": {"a": 1}}, "port": "tcp/1"}`, "to", "labels: the value of a must be a string, not a number"},
		{attempt.KindConnection, `{"from": ` + end + `, "to": ` + end + `, "port": 443}`, "port", "must be a string, not a number"},
		{attempt.KindEvent, `{"fields": {}}`, "fields", "at least one field"},
		{attempt.KindEvent, `{"fields": "x"}`, "fields", "at least one field"},
		{attempt.KindEvent, `{"fields": {"a": null}}`, "fields", "at least one field with a value"},
		{attempt.KindEvent, `{"fields": {"a": {}}}`, "fields", "a: must be a string, a number"},
		{attempt.KindEvent, `{"fields": {"a": {"b": 1}}}`, "fields", "a: must be a string, a number"},
		{attempt.KindEvent, `{"fields": {"a": [{}]}}`, "fields", "a: must be a string, a number"},
		{attempt.KindEvent, `{"fields": {"a": 1e999}}`, "fields", "a: 1e999 is out of range"},
	} {
		t.Run(string(c.kind)+c.in, func(t *testing.T) {
			got, err := attempt.New(c.kind, fields(t, c.in))
			var field *attempt.FieldError
			if !errors.As(err, &field) {
				t.Fatalf("%#v, error %v", got, err)
			}
			if field.Field != c.field || !strings.Contains(field.Problem, c.problem) {
				t.Errorf("%q: %q, want %q: %q", field.Field, field.Problem, c.field, c.problem)
			}
			if got != nil {
				t.Errorf("an attempt in spite of the error: %#v", got)
			}
		})
	}
}

// Every kind has a schema that is complete: its key is its own, its fields are documented and decoded by their types, and
// its examples are attempts of the kind.
func TestSchemas(t *testing.T) {
	keys := map[string]attempt.Kind{}
	for _, s := range attempt.Schemas() {
		if found, ok := attempt.Lookup(s.Kind); !ok || found.Title != s.Title {
			t.Errorf("%s is not found", s.Kind)
		}
		if other, twice := keys[s.Key]; twice || s.Key == "" {
			t.Errorf("%s and %s have the key %q", s.Kind, other, s.Key)
		}
		keys[s.Key] = s.Kind
		if s.Title == "" || s.Subject == 0 || s.Outcomes.Passed == "" || s.Outcomes.Caught == "" || len(s.Examples) == 0 {
			t.Errorf("%s is not complete: %+v", s.Kind, s)
		}
		for _, f := range s.Fields {
			if f.Name == "" || f.Doc == "" || f.File != s.Opened() {
				t.Errorf("%s: the field %+v is not complete", s.Kind, f)
			}
			if _, err := attempt.New(s.Kind, map[string]any{f.Name: nil}); err == nil { // and it panics for a type that is not decoded
				t.Errorf("%s: null is taken for %s", s.Kind, f.Name)
			}
		}
		for _, example := range s.Examples {
			got, err := attempt.FromJSON([]byte(example), func(string) ([]byte, error) { return []byte(twoPods), nil }, nil)
			if err != nil || got[0].Kind() != s.Kind {
				t.Errorf("%s: the example %s gives %v, error %v", s.Kind, example, got, err)
			}
		}
	}
}

// A default is the value of a field that the attempt does not state and that its kind has.
func TestDefaults(t *testing.T) {
	for line, want := range map[string]attempt.Attempt{
		`{"syscall": "read"}`:                  attempt.Syscall{Name: "read", Arch: "arm64"},
		`{"syscall": "read", "arch": "amd64"}`: attempt.Syscall{Name: "read", Arch: "amd64"},
		`{"userns": {}}`:                       attempt.Userns{},
	} {
		got, err := attempt.FromJSON([]byte(line), nil, map[string]any{"arch": "arm64"})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]attempt.Attempt{want}, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", line, d)
		}
	}
}

// An event takes from its container what it does not state itself.
func TestIn(t *testing.T) {
	got := attempt.Event{Fields: map[string]any{"container.id": "host", "evt.type": "open"}}.In(attempt.Container{Workload: "api", Namespace: "shop", Labels: map[string]string{"app": "api"}})
	want := attempt.Event{Fields: map[string]any{
		"container.id": "host", "container.name": "main", "evt.type": "open", "k8s.pod.name": "pod-of-api", "k8s.ns.name": "shop", "k8s.pod.label[app]": "api",
	}}
	if d := cmp.Diff(attempt.Attempt(want), got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// A document makes an attempt of the kind that claims it; what no kind claims is left to the reader of manifests.
func TestFromDocument(t *testing.T) {
	for text, want := range map[string]attempt.Kind{
		`{"kind": "Pod"}`:                                 attempt.KindManifest,
		`{"kind": "Pod", "planned_values": {}}`:           attempt.KindManifest,
		`{"format_version": "1.2", "planned_values": {}}`: attempt.KindPlan,
		`{"image": "nginx"}`:                              attempt.KindManifest,
	} {
		docs, err := input.Read("f.json", []byte(text), input.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if got := attempt.FromDocument(docs[0], attempt.Content{File: "f.json"}); got.Kind() != want || !slices.Contains(attempt.DocumentKinds(), want) {
			t.Errorf("%s is a %s, want %s", text, got.Kind(), want)
		}
	}
}

package attempt

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// FieldError says which field of an attempt is wrong.
type FieldError struct {
	Field   string // "" where the attempt as a whole is wrong
	Problem string
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

func wrong(field, format string, args ...any) error {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

// New makes an attempt from its fields, as encoding/json decodes them with
// UseNumber. Ends of connections may also be of type End. It makes every kind
// but manifests and plans, whose content the caller has to open.
func New(kind Kind, fields map[string]any) (Attempt, error) {
	schema, ok := Lookup(kind)
	if !ok {
		return nil, wrong("", "no attempt is called %q", kind)
	}
	f := reader{fields: fields}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := schema.Field(name); !ok {
			return nil, wrong(name, "%s has no such field; there are: %s", schema.Title, schema.names())
		}
	}
	for _, field := range schema.Fields {
		if _, ok := fields[field.Name]; !ok && field.Required {
			return nil, wrong("", "%s needs the field %s: %s", schema.Title, field.Name, field.Doc)
		}
		if text, isText := fields[field.Name].(string); isText && field.Values != nil && !slices.Contains(field.Values, text) {
			return nil, wrong(field.Name, "%q is none of: %s", text, strings.Join(field.Values, ", "))
		}
	}
	a := f.attempt(kind)
	if f.err != nil {
		return nil, f.err
	}
	return a, nil
}

// reader takes fields by type and keeps the first problem.
type reader struct {
	fields map[string]any
	err    error
}

func (f *reader) attempt(kind Kind) Attempt {
	switch kind {
	case KindSyscall:
		return f.syscall()
	case KindFile:
		return f.file()
	case KindCapability:
		name := strings.TrimPrefix(strings.ToUpper(f.text("name")), "CAP_")
		if _, ok := linux.LookupCapability(name); !ok {
			f.fail("name", "no capability is called %q", name)
		}
		return Capability{Name: name}
	case KindSocket:
		return Socket{Family: f.text("family"), Type: f.text("type")}
	case KindMount:
		return Mount{Operation: f.text("operation"), FSType: f.text("fstype"), Options: f.texts("options"), Source: f.text("source"), Target: f.text("target")}
	case KindPtrace:
		return Ptrace{Access: f.text("access"), Peer: f.text("peer")}
	case KindSignal:
		return Signal{Access: f.text("access"), Signal: f.signal(), Peer: f.text("peer")}
	case KindUnix:
		return Unix{Access: f.text("access"), Type: f.text("type"), Address: f.address("address"), PeerAddress: f.address("peer_address"), Peer: f.text("peer")}
	case KindUserns:
		return Userns{}
	case KindIOUring:
		return IOUring{Access: f.text("access"), Peer: f.text("peer")}
	case KindMqueue:
		m := Mqueue{Access: f.text("access"), Name: f.text("name"), Peer: f.text("peer")}
		if len(m.Name) < 2 || m.Name[0] != '/' || strings.Contains(m.Name[1:], "/") {
			f.fail("name", "a message queue's name is a slash and text without one: %q is not", m.Name)
		}
		return m
	case KindConnection:
		return Connection{From: f.end("from"), To: f.end("to"), Port: f.text("port")}
	case KindEvent:
		return f.event()
	}
	f.fail("", "a %s is opened, not made from fields", kind)
	return nil
}

func (f *reader) fail(field, format string, args ...any) {
	if f.err == nil {
		f.err = wrong(field, format, args...)
	}
}

func (f *reader) text(name string) string {
	v, ok := f.fields[name]
	if !ok {
		return ""
	}
	s, isText := v.(string)
	if !isText {
		f.fail(name, "a text is wanted here")
	}
	return s
}

func (f *reader) bool(name string) bool {
	v, ok := f.fields[name]
	if !ok {
		return false
	}
	b, isBool := v.(bool)
	if !isBool {
		f.fail(name, "true or false is wanted here")
	}
	return b
}

func (f *reader) texts(name string) []string {
	v, ok := f.fields[name]
	if !ok {
		return nil
	}
	list, isList := v.([]any)
	var out []string
	for _, e := range list {
		s, isText := e.(string)
		isList = isList && isText
		out = append(out, s)
	}
	if !isList {
		f.fail(name, "a list of texts is wanted here")
	}
	return out
}

func (f *reader) path(name string) string {
	p := f.text(name)
	clean := path.Clean(p)
	if folder := p == clean+"/" && clean != "/"; !strings.HasPrefix(p, "/") || p != clean && !folder {
		f.fail(name, "a path is absolute and clean: %q is not", p)
	}
	return p
}

func (f *reader) file() File {
	a := File{Path: f.path("path"), Access: f.access(), Owner: f.bool("owner")}
	if _, ok := f.fields["target"]; ok {
		a.Target = f.path("target")
		if a.Access != "l" {
			f.fail("target", "only a link has a target")
		}
	}
	return a
}

// address reads the address of a unix socket without a path.
func (f *reader) address(name string) string {
	a := f.text(name)
	if a != "" && (a[0] != '@' || len(a) == 1) {
		f.fail(name, "%q is not \"@\" and a name; a socket with a path is a file", a)
	}
	return a
}

// accessWords are the words that tests use for AppArmor's letters.
var accessWords = map[string]string{"read": "r", "write": "w", "append": "a", "execute": "x", "map": "m", "link": "l", "lock": "k"}

func (f *reader) access() string {
	a := f.text("access")
	if letters, ok := accessWords[a]; ok {
		return letters
	}
	if a == "" || strings.Trim(a, "rwaxmlk") != "" {
		f.fail("access", "%q is none of read, write, append, execute, map, link, lock, nor AppArmor's letters r, w, a, x, m, l, k", a)
	}
	return a
}

// signals are those that AppArmor knows (apparmor.d(5)); beside them it knows
// rtmin+0 to rtmin+32.
var signals = strings.Fields("hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont stop stp ttin ttou urg xcpu xfsz vtalrm prof winch io pwr sys emt exists")

func (f *reader) signal() string {
	name := strings.TrimPrefix(strings.ToLower(f.text("signal")), "sig")
	if !slices.Contains(signals, name) && !strings.HasPrefix(name, "rtmin+") {
		f.fail("signal", "%q is none of %s, rtmin+0 to rtmin+32", name, strings.Join(signals, ", "))
	}
	return name
}

func (f *reader) syscall() Syscall {
	s := Syscall{Arch: f.text("arch")}
	if s.Arch == "x86_64" {
		s.Arch = string(linux.AMD64)
	}
	if _, ok := linux.LookupArch(s.Arch); !ok && s.Arch != "" {
		f.fail("arch", "no architecture is called %q", s.Arch)
	}
	switch v := f.fields["name"].(type) {
	case string:
		s.Name = v
		if _, ok := linux.LookupSyscall(v); !ok {
			f.fail("name", "no system call is called %q", v)
		}
	case json.Number:
		n, err := v.Int64()
		if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
			f.fail("name", "a system call's number has 32 bits: %s", v)
		}
		s.Number = int(n)
	default:
		f.fail("name", "the name of a system call, or its number, is wanted here")
	}
	args, isList := f.fields["args"].([]any)
	if _, ok := f.fields["args"]; ok && !isList || len(args) > len(s.Args) {
		f.fail("args", "a list of up to six arguments is wanted here")
		return s
	}
	for i, a := range args {
		s.Args[i] = f.argument(a)
	}
	return s
}

func (f *reader) argument(a any) uint64 {
	switch a := a.(type) {
	case nil:
		return 0
	case json.Number:
		if n, err := strconv.ParseInt(a.String(), 10, 64); err == nil {
			return uint64(n)
		}
		if n, err := strconv.ParseUint(a.String(), 10, 64); err == nil {
			return n
		}
	case string:
		if v, err := linux.ParseArgument(a); err == nil {
			return v
		}
	}
	f.fail("args", "an argument is a whole number of 64 bits, or the name of a constant: %v", a)
	return 0
}

func (f *reader) end(name string) End {
	switch v := f.fields[name].(type) {
	case End:
		return v
	case map[string]any:
		inner := reader{fields: v}
		e := End{Namespace: inner.text("namespace"), IP: inner.text("ip"), NamespaceLabels: inner.labels("namespaceLabels"),
			Labels: inner.labels("labels"), Ports: inner.labels("ports")}
		for key := range v {
			if !slices.Contains([]string{"namespace", "namespaceLabels", "labels", "ip", "ports"}, key) {
				f.fail(name, "an end has namespace, namespaceLabels, labels, ip and ports, but no %q", key)
			}
		}
		if inner.err != nil {
			f.fail(name, "%s", inner.err)
		}
		if e.Namespace == "" && e.IP == "" {
			f.fail(name, "an end is in a namespace, or has an ip")
		}
		return e
	}
	f.fail(name, "an end is an object")
	return End{}
}

func (f *reader) labels(name string) map[string]string {
	v, ok := f.fields[name]
	if !ok {
		return nil
	}
	object, isObject := v.(map[string]any)
	out := map[string]string{}
	for key, value := range object {
		s, isText := value.(string)
		isObject = isObject && isText
		out[key] = s
	}
	if !isObject {
		f.fail(name, "names with texts are wanted here")
	}
	return out
}

func (f *reader) event() Event {
	object, ok := f.fields["fields"].(map[string]any)
	if !ok || len(object) == 0 {
		f.fail("fields", "an event has at least one field, such as \"evt.type\"")
	}
	out := Event{Fields: make(map[string]any, len(object))}
	for key, value := range object {
		out.Fields[key] = f.plain(key, value)
	}
	return out
}

func (f *reader) plain(key string, value any) any {
	switch v := value.(type) {
	case string, bool:
		return v
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		n, err := v.Float64()
		if err != nil {
			f.fail("fields", "%s: %s is out of range", key, v)
		}
		return n
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = f.plain(key, e)
		}
		return list
	}
	f.fail("fields", "%s: a text, a number, true or false, or a list of these is wanted", key)
	return nil
}

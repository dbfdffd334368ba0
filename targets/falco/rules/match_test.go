package rules

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// tryCondition loads a rule with one condition and tries an event against it.
func tryCondition(t testing.TB, condition string, fields map[string]any) (string, error) {
	t.Helper()
	body, err := json.Marshal([]map[string]any{{
		"rule": "r", "desc": "d", "output": "o", "priority": "INFO", "condition": condition,
	}})
	if err != nil {
		t.Fatal(err)
	}
	set, err := Load(File{"test.yaml", body}) // JSON is YAML
	if err != nil {
		return "", err
	}
	e, err := NewEvent(fields)
	if err != nil {
		t.Fatal(err)
	}
	result := set.Match(e)
	switch {
	case len(result.Fired) == 1:
		return "yes", nil
	case len(result.Doubts) == 1:
		return "undecided: " + strings.Join(result.Doubts[0].Reasons, "; "), nil
	}
	return "no", nil
}

func TestMatch(t *testing.T) {
	event := map[string]any{
		"evt.type": "openat", "evt.arg.flags": []string{"O_RDWR", "O_CREAT"}, "evt.arg[dirfd]": "AT_FDCWD",
		"evt.res": "EACCES", "evt.rawres": -13, "evt.failed": true, "evt.is_open_write": true,
		"proc.name": "Bash", "proc.pid": json.Number("77"), "proc.tty": "34816", "proc.fdusage": 12.5,
		"proc.exepath": "/usr/bin/bash", "proc.cmdline": "bash -c id",
		"proc.aname[1]": "sh", "proc.aname[2]": "containerd-shim",
		"fd.name": "/etc/ssl/private/key.pem", "fd.types": []any{"file", "ipv4"},
		"fd.cip": "10.1.2.3", "fd.sip": "169.254.169.254", "fd.cport": 50000, "fd.sport": 80,
		"k8s.pod.label[app]": "api", "proc.env[PATH]": "L2Jpbg==", "evt.buffer": "\x7fELF\x00x",
	}
	cases := []struct{ condition, want string }{
		// strings
		{"proc.name = Bash", "yes"},
		{"proc.name == 'Bash'", "yes"},
		{"proc.name = bash", "no"},
		{"proc.name != bash", "yes"},
		{"proc.name icontains bAS", "yes"},
		{"proc.name contains as", "yes"},
		{"proc.name startswith Ba", "yes"},
		{"proc.name endswith sh", "yes"},
		{"proc.name > 1", "yes"},
		{"proc.name glob B*h", "yes"},
		{"proc.name glob B?[r-t]h", "yes"},
		{"proc.name glob b*", "no"},
		{"proc.name iglob b*", "yes"},
		{"fd.name glob /etc/*.pem", "yes"},
		{"proc.name regex 'B.*'", "yes"},
		{"proc.name regex as", "no"}, // the whole value
		{"proc.name in (sh, Bash)", "yes"},
		{"proc.name in ()", "no"},
		{"proc.name intersects (sh, Bash)", "yes"},
		{"fd.name pmatch (/etc, /var)", "yes"},
		{"fd.name pmatch (/etc/ssl/*)", "yes"},
		{"fd.name pmatch (/etc/ssl/private/key.pem)", "yes"}, // itself
		{"fd.name pmatch (/etc/ss)", "no"},
		{"fd.name pmatch (/etc/ssl/private/key.pem/x)", "no"},
		// modifiers
		{"fd.name startswith oneof (/etc, /var)", "yes"},
		{"fd.name startswith oneof (/etc, /etc/ssl)", "no"},
		{"fd.name startswith anyof (/etc, /etc/ssl)", "yes"},
		{"fd.name contains allof (ssl, key)", "yes"},
		{"fd.name contains allof (ssl, cat)", "no"},
		{"fd.name contains allof ()", "no"},
		{"proc.name != allof (a, b)", "yes"},
		{"proc.name regex anyof ('a.*', 'B.*')", "yes"},
		// numbers, booleans
		{"proc.pid = 77", "yes"},
		{"proc.pid > 76", "yes"},
		{"proc.pid >= 77.5", "undecided: 1:1: 'proc.pid >= 77.5'"},
		{"proc.pid = 0x4d", "undecided"},
		{"proc.pid in (1, 77)", "yes"},
		{"proc.tty != 0", "yes"},
		{"evt.rawres < 0", "yes"},
		{"evt.rawres >= 0", "no"},
		{"proc.fdusage > 12", "yes"},
		{"evt.failed = true", "yes"},
		{"evt.is_open_write != false", "yes"},
		// no value: every comparison is false, and only its negation is true
		{"container.name = x", "no"},
		{"container.name != x", "no"},
		{"not container.name = x", "yes"},
		{"container.name exists", "no"},
		{"not container.name exists", "yes"},
		{"container.name in (x)", "no"},
		{"proc.name = val(container.name)", "no"},
		// arguments
		{"evt.arg.flags contains O_CREAT", "yes"},
		{"evt.arg[flags] = 'O_RDWR|O_CREAT'", "yes"},
		{"evt.arg[1] = AT_FDCWD", "yes"},
		{"evt.arg.dirfd = AT_FDCWD", "yes"},
		{"evt.arg.name exists", "no"},
		{"k8s.pod.label[app] = api", "yes"},
		{"k8s.pod.label[tier] exists", "no"},
		// ancestors
		{"proc.aname = containerd-shim", "yes"},
		{"proc.aname in (x, sh)", "yes"},
		{"proc.aname = bash", "no"},
		{"proc.aname[2] = containerd-shim", "yes"},
		{"proc.aname[3] exists", "no"},
		// addresses and ports: either end, and for != both
		{"fd.sip = 169.254.169.254", "yes"},
		{"fd.ip = 10.1.2.3", "yes"},
		{"fd.ip != 10.1.2.3", "no"},
		{"fd.ip != 10.9.9.9", "yes"},
		{"fd.snet in (169.254.0.0/16, fd00::/8)", "yes"},
		{"fd.snet = fd00::/8", "no"},
		{"fd.snet != fd00::/8", "yes"},
		{"fd.net = 10.0.0.0/8", "yes"},
		{"fd.port = 80", "yes"},
		{"fd.port != 80", "no"},
		{"fd.sport = http", "undecided"},
		// lists
		{"fd.types in (file, ipv4, pipe)", "yes"},
		{"fd.types in (file)", "no"},
		{"fd.types intersects (file)", "yes"},
		{"len(fd.types) = 2", "yes"},
		// transformers
		{"tolower(proc.name) = bash", "yes"},
		{"toupper(tolower(proc.name)) = BASH", "yes"},
		{"basename(fd.name) = key.pem", "yes"},
		{"b64(proc.env[PATH]) = /bin", "yes"},
		{"b64(fd.name) exists", "no"},
		{"len(proc.name) = 4", "yes"},
		{`join("/", (proc.name, proc.pid, "x")) = Bash/77/x`, "yes"},
		{`join("/", (proc.name, container.name)) exists`, "no"},
		{"proc.exepath endswith tolower(proc.name)", "yes"},
		// buffers
		{"evt.buffer bstartswith 7f454c46", "yes"},
		{"evt.buffer bcontains 0078", "yes"},
		{"evt.buffer contains ELF", "yes"},
		// deprecated
		{"evt.dir = <", "yes"},
		{"evt.dir = >", "no"},
		// what is not modelled decides nothing, and hides nothing that is decided
		{"evt.rawarg.flags = 1", "undecided"},
		{"evt.rawarg.flags = 1 and proc.name = x", "no"},
		{"evt.rawarg.flags = 1 or proc.name = Bash", "yes"},
		{"not evt.rawarg.flags = 1", "undecided"},
		{"evt.around[1] = 2", "undecided"},
		{"fd.name pmatch (/)", "undecided"},
		// precedence
		{"proc.name = x and proc.name = y or proc.pid = 77", "yes"},
		{"proc.name = x and (proc.name = y or proc.pid = 77)", "no"},
	}
	for _, c := range cases {
		got, err := tryCondition(t, c.condition, event)
		if err != nil {
			t.Errorf("%s: %v", c.condition, err)
		} else if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.condition, got, c.want)
		}
	}
}

func TestConditionMistakes(t *testing.T) {
	cases := []struct{ condition, want string }{
		{"proc.nam = x", "no field 'proc.nam' in Falco's tables; did you mean 'proc.name'?"},
		{"evt.type = opnat", "no event type 'opnat'; did you mean 'openat'?"},
		{"evt.type in (open, opnat)", "no event type 'opnat'"},
		{"evt.arg.flogs = x", "no event has an argument 'flogs'; did you mean 'flags'?"},
		{"proc.name[1] = x", "takes no argument"},
		{"k8s.pod.label = x", "needs an argument: k8s.pod.label[...]"},
		{"proc.pid contains 7", "operator 'contains' is not supported for 'proc.pid', a field of integer type"},
		{"proc.pid = bash", "'bash' is no number"},
		{"evt.failed = yes", "'yes' is neither true nor false"},
		{"evt.failed > 1", "operator '>' is not supported"},
		{"fd.sip = localhost", "'localhost' is no IP address"},
		{"fd.snet = 10.0.0.1", "'10.0.0.1' is no network"},
		{"fd.sip startswith 10", "operator 'startswith' is not supported"},
		{"fd.types = file", "list of string type"},
		{"proc.name regex '('", "no POSIX regular expression"},
		{"proc.name bcontains 00", "operator 'bcontains' is not supported"},
		{"evt.buffer bcontains 0", "no sequence of bytes"},
		{"proc.name = val(proc.pid)", "'proc.name' is of string type and 'proc.pid' of integer type"},
		{"proc.name pmatch val(proc.pname)", "supports no field on the right-hand side"},
		{"proc.aname = val(proc.name)", "cannot be compared with another field"},
		{"tolower(proc.pid) = 1", "transformer 'tolower' does not support 'proc.pid'"},
		{"tolower(proc.aname) = a", "does not support transformers"},
		{"spawned", "Undefined macro 'spawned'"},
	}
	for _, c := range cases {
		got, err := tryCondition(t, c.condition, map[string]any{"evt.type": "open"})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %s, %v; want error %s", c.condition, got, err, c.want)
		}
	}
}

func TestNewEventMistakes(t *testing.T) {
	cases := []struct {
		fields map[string]any
		want   string
	}{
		{nil, "no field"},
		{map[string]any{"proc.nme": "x"}, "did you mean 'proc.name'?"},
		{map[string]any{"proc": "x"}, "is no field"},
		{map[string]any{"proc.name ": "x"}, "is no field"},
		{map[string]any{"evt.type": "opne"}, "no event type 'opne'"},
		{map[string]any{"proc.pid": "x"}, "'x' is no number"},
		{map[string]any{"fd.sport": 70000}, "out of range"},
		{map[string]any{"proc.pid": 1.5}, "out of range"},
		{map[string]any{"proc.name": nil}, "not <nil>"},
		{map[string]any{"proc.name": map[string]any{}}, "a value must be"},
		{map[string]any{"proc.name": []any{"a", "b"}}, "has one value, not 2"},
		{map[string]any{"proc.name": []any{}}, "leave out a field"},
		{map[string]any{"evt.type": "openat", "evt.arg[1]": "a", "evt.arg.dirfd": "b"}, "given twice"},
	}
	for _, c := range cases {
		if _, err := NewEvent(c.fields); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.fields, err, c.want)
		}
	}
}

func TestGlob(t *testing.T) {
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"*", "", true}, {"?", "", false}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxbyy", false},
		{"[!a]", "b", true}, {"[!a]", "a", false}, {"[]a]", "]", true}, {"[a-", "[a-", true}, {`\*`, "*", true},
		{`\*`, "x", false}, {"[a-c]x", "bx", true}, {"[-a]", "-", true}, {"**", "abc", true}, {`a\`, `a\`, true},
	}
	for _, c := range cases {
		if got := glob(c.pattern, c.text, false); got != c.want {
			t.Errorf("glob(%q, %q) = %t", c.pattern, c.text, got)
		}
	}
	// A backtracking matcher would need longer than the test may last.
	if glob(strings.Repeat("a*", 2000)+"b", strings.Repeat("a", 20000), false) {
		t.Error("matched")
	}
}

func BenchmarkMatch(b *testing.B) {
	var yaml strings.Builder
	for i := range 100 {
		fmt.Fprintf(&yaml, "- list: l%d\n  items: [a, b, c, d%d]\n", i, i)
		fmt.Fprintf(&yaml, "- rule: r%d\n  desc: d\n  output: o\n  priority: INFO\n  condition: >\n    "+
			"evt.type in (open, openat) and k8s.ns.name in (payments, x%d) and evt.is_open_write = true and\n"+
			"    not (proc.name in (l%d) or fd.name startswith /tmp/)\n", i, i, i)
	}
	set, err := Load(File{"bench.yaml", []byte(yaml.String())})
	if err != nil {
		b.Fatal(err)
	}
	e, err := NewEvent(map[string]any{"evt.type": "openat", "k8s.ns.name": "payments", "evt.is_open_write": true, "proc.name": "bash", "fd.name": "/etc/x"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(set.Match(e).Fired); n != 100 {
			b.Fatal(n)
		}
	}
}

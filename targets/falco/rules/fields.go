package rules

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// The fields of Falco 0.44.1 (engine 0.62.0) with its container plugin 0.7.1, and
// the parameters of each system call's exit event, both generated from Falco's own
// tables. The first line of each file names its source and columns.
var (
	//go:embed fields.tsv
	fieldsTSV string
	//go:embed events.tsv
	eventsTSV string
)

// kind is how values of a field compare.
type kind int

const (
	kindNone    kind = iota // never in the table
	kindString              // CHARBUF and paths
	kindBytes               // BYTEBUF
	kindBool                // BOOL
	kindInt                 // INT16 ... INT64
	kindUint                // UINT32, UINT64, times
	kindPort                // PORT: a uint16 whose value may be a service's name
	kindDouble              // DOUBLE
	kindAddress             // IPADDR
	kindNetwork             // IPNET: an address that is compared with networks
	kindDynamic             // DYNAMIC: the type depends on the event; not modelled
)

func (k kind) String() string {
	return [...]string{"no type", "string", "bytes", "boolean", "integer", "unsigned integer",
		"port", "decimal", "address", "network", "dynamic"}[k]
}

type argumentRule int

const (
	argumentUnknown argumentRule = iota
	argumentNone
	argumentOptional
	argumentRequired
)

// fieldInfo is a row of the table.
type fieldInfo struct {
	name     string
	kind     kind
	bits     int // of an integer
	argument argumentRule
	list     bool     // has several values, compared as a set
	parts    []string // fields that this one stands for: fd.ip is fd.cip or fd.sip
}

// parts are the fields that hold one of several others. `=` on them wants one
// that matches, `!=` wants all to differ.
var fieldParts = map[string][]string{
	"fd.ip":    {"fd.cip", "fd.sip", "fd.lip", "fd.rip"},
	"fd.net":   {"fd.cip", "fd.sip", "fd.lip", "fd.rip"},
	"fd.cnet":  {"fd.cip"},
	"fd.snet":  {"fd.sip"},
	"fd.lnet":  {"fd.lip"},
	"fd.rnet":  {"fd.rip"},
	"fd.port":  {"fd.cport", "fd.sport", "fd.lport", "fd.rport"},
	"fd.proto": {"fd.cproto", "fd.sproto", "fd.lproto", "fd.rproto"},
}

// deprecatedFields are fields that Falco 0.44 still reads and its table does not
// list. Since only exit events are left (0.42), evt.dir is always "<".
var deprecatedFields = []fieldInfo{
	{name: "evt.dir", kind: kindString, argument: argumentNone},
	{name: "evt.latency", kind: kindDynamic, argument: argumentNone},
	{name: "evt.latency.s", kind: kindDynamic, argument: argumentNone},
	{name: "evt.latency.ns", kind: kindDynamic, argument: argumentNone},
	{name: "evt.latency.human", kind: kindDynamic, argument: argumentNone},
}

// otherEvents are event types that are no system call.
var otherEvents = []string{"procexit", "signaldeliver", "container", "switch", "drop", "page_fault",
	"cpu_hotplug", "procinfo", "useradded", "userdeleted", "groupadded", "groupdeleted",
	"pluginevent", "asyncevent", "notification", "infra", "tracer", "mesos", "k8s"}

// tables is what the two files hold.
type tables struct {
	fields     map[string]fieldInfo
	fieldNames []string            // sorted
	events     map[string][]string // type to the names of its parameters, in order
	eventNames []string            // sorted
	arguments  []string            // the name of every event's parameter, sorted
}

var loadTables = sync.OnceValue(func() *tables {
	t := &tables{fields: map[string]fieldInfo{}, events: map[string][]string{}}
	for _, row := range rows(fieldsTSV, 4) {
		f := fieldInfo{name: row[0], list: row[3] == "list", parts: fieldParts[row[0]]}
		f.kind, f.bits = fieldKind(row[1])
		f.argument = map[string]argumentRule{"-": argumentNone, "optional": argumentOptional, "required": argumentRequired}[row[2]]
		t.fields[f.name] = f
	}
	for _, f := range deprecatedFields {
		t.fields[f.name] = f
	}
	known := map[string]bool{}
	for _, row := range rows(eventsTSV, 2) {
		t.events[row[0]] = nil
		for _, parameter := range strings.Split(row[1], ",") {
			name, _, _ := strings.Cut(parameter, ":")
			t.events[row[0]] = append(t.events[row[0]], name)
			known[name] = true
		}
	}
	for _, name := range otherEvents {
		t.events[name] = nil
	}
	t.fieldNames, t.eventNames, t.arguments = sortedKeys(t.fields), sortedKeys(t.events), sortedKeys(known)
	return t
})

// rows splits an embedded table. A row of another width is our mistake.
func rows(table string, width int) [][]string {
	var all [][]string
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != width {
			panic(fmt.Sprintf("embedded table: %q has %d columns, not %d", line, len(row), width))
		}
		all = append(all, row)
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// fieldKind reads Falco's name of a type.
func fieldKind(name string) (kind, int) {
	switch name {
	case "CHARBUF":
		return kindString, 0
	case "BYTEBUF":
		return kindBytes, 0
	case "BOOL":
		return kindBool, 0
	case "PORT":
		return kindPort, 16
	case "RELTIME", "ABSTIME":
		return kindUint, 64
	case "DOUBLE":
		return kindDouble, 0
	case "IPADDR":
		return kindAddress, 0
	case "IPNET":
		return kindNetwork, 0
	case "DYNAMIC":
		return kindDynamic, 0
	}
	for prefix, k := range map[string]kind{"UINT": kindUint, "INT": kindInt} {
		if digits, ok := strings.CutPrefix(name, prefix); ok {
			if bits, err := strconv.Atoi(digits); err == nil {
				return k, bits
			}
		}
	}
	panic("embedded table: unknown type " + name)
}

// fieldRef is a use of a field: its row and, where given, its argument.
type fieldRef struct {
	info   fieldInfo
	arg    string
	hasArg bool
	name   string // as an event stores the value; see key
}

// key is how an event stores the value: one spelling for evt.arg.x and evt.arg[x].
func key(name, arg string, hasArg bool) string {
	if !hasArg {
		return name
	}
	return name + "[" + arg + "]"
}

// resolveField looks a field up. Only evt.arg and evt.rawarg take an argument
// behind a dot.
func resolveField(f *Field) (fieldRef, error) {
	t := loadTables()
	r := fieldRef{arg: f.Argument, hasArg: f.HasArg}
	name := f.Name
	for _, owner := range []string{"evt.arg", "evt.rawarg"} {
		if arg, ok := strings.CutPrefix(name, owner+"."); ok && !f.HasArg {
			name, r.arg, r.hasArg = owner, arg, true
		}
	}
	info, ok := t.fields[name]
	if !ok {
		return r, fmt.Errorf("no field '%s' in Falco's tables%s", f.Name, didYouMean(f.Name, t.fieldNames))
	}
	r.info = info
	r.name = key(name, r.arg, r.hasArg)
	switch {
	case info.argument == argumentNone && r.hasArg:
		return r, fmt.Errorf("field '%s' takes no argument", name)
	case info.argument == argumentRequired && !r.hasArg:
		return r, fmt.Errorf("field '%s' needs an argument: %s[...]", name, name)
	}
	if name == "evt.arg" || name == "evt.rawarg" {
		return r, checkEventArgument(t, r.arg)
	}
	return r, nil
}

func checkEventArgument(t *tables, arg string) error {
	if _, err := strconv.ParseUint(arg, 10, 16); err == nil {
		return nil
	}
	if _, ok := slices.BinarySearch(t.arguments, arg); !ok {
		return fmt.Errorf("no event has an argument '%s'%s", arg, didYouMean(arg, t.arguments))
	}
	return nil
}

// didYouMean suggests the nearest of names, or says nothing.
func didYouMean(name string, names []string) string {
	if best := hcltext.Nearest(name, names); best != "" {
		return fmt.Sprintf("; did you mean '%s'?", best)
	}
	return ""
}

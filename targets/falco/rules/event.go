package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Event is one event: the values of its fields. A field that an event does not
// hold has no value, and every comparison with it is false, "!=" too.
type Event struct {
	values map[string][]value
}

// NewEvent reads an event from fields and their values. Names are Falco's, with
// arguments as in a condition ("evt.arg.flags", "proc.aname[2]"); values are
// strings, numbers and booleans, and slices of them where a field has several:
// list fields, ancestors without an argument, and flags, which are joined by "|"
// as Falco shows them. A field that Falco does not have, or a value that does not
// fit its type, is an error: an event that cannot be would be silently unmatched.
func NewEvent(fields map[string]any) (Event, error) {
	e := Event{values: make(map[string][]value, len(fields))}
	// evt.type first: it says what evt.arg[0] is called.
	for _, name := range slices.SortedFunc(maps.Keys(fields), typeFirst) {
		r, err := parseFieldName(name)
		if err != nil {
			return Event{}, fmt.Errorf("event: %w", err)
		}
		values, err := eventValues(r, fields[name])
		if err != nil {
			return Event{}, fmt.Errorf("event: field '%s': %w", name, err)
		}
		key := e.key(&r)
		if _, twice := e.values[key]; twice {
			return Event{}, fmt.Errorf("event: field '%s' is given twice, as '%s' too", name, key)
		}
		e.values[key] = values
		if name == "evt.type" {
			if err := checkEventType(values[0].text); err != nil {
				return Event{}, fmt.Errorf("event: %w", err)
			}
		}
	}
	if len(e.values) == 0 {
		return Event{}, fmt.Errorf("event: no field")
	}
	return e, nil
}

func typeFirst(a, b string) int {
	if a == "evt.type" || b == "evt.type" {
		return strings.Compare(strconv.FormatBool(a != "evt.type"), strconv.FormatBool(b != "evt.type"))
	}
	return strings.Compare(a, b)
}

// parseFieldName reads a field with its argument as a condition has it.
func parseFieldName(text string) (fieldRef, error) {
	p := parser{scanner: newScanner(text)}
	name, ok := p.fieldName()
	if !ok {
		return fieldRef{}, fmt.Errorf("'%s' is no field", text)
	}
	o, err := p.field(Pos{}, name)
	if err != nil || !p.done() {
		return fieldRef{}, fmt.Errorf("'%s' is no field", text)
	}
	return resolveField(o.(*Field))
}

func eventValues(r fieldRef, in any) ([]value, error) {
	var items []any
	switch in := in.(type) {
	case []any:
		items = in
	case []string:
		for _, s := range in {
			items = append(items, s)
		}
	default:
		items = []any{in}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("is empty; leave out a field that has no value")
	}
	var values []value
	for _, item := range items {
		v, err := parseEventValue(r.info.kind, r.info.bits, item)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if len(values) > 1 && !r.several() {
		if r.info.name != "evt.arg" {
			return nil, fmt.Errorf("has one value, not %d", len(values))
		}
		var flags []string
		for _, v := range values {
			flags = append(flags, v.text)
		}
		values = []value{{text: strings.Join(flags, "|")}}
	}
	return values, nil
}

// several reports whether the field may have more than one value.
func (r *fieldRef) several() bool {
	return r.info.list || r.ancestors() || len(r.info.parts) > 1
}

// ancestors reports whether the field stands for all ancestors of the process.
// Checks of it hold when one ancestor fulfils them.
func (r *fieldRef) ancestors() bool {
	switch r.info.name {
	case "proc.aname", "proc.aexe", "proc.aexepath", "proc.acmdline", "proc.apid", "proc.aargs", "proc.aenv":
		return !r.hasArg
	}
	return false
}

// key spells evt.arg[0] as evt.arg[name] where the event's type is known.
func (e Event) key(r *fieldRef) string {
	if r.info.name != "evt.arg" && r.info.name != "evt.rawarg" {
		return r.name
	}
	i, err := strconv.Atoi(r.arg)
	types := e.values["evt.type"]
	if err != nil || len(types) == 0 {
		return r.name
	}
	names := loadTables().events[types[0].text]
	if i < 0 || i >= len(names) {
		return r.name
	}
	return key(r.info.name, names[i], true)
}

// lookup gives the values of a field, from the fields that it stands for where it
// is not given itself.
func (e Event) lookup(r *fieldRef) []value {
	if values, ok := e.values[e.key(r)]; ok {
		return values
	}
	if r.info.name == "evt.dir" {
		return []value{{text: "<"}}
	}
	var values []value
	for _, part := range r.info.parts {
		values = append(values, e.values[part]...)
	}
	if r.ancestors() {
		values = e.ancestorValues(r.info.name)
	}
	return values
}

// ancestorValues gathers name[1], name[2], ... as long as the event has them.
func (e Event) ancestorValues(name string) []value {
	var values []value
	for i := 1; ; i++ {
		v, ok := e.values[key(name, strconv.Itoa(i), true)]
		if !ok && i == 1 && name == "proc.aname" {
			v, ok = e.values["proc.pname"]
		}
		if !ok {
			return values
		}
		values = append(values, v...)
	}
}

func checkEventType(name string) error {
	t := loadTables()
	if _, ok := t.events[name]; !ok {
		return fmt.Errorf("no event type '%s'%s", name, didYouMean(name, t.eventNames))
	}
	return nil
}

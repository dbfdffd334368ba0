package attempt

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// KindEvent is something that a detection engine sees.
const KindEvent Kind = "event"

// Event is what a detection engine sees: fields by name. A value is a string,
// an int64, a float64, a bool, or a list of these.
type Event struct {
	Fields map[string]any `attempt:"fields,required,key" doc:"Falco's fields by name, such as \"evt.type\" = \"execve\""`
}

var event = define[Event](Schema{
	Title: "something that a detection engine sees", Key: "event", Subject: InContainer, Outcomes: detected,
	Examples: []string{`{"event":{"evt.type":"execve","proc.name":"bash"}}`},
})

// Kind is KindEvent.
func (Event) Kind() Kind { return KindEvent }

// In adds the fields by which Falco identifies a container.
func (e Event) In(c Container) Attempt {
	fields := map[string]any{"container.id": "3ad7b26ded6d", "container.name": c.Name, "k8s.pod.name": "pod-of-" + c.Workload}
	if c.Name == "" {
		fields["container.name"] = "main"
	}
	if c.Namespace != "" {
		fields["k8s.ns.name"] = c.Namespace
	}
	for label, value := range c.Labels {
		fields["k8s.pod.label["+label+"]"] = value
	}
	maps.Copy(fields, e.Fields)
	return Event{Fields: fields}
}

func (e *Event) set(_ string, value any) (bool, error) {
	object, ok := value.(map[string]any)
	if !ok || len(object) == 0 {
		return true, wrong("fields", "an event has at least one field, such as \"evt.type\"")
	}
	e.Fields = make(map[string]any, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if object[key] == nil { // as engines write a field without a value
			continue
		}
		plain, problem := plainOf(object[key])
		if problem != "" {
			return true, wrong("fields", "%s: %s", key, problem)
		}
		e.Fields[key] = plain
	}
	if len(e.Fields) == 0 {
		return true, wrong("fields", "an event has at least one field with a value, such as \"evt.type\"")
	}
	return true, nil
}

// plainOf is a value of an event from one of JSON.
func plainOf(value any) (plain any, problem string) {
	switch v := value.(type) {
	case string, bool:
		return v, ""
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, ""
		}
		n, err := v.Float64()
		if err != nil {
			return nil, fmt.Sprintf("%s is out of range", v)
		}
		return n, ""
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			if list[i], problem = plainOf(e); problem != "" {
				return nil, problem
			}
		}
		return list, ""
	}
	return nil, "must be a string, a number, a boolean, or a list of these, not " + typeOf(value)
}

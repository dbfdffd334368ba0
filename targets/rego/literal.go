package rego

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxLine is how many bytes an object may have to stand on one line.
const maxLine = 90

// literal writes a value of JSON as Rego, as opa fmt would: objects that are too long for a line have a line for each field.
func literal(v any, indent string) string {
	f, isObject := v.(tree)
	one := short(v)
	if !isObject || len(f) == 0 || len(one) <= maxLine {
		return one
	}
	var b strings.Builder
	b.WriteString("{\n")
	for _, key := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "%s\t%s: %s,\n", indent, quote(key), literal(f[key], indent+"\t"))
	}
	b.WriteString(indent + "}")
	return b.String()
}

// short writes a value on one line.
func short(v any) string {
	switch v := v.(type) {
	case tree:
		pairs := make([]string, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			pairs = append(pairs, quote(key)+": "+short(v[key]))
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = short(item)
		}
		return list(items)
	case string:
		return quote(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic("rego: an example is plain data: " + err.Error())
	}
	return string(text)
}

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"log"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// podFieldsText says of each field of a pod which controls look at it, or why none does. A test below testdata/oracles walks
// Kubernetes' types, and fails where a field is missing in the page that is made of it.
//
//go:embed podfields.txt
var podFieldsText string

func podFields() []byte {
	var b bytes.Buffer
	b.WriteString("# Fields of pods\n\n" + notice)
	b.WriteString("Each field of a pod in the newest Kubernetes API, by the type that has it, with the controls that look at it. Where none does, the reason follows.\n" +
		"Which target enforces a control is in [targets](targets/README.md). Annotations are in [pod-annotations.md](pod-annotations.md).\n\n" +
		"| field | controls | remarks |\n|---|---|---|\n")
	for line := range strings.Lines(podFieldsText) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "|")
		if len(parts) != 3 {
			log.Fatalf("podfields.txt: %q does not have three parts", line)
		}
		name, fields, found := strings.Cut(parts[0], ":")
		var ids []string
		for id := range strings.FieldsSeq(parts[1]) {
			if _, known := control.Lookup(control.ID(id)); !known {
				log.Fatalf("podfields.txt: no control is %q", id)
			}
			ids = append(ids, "`"+id+"`")
		}
		remark := strings.TrimSpace(parts[2])
		if !found || len(ids) == 0 && remark == "" {
			log.Fatalf("podfields.txt: %q names neither a control nor a reason", line)
		}
		for field := range strings.FieldsSeq(fields) {
			fmt.Fprintf(&b, "| `%s.%s` | %s | %s |\n", name, field, strings.Join(ids, ", "), remark)
		}
	}
	return b.Bytes()
}

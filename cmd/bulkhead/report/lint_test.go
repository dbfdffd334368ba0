package report_test

import (
	"io"
	"testing"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

var linted = []report.Linted{
	{File: "a.json", Notes: []target.Diagnostic{
		{Lint: "swallowed-deny", Location: "/syscalls/1", Subject: "socket", Line: 7, Column: 3, Summary: "Refusal without effect", Message: "It is swallowed.", Warning: true},
		{Lint: "bitmap", Summary: "Calls without argument checks", Message: "5 of 6."},
	}},
	{File: "b\n.json", Notes: []target.Diagnostic{{Lint: "unknown-name", Line: 2, Column: 1, Message: hostile, Warning: true}}},
	{File: "clean.json"},
}

func TestLints(t *testing.T) {
	for format, write := range report.Lints {
		t.Run(format, func(t *testing.T) {
			golden(t, "lints."+format, func(w io.Writer) error { return write(w, linted) })
			golden(t, "lints-clean."+format, func(w io.Writer) error { return write(w, nil) })
			if err := write(full{}, linted); err == nil {
				t.Error("what could not be written is no error")
			}
		})
	}
	if !linted[0].Warns() || linted[2].Warns() {
		t.Error("an artifact warns that has no warning, or the other way round")
	}
}

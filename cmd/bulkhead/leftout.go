package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// printLeftOut lists the controls of presets that the policy's choice of targets leaves out, each with the place that states
// it and the targets that would enforce it.
func printLeftOut(out io.Writer, b *target.Build, path func(string) string) error {
	gaps := b.Coverage.LeftOut()
	if len(gaps) == 0 {
		return nil
	}
	fmt.Fprintln(out, "\nLeft out, as no target in platform.targets enforces them:")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	listed := map[string]bool{}
	for _, g := range gaps {
		at := "assumed, not stated"
		if s := g.Statement.Setting; s.Stated() {
			at = hcltext.At(*moved(&s.Range, path))
		}
		line := fmt.Sprintf("  %s\t%s\tenforced by %s", g.Statement.Control.ID, report.Printable(at), strings.Join(g.LeftOut, ", "))
		if !listed[line] {
			fmt.Fprintln(w, line)
		}
		listed[line] = true
	}
	return w.Flush()
}

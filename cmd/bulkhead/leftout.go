package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// printLimits lists what the policy's targets and its platform leave open: compile and validate end with it.
func printLimits(out io.Writer, b *target.Build, path func(string) string) error {
	if err := printInPart(out, b, path); err != nil {
		return err
	}
	return printLeftOut(out, b, path)
}

// printInPart lists the controls that are enforced only as far as the platform's version of Kubernetes allows, and what stays open.
func printInPart(out io.Writer, b *target.Build, path func(string) string) error {
	rows := b.Coverage.InPart()
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintln(out, "\nEnforced in part, as far as the platform's version allows:")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	listed := map[string]bool{}
	for _, row := range rows {
		var open []string
		for _, t := range slices.Sorted(maps.Keys(row.Supports)) {
			if s := row.Supports[t]; s.Utmost && !slices.Contains(open, s.Reason) {
				open = append(open, s.Reason)
			}
		}
		line := fmt.Sprintf("  %s\t%s\t%s", row.Statement.Control.ID, statedAt(row.Statement.Setting, path), strings.Join(open, " "))
		if !listed[line] {
			fmt.Fprintln(w, line)
		}
		listed[line] = true
	}
	return w.Flush()
}

// statedAt is the place that states a setting.
func statedAt(s policy.Setting, path func(string) string) string {
	if !s.Stated() {
		return "assumed, not stated"
	}
	return report.Printable(hcltext.At(*moved(&s.Range, path)))
}

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
		line := fmt.Sprintf("  %s\t%s\tenforced by %s", g.Statement.Control.ID, statedAt(g.Statement.Setting, path), strings.Join(g.LeftOut, ", "))
		if !listed[line] {
			fmt.Fprintln(w, line)
		}
		listed[line] = true
	}
	return w.Flush()
}

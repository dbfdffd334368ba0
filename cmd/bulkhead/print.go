package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
)

// formatFlag adds the flag that names the format of a command's result.
func formatFlag(c *cobra.Command, format *string, usual string) {
	c.Flags().StringVar(format, "format", usual, "print in a `FORMAT`: "+strings.Join(report.Formats(), ", "))
}

// knownFormat refuses a format before any work is done.
func knownFormat(name string) error {
	if all := report.Formats(); !slices.Contains(all, name) {
		return fmt.Errorf("no format is called %q; there are %s", name, join(all))
	}
	return nil
}

// print prints a result, and on standard error what could not be used.
func (a *app) print(format string, r report.Result) error {
	r = r.Cut()
	out := a.out
	if format == "github" { // whose lines are commands
		out = a.plain.out
	}
	if err := report.Write(out, format, r); err != nil {
		return err
	}
	if !report.ShowsSkipped(format) {
		for _, s := range r.Skipped {
			fmt.Fprintf(a.err, "%s: skipped: %s\n", report.Printable(s.File), report.Printable(s.Reason))
		}
	}
	for _, problem := range r.Problems {
		fmt.Fprintf(a.err, "Error: %s\n", report.Printable(problem.Error()))
	}
	return nil
}

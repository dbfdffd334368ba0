package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

// fix mends the files that can be: with write it replaces them, all of each or
// nothing, and otherwise it prints the differences. A link is followed into the inputs
// that were named, and not out of them.
func (a *app) fix(ctx context.Context, checker *check.Checker, files []check.File, inputs []string, write bool) error {
	mended := 0
	for _, f := range files {
		if !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(f.Name)) {
			fmt.Fprintf(a.err, "%s: not fixed: only .yaml and .yml files are\n", report.Printable(f.Name))
			continue
		}
		if why := leavesInputs(f.Name, inputs); why != "" {
			fmt.Fprintf(a.err, "%s: not fixed: %s\n", report.Printable(f.Name), report.Printable(why))
			continue
		}
		if f.Partial != "" {
			fmt.Fprintf(a.err, "%s: not fixed: %s\n", report.Printable(f.Name), report.Printable(f.Partial))
			continue
		}
		body, err := f.Open()
		if err != nil {
			continue // the check tells of it
		}
		fixed, n, err := checker.Fix(ctx, f.Name, body)
		if err != nil {
			fmt.Fprintf(a.err, "%s: not fixed: %s\n", report.Printable(f.Name), report.Printable(err.Error()))
			continue
		}
		if bytes.Equal(fixed, body) {
			continue
		}
		mended += n
		if !write {
			if _, err := a.out.Write(diff.Diff(f.Name, body, f.Name, fixed)); err != nil {
				return err
			}
		} else if err := replaceFile(f.Name, fixed); err != nil {
			return err
		}
	}
	what := "can be fixed with --fix"
	if write {
		what = "fixed"
	}
	fmt.Fprintf(a.err, "%s %s\n", count(mended, "finding"), what)
	return nil
}

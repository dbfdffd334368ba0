package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

// exceptionDays is how long the exception lasts that an explanation writes out.
const exceptionDays = 90

// explainFinding prints all that there is to say of one finding. What could not be
// read is told as well: the finding may have been in it.
func (a *app) explainFinding(ctx context.Context, checker *check.Checker, result check.Result, files []check.File, program *lang.Program, flags *checkFlags) error {
	for _, problem := range result.Problems {
		fmt.Fprintf(a.err, "Error: %s\n", report.Printable(problem.Error()))
	}
	f, others, err := result.Find(flags.explain)
	if err != nil {
		return err
	}
	e := report.Explanation{Finding: f, Others: others, Workload: checker.Workload(f)}
	e.Control, e.Setting, e.Stated = checker.Setting(f)
	now := a.environment(program.Policy, &flags.policyFlags).Now
	e.Expires = now.AddDate(0, 0, exceptionDays).UTC().Format("2006-01-02")
	if e.Control != nil {
		e.Provenance = program.Document.Provenance(e.Control, e.Setting.Policy)
	}
	yaml := slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(f.File))
	e.Comment = yaml && e.Control != nil && program.Policy.MayIgnore(e.Control.ID)
	e.Body = bodyOf(files, f.File)
	if yaml && e.Body != nil {
		if mended, ok := checker.Mend(ctx, e.Body, f); ok {
			e.Diff = diff.Diff(f.File, e.Body, f.File, mended)
		}
	} else {
		e.Written = checker.Written(f)
	}
	if err := report.Explain(a.out, e, program); err != nil {
		return err
	}
	if len(result.Problems) > 0 {
		return errReported
	}
	return nil
}

// bodyOf reads a file again; nil where it cannot be read twice, as a named pipe.
func bodyOf(files []check.File, name string) []byte {
	i := slices.IndexFunc(files, func(f check.File) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	body, err := files[i].Open()
	if err != nil || len(body) == 0 {
		return nil
	}
	return body
}

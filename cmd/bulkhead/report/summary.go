package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

// tallied counts the findings of a control, or of a workload.
type tallied struct{ errors, warnings, suppressed int }

func (t *tallied) add(f check.Finding) {
	switch {
	case f.Suppressed != nil:
		t.suppressed++
	case f.Severity == check.Error:
		t.errors++
	default:
		t.warnings++
	}
}

// CheckSummary prints how many findings there are by control and by workload, the
// worst first, in place of the findings.
func CheckSummary(w io.Writer, r check.Result, _ *lang.Program) error {
	controls, workloads := map[string]*tallied{}, map[string]*tallied{}
	count := func(m map[string]*tallied, key string, f check.Finding) {
		if m[key] == nil {
			m[key] = &tallied{}
		}
		m[key].add(f)
	}
	for _, f := range r.Findings {
		count(controls, ruleID(f), f)
		count(workloads, resource(f), f)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, table := range []struct {
		title string
		rows  map[string]*tallied
	}{{"CONTROL", controls}, {"WORKLOAD", workloads}} {
		if len(table.rows) == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\tERRORS\tWARNINGS\tSUPPRESSED\n", table.title)
		worst := func(a, b string) int {
			x, y := table.rows[a], table.rows[b]
			return cmp.Or(cmp.Compare(y.errors, x.errors), cmp.Compare(y.warnings, x.warnings), cmp.Compare(y.suppressed, x.suppressed), cmp.Compare(a, b))
		}
		for _, key := range slices.SortedFunc(maps.Keys(table.rows), worst) {
			row := table.rows[key]
			fmt.Fprintf(t, "%s\t%d\t%d\t%d\n", shown(key), row.errors, row.warnings, row.suppressed)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return tally(w, r)
}

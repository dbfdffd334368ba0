package report

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

func init() { formats["summary"] = summary }

// summary prints how many findings there are by control and by workload, the
// worst first, in place of the findings.
func summary(w *bufio.Writer, r Result) error {
	rules, subjects := map[string]tallied{}, map[string]tallied{}
	add := func(m map[string]tallied, key string, f Finding) {
		if m[key] == nil {
			m[key] = tallied{}
		}
		m[key].add(f)
	}
	for _, f := range r.all() {
		add(rules, f.rule(), f)
		add(subjects, f.subject(), f)
	}
	titles := []string{"RULE", "FILE"}
	if r.Checked != nil {
		titles = []string{"CONTROL", "WORKLOAD"}
	}
	columns := append(slices.Clone(r.Severities), suppressed)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, table := range []struct {
		title string
		rows  map[string]tallied
	}{{titles[0], rules}, {titles[1], subjects}} {
		if len(table.rows) == 0 {
			continue
		}
		fmt.Fprint(t, table.title)
		for _, c := range columns {
			fmt.Fprint(t, "\t", strings.ToUpper(heading(c)))
		}
		fmt.Fprintln(t)
		worst := func(a, b string) int {
			for _, c := range columns {
				if d := cmp.Compare(table.rows[b][c], table.rows[a][c]); d != 0 {
					return d
				}
			}
			return cmp.Compare(a, b)
		}
		for _, key := range slices.SortedFunc(maps.Keys(table.rows), worst) {
			fmt.Fprint(t, Printable(key))
			for _, c := range columns {
				fmt.Fprint(t, "\t", table.rows[key][c])
			}
			fmt.Fprintln(t)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	tally(w, r)
	return nil
}

func heading(column string) string {
	if column == suppressed {
		return column
	}
	return column + "s"
}

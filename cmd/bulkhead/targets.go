package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

func (a *app) targetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "targets",
		Short: "List the targets, and the attempts that their artifacts can be tried with",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, t := range a.targets {
				kinds := ""
				if j, ok := t.(target.Judger); ok {
					var names []string
					for _, k := range j.Kinds() {
						names = append(names, string(k))
					}
					kinds = join(names)
				}
				fmt.Fprintf(w, "%s\t%s\n", t.Info().Name, kinds)
			}
			return w.Flush()
		},
	}
}

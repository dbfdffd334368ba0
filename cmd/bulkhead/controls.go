package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

func (a *app) controlsCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "controls",
		Short:   "List the controls that a policy can state",
		Example: "  bulkhead controls\n  bulkhead explain capabilities.drop",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				for _, ctrl := range control.Controls() {
					fmt.Fprintf(w, "%s\t%s\t%s\n", ctrl.ID, ctrl.Order, ctrl.Title)
				}
				return w.Flush()
			case "json":
				return a.controlsJSON()
			}
			return fmt.Errorf("no format is called %q; there are json and text", format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "print `text` or json")
	return c
}

type controlJSON struct {
	ID       control.ID `json:"id"`
	Title    string     `json:"title"`
	Reason   string     `json:"reason"`
	Order    string     `json:"order"`
	Scope    string     `json:"scope"`
	Loosest  string     `json:"loosest"`
	Mappings []string   `json:"mappings"`
}

func (a *app) controlsJSON() error {
	rows := []controlJSON{}
	for _, c := range control.Controls() {
		rows = append(rows, controlJSON{c.ID, c.Title, c.Reason, c.Order.String(), c.Scope.String(), c.Show(c.Loosest), append([]string{}, c.Mappings...)})
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

func (a *app) validateCommand() *cobra.Command {
	var flags policyFlags
	c := &cobra.Command{
		Use:   "validate [POLICY]",
		Short: "Say whether a policy is well formed and every control is held",
		Long: `Read a policy (a folder, a file, or a preset such as bulkhead:restricted), work
out what it comes to for every container, and ask every target whether it can
hold that. Nothing is written.`,
		Example: "  bulkhead validate policies/payments --var env=prod",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			program, b, err := a.build(policyArg(args), &flags, func(target.Target) bool { return false })
			if err != nil {
				return err
			}
			p := program.Policy
			stated := len(b.Coverage.Rows) - len(b.Coverage.LeftOut())
			fmt.Fprintf(a.out, "%s %s is valid: %s, %s, %s, held by %s.\n", p.Name, p.Version,
				count(len(p.Workloads), "workload"), count(stated, "statement"), count(len(program.Tests), "test"), join(target.Names(b.Targets)))
			return printLimits(a.out, b, program.Path)
		},
	}
	flags.add(c)
	return c
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func join(names []string) string {
	out := ""
	for i, n := range names {
		switch {
		case i > 0 && i == len(names)-1:
			out += " and "
		case i > 0:
			out += ", "
		}
		out += n
	}
	return out
}

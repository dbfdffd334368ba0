package main

import (
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

func (a *app) testCommand() *cobra.Command {
	var flags policyFlags
	var run, format string
	c := &cobra.Command{
		Use:   "test [POLICY]",
		Short: "Run a policy's tests against what it compiles into",
		Long: `Compile a policy in memory and run its tests: every attempt is judged from the
artifacts alone. For what is refused, or alerts, the controls behind it are
loosened and the attempt is made again, until it passes: a test holds only if the
control that it names is one of those.

A test that could not fail is a failure, and so is a control whose loosening
changes no artifact. The exit code is 1 where anything failed.`,
		Example: `  bulkhead test
  bulkhead test policies/payments --var env=prod --run metadata
  bulkhead test --format junit > report.xml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := knownFormat(format); err != nil {
				return err
			}
			var options trial.Options
			if run != "" {
				re, err := regexp.Compile(run)
				if err != nil {
					return fmt.Errorf("--run: %w", err)
				}
				options.Run = re
			}
			program, b, err := a.build(policyArg(args), &flags, nil)
			if err != nil {
				return err
			}
			options.Limits = limits(&flags)
			show, clear := a.progress("testing")
			options.Progress = show
			result, err := trial.Run(c.Context(), b, program.Tests, a.environment(program.Policy, &flags), options)
			clear()
			if err != nil {
				return err
			}
			if len(result.Tests) == 0 {
				return noTests(run, len(program.Tests))
			}
			r := report.OfTests(result, program)
			if err := a.print(format, r); err != nil {
				return err
			}
			if r.Failed() {
				return errFindings
			}
			return nil
		},
	}
	flags.add(c)
	c.Flags().StringVar(&run, "run", "", "run only tests whose name matches the regular expression `RE`")
	formatFlag(c, &format, "text")
	return c
}

// noTests is the error of a run that would pass because it tested nothing.
func noTests(run string, all int) error {
	if all == 0 {
		return fmt.Errorf("the policy has no tests, so nothing shows that it holds: write one in a file that ends in .test.hcl (docs/testing.md)")
	}
	return fmt.Errorf("none of the %d tests has a name that matches %q", all, run)
}

func limits(f *policyFlags) input.Limits {
	l := input.DefaultLimits()
	l.Bytes = f.maxBytes
	return l
}

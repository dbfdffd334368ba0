package main

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

func (a *app) compileCommand() *cobra.Command {
	var flags policyFlags
	var out string
	var only []string
	var checkOnly bool
	c := &cobra.Command{
		Use:   "compile [POLICY]",
		Short: "Write a policy's artifacts for every target",
		Long: `Compile a policy into the artifacts of every target that is in force (those that
platform.targets names, or those that are by default), and
write them, with a manifest.json of hashes, origins and gaps, to a folder. The
folder is replaced as a whole or not at all, and never if it holds files that
Bulkhead did not write. The same input gives the same bytes.

With --check nothing is written, and the exit code is 1 where the folder is not
what would be written: a way to hold generated files current in CI.`,
		Example: `  bulkhead compile policies/payments --var env=prod
  bulkhead compile -o build --target ` + a.targets[0].Info().Name + `
  bulkhead compile --check`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.knownTargets(only); err != nil {
				return err
			}
			chosen := func(t target.Target) bool { return len(only) == 0 || slices.Contains(only, t.Info().Name) }
			program, b, err := a.build(policyArg(args), &flags, chosen)
			if err != nil {
				return err
			}
			if err := a.written(b, only); err != nil {
				return err
			}
			if err := b.AddTests(); err != nil {
				return err
			}
			artifacts := b.All()
			manifest := b.Manifest(version, sources(program.Files), artifacts)
			if err := target.Overlap(out, manifest); err != nil {
				return err
			}
			files, err := target.Files(artifacts, manifest)
			if err != nil {
				return err
			}
			if checkOnly {
				return a.current(out, files)
			}
			if err := target.Write(out, files); err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, t := range b.Targets {
				if n := len(b.Artifacts[t.Info().Name]) + len(b.Tests[t.Info().Name]); n > 0 {
					fmt.Fprintf(w, "%s\t%s\n", t.Info().Name, count(n, "file"))
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "written to %s\n", out)
			return printLimits(a.out, b, program.Path)
		},
	}
	flags.add(c)
	c.Flags().StringVarP(&out, "out", "o", "build", "the `FOLDER` to write")
	c.Flags().StringArrayVar(&only, "target", nil, "write only this `TARGET` (repeatable), so that the folder holds nothing else; all are still asked whether they hold the policy")
	c.Flags().BoolVar(&checkOnly, "check", false, "write nothing; fail where the folder is not what would be written")
	return c
}

// written refuses a choice of targets of which one would write nothing: the
// policy does not ask for it.
func (a *app) written(b *target.Build, only []string) error {
	for _, name := range only {
		if !slices.Contains(target.Names(b.Targets), name) {
			return fmt.Errorf("the target %s is not in force for the policy: those that are, by platform.targets or by default, are %s", name, join(target.Names(b.Targets)))
		}
	}
	return nil
}

func (a *app) knownTargets(names []string) error {
	for _, name := range names {
		if all := target.Names(a.targets); !slices.Contains(all, name) {
			return fmt.Errorf("no target is called %q; there are %s", name, join(all))
		}
	}
	return nil
}

func (a *app) current(dir string, files []target.File) error {
	differences, err := target.Differences(dir, files)
	if err != nil {
		return err
	}
	for _, d := range differences {
		fmt.Fprintln(a.out, report.Printable(d))
	}
	if len(differences) > 0 {
		fmt.Fprintf(a.err, "%s is not what the policy compiles into. To write it: bulkhead compile -o %s\n", dir, dir)
		return errFindings
	}
	_, err = fmt.Fprintf(a.out, "%s is current\n", dir)
	return err
}

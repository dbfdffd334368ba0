package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

func (a *app) lintCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lint TARGET ARTIFACT...",
		Short: "Show where an artifact, ours or not, is weaker than it looks",
		Long: `Read artifacts, anybody's, and report what in them has no effect, can be got past, or
holds less or more than was meant: a refusal that another rule swallows, a
comparison that junk in an argument passes, a name that an older library does not
know. A folder stands for the files in it. What is found is named, and explained on
the target's page of the documentation. compile and test warn of the same in what a
policy compiles into, at the policy's lines.

Which facts a target's artifacts depend on, its help says: bulkhead lint TARGET --help

Exit codes: 0 nothing or notes only, 1 warnings, 2 an artifact could not be read.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.noLinter(args[0]) },
	}
	for _, t := range a.targets {
		if l, ok := t.(target.Linter); ok {
			c.AddCommand(a.lintOf(l))
		}
	}
	return c
}

// lintOf is the command that lints artifacts of one target.
func (a *app) lintOf(linter target.Linter) *cobra.Command {
	var format string
	info := linter.Info()
	c := &cobra.Command{
		Use:     info.Name + " ARTIFACT...",
		Short:   "Lint artifacts of " + info.Name,
		Long:    targetHelp("Show where artifacts of "+info.Name+", ours or not, are weaker than they look.", info.Help),
		Example: "  bulkhead lint " + info.Name + " build/" + info.Name,
		Args:    cobra.MinimumNArgs(1),
	}
	facts := addFactFlags(c, info)
	c.RunE = func(c *cobra.Command, paths []string) error {
		environment, err := facts.environment(c, a.now())
		if err != nil {
			return err
		}
		return a.lint(format, linter, environment, paths)
	}
	formatFlag(c, &format, "text")
	return c
}

func (a *app) lint(format string, linter target.Linter, environment target.Environment, paths []string) error {
	if err := knownFormat(format); err != nil {
		return err
	}
	artifacts, unusable, err := a.artifacts(linter.Info(), paths)
	if err != nil {
		return err
	}
	result := report.OfLint()
	for _, u := range unusable {
		result.Problems = append(result.Problems, u.error)
	}
	for _, artifact := range artifacts {
		notes, err := linter.Lint(environment, artifact)
		if err != nil {
			result.Problems = append(result.Problems, fmt.Errorf("%s: %w", artifact.Path, err))
			continue
		}
		result.AddLinted(artifact.Path, notes)
	}
	if err := a.print(format, result); err != nil {
		return err
	}
	switch {
	case len(result.Problems) > 0:
		return errReported
	case result.Failed():
		return errFindings
	}
	return nil
}

// noLinter is the error of a target whose artifacts cannot be linted.
func (a *app) noLinter(name string) error {
	if err := a.knownTargets([]string{name}); err != nil {
		return err
	}
	var linters []target.Target
	for _, t := range a.targets {
		if _, ok := t.(target.Linter); ok {
			linters = append(linters, t)
		}
	}
	return fmt.Errorf("artifacts of %s cannot be linted; those of %s can", name, join(target.Names(linters)))
}

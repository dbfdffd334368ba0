package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

type lintFlags struct {
	nodeFlags
	format string
}

func (a *app) lintCommand() *cobra.Command {
	var flags lintFlags
	c := &cobra.Command{
		Use:   "lint TARGET ARTIFACT...",
		Short: "Tell what an artifact, ours or not, holds less than it seems to",
		Long: `Read artifacts, anybody's, and tell what in them has no effect, can be got past, or
holds less or more than was meant: a refusal that another rule swallows, a
comparison that junk in an argument passes, a name that an older library does not
know. A folder stands for the files in it. What is found is named, and explained on
the target's page of the documentation. compile and test warn of the same in what a
policy compiles into, at the policy's lines.

A seccomp profile is read as judge reads it: --runtime, --capabilities, --kernel and
--libseccomp say what of the container and the node decides. What is said of
capabilities needs --capabilities, or a runtime, which gives some.

Exit codes: 0 nothing or notes only, 1 warnings, 2 an artifact could not be read.`,
		Example: `  bulkhead lint seccomp profiles/
  bulkhead lint seccomp docker.json --runtime docker --capabilities NET_BIND_SERVICE`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return a.lint(c, &flags, args[0], args[1:]) },
	}
	flags.nodeFlags.add(c)
	formatFlag(c, &flags.format, "text")
	return c
}

func (a *app) lint(c *cobra.Command, flags *lintFlags, name string, paths []string) error {
	if err := knownFormat(flags.format); err != nil {
		return err
	}
	linter, err := findLinter(name)
	if err != nil {
		return err
	}
	artifacts, err := a.artifacts(paths)
	if err != nil {
		return err
	}
	environment := flags.environment(c, a.now())
	result := report.OfLint()
	for _, artifact := range artifacts {
		notes, err := linter.Lint(environment, artifact)
		if err != nil {
			result.Problems = append(result.Problems, fmt.Errorf("%s: %w", artifact.Path, err))
			continue
		}
		result.AddLinted(artifact.Path, notes)
	}
	if err := a.print(flags.format, result); err != nil {
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

func findLinter(name string) (target.Linter, error) {
	var names []string
	for _, t := range targets.All() {
		if l, ok := t.(target.Linter); ok {
			if t.Name() == name {
				return l, nil
			}
			names = append(names, t.Name())
		}
	}
	if err := knownTargets([]string{name}); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("artifacts of %s cannot be linted; those of %s can", name, join(names))
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

type checkFlags struct {
	policyFlags
	policy, format, failOn, namespace string
	baseline, writeBaseline           string
	explain                           string
	allowEmpty, fix, diff, allJudges  bool
	strict                            bool
	exclude                           []string
}

func (a *app) checkCommand() *cobra.Command {
	var flags checkFlags
	c := &cobra.Command{
		Use:   "check --policy POLICY INPUT...",
		Short: "Hold manifests and Terraform plans against a policy",
		Long: `Judge Kubernetes manifests (YAML or JSON, many documents, Lists, what helm
template and kustomize build print) and Terraform plans (the JSON of terraform
show -json) by the artifacts that a policy compiles into.

An INPUT is a file, a folder (searched for .yaml, .yml and .json, with hidden
folders, and links to files but not to folders), a pattern (with ** for any number
of folders), or - for standard input. In .git, .terraform and node_modules nothing
is searched for, nor among what git ignores and does not track. What --exclude or a
.bulkheadignore names is left out, and listed as skipped. Objects to which no control applies are listed as skipped, and so
is what a kustomization lists as a patch, of which at most what it states is checked.
Input in which nothing could be checked is an error, unless --allow-empty says
otherwise; what cannot be read is one, too, and the rest is checked all the
same.

A finding on a line is ignored by a comment there, or above it, where the policy
lists the control in ignorable:  # bulkhead:ignore resources.cpu -- why

Exit codes: 0 nothing found, 1 findings, 2 an input could not be used.`,
		Example: `  bulkhead check --policy . deploy/
  helm template chart | bulkhead check --policy bulkhead:restricted -
  terraform show -json plan.out > plan.json && bulkhead check --policy . plan.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.check(c, &flags, args) },
	}
	flags.add(c)
	c.Flags().StringVarP(&flags.policy, "policy", "p", ".", "the `POLICY`: a folder, a file, or a preset such as bulkhead:restricted")
	formatFlag(c, &flags.format, "text")
	c.Flags().StringVar(&flags.failOn, "fail-on", check.Error, "the least severity that fails: `error` or warning")
	c.Flags().StringVarP(&flags.namespace, "namespace", "n", "", "the `NAMESPACE` of objects that name none")
	c.Flags().StringVar(&flags.baseline, "baseline", "", "findings that this `FILE` lists are suppressed: only new ones fail")
	c.Flags().StringVar(&flags.writeBaseline, "write-baseline", "", "write the errors that are found to this `FILE`, for --baseline, and do not fail on them; what is undecided is not written, and fails")
	c.MarkFlagsMutuallyExclusive("baseline", "write-baseline")
	c.Flags().StringVar(&flags.explain, "explain", "", "explain the one `FINDING` of this name, the digits at the end of its line or the first of them: why, what requires it, and what to do")
	for _, other := range []string{"format", "fix", "diff", "write-baseline", "fail-on"} {
		defer c.MarkFlagsMutuallyExclusive("explain", other)
	}
	c.Flags().BoolVar(&flags.fix, "fix", false, "apply fixes that have only one possible value, then check again")
	c.Flags().BoolVar(&flags.diff, "diff", false, "show what --fix would change, and change nothing")
	c.MarkFlagsMutuallyExclusive("fix", "diff", "baseline")
	c.MarkFlagsMutuallyExclusive("fix", "diff", "write-baseline")
	c.Flags().BoolVar(&flags.allJudges, "all-judges", false, "ask every target that judges the input, and not only those that are needed; it is an error where they disagree")
	c.Flags().StringArrayVar(&flags.exclude, "exclude", nil, "leave out what matches a `PATTERN` in the syntax of .gitignore, from the current folder (repeatable); .bulkheadignore lists such patterns")
	c.Flags().BoolVar(&flags.strict, "strict", false, "fail where something is skipped that has pods, or may have: an object in a namespace of others, a custom resource with an image, a resource type of a plan that is not read; or that may open what the policy closes")
	c.Flags().BoolVar(&flags.allowEmpty, "allow-empty", false, "an empty input, and inputs in which nothing could be checked, are no error")
	return c
}

func (a *app) check(c *cobra.Command, flags *checkFlags, args []string) error {
	if err := knownFormat(flags.format); err != nil {
		return err
	}
	if flags.failOn != check.Error && flags.failOn != check.Warning {
		return fmt.Errorf("--fail-on is error or warning, not %q", flags.failOn)
	}
	known, err := readBaseline(flags.baseline)
	if err != nil {
		return err
	}
	program, b, err := a.build(flags.policy, &flags.policyFlags, check.Needs)
	if err != nil {
		return err
	}
	if a.boundHeap != nil {
		a.boundHeap()
	}
	files, skipped := a.inputs(args, flags.exclude, flags.maxBytes)
	checker := check.New(b, a.environment(program.Policy, &flags.policyFlags), flags.namespace, limits(&flags.policyFlags))
	if flags.allowEmpty {
		checker.AllowEmpty()
	}
	if flags.allJudges {
		checker.AskAll()
	}
	if flags.fix || flags.diff {
		if err := a.fix(c.Context(), checker, files, named(args, files), flags.fix); err != nil {
			return err
		}
	}
	show, clear := a.progress("checking")
	result := checker.Run(c.Context(), files, show)
	clear()
	result.Skipped = append(skipped, result.Skipped...)
	flags.completeRemedies(&result)
	fixed := known.Apply(&result, files)
	if flags.writeBaseline != "" {
		known = check.NewBaseline(result)
		known.Apply(&result, files)
	}
	if flags.explain != "" {
		return a.explainFinding(c.Context(), checker, result, files, program, flags)
	}
	if err := a.print(flags.format, report.OfCheck(result, program)); err != nil {
		return err
	}
	if fixed > 0 {
		words := make([]string, len(args))
		for i, arg := range args {
			words[i] = shellQuoted(arg)
		}
		fmt.Fprintf(a.err, "%s of %s no longer found; update the baseline with: bulkhead check%s --write-baseline %s %s\n",
			count(fixed, "finding"), flags.baseline, flags.flags(), shellQuoted(flags.baseline), strings.Join(words, " "))
	}
	switch {
	case len(result.Problems) > 0:
		return errReported // and no baseline, which would leave out what was not read
	case result.Checked == 0 && !slices.ContainsFunc(result.Findings, ofChecked) && !flags.allowEmpty:
		return fmt.Errorf("nothing was checked: the policy applies to nothing in the inputs (--allow-empty accepts that)")
	}
	failOn := flags.failOn
	if flags.writeBaseline != "" {
		failOn = check.Error // of which only the undecided ones are not in the baseline
		undecided := 0
		for _, f := range result.Findings {
			if f.Undecided && f.Fails(failOn) {
				undecided++
			}
		}
		if err := a.saveBaseline(flags.writeBaseline, known, undecided); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(result.Findings, func(f check.Finding) bool { return f.Fails(failOn) }) {
		return errFindings
	}
	if n := unjudged(result.Skipped); flags.strict && n > 0 {
		fmt.Fprintf(a.err, "--strict: of what was skipped, %d may have pods, or open what the policy closes\n", n)
		return errFindings
	}
	return nil
}

// unjudged counts what has pods, or may have, and was skipped.
func unjudged(skipped []input.Skipped) int {
	n := 0
	for _, s := range skipped {
		if s.Pods {
			n++
		}
	}
	return n
}

// ofChecked reports whether a finding is about something that was checked, or that
// somebody wrote for the check: not a guess that an object was meant to be.
func ofChecked(f check.Finding) bool {
	return f.Severity == check.Error || !f.OfUndeclared()
}

// readBaseline reads what was known when the policy was adopted; nothing where no
// file is named.
func readBaseline(name string) (check.Baseline, error) {
	if name == "" {
		return check.Baseline{}, nil
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return check.Baseline{}, err
	}
	b, err := check.ParseBaseline(body)
	if err != nil {
		return b, fmt.Errorf("%s is not a baseline, and bulkhead check --write-baseline writes it anew: %w", name, err)
	}
	return b, nil
}

// saveBaseline writes a baseline, and says how many findings are not in it.
func (a *app) saveBaseline(name string, b check.Baseline, undecided int) error {
	body, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(name, append(body, '\n')); err != nil {
		return err
	}
	left := ""
	switch {
	case undecided == 1:
		left = "; 1 is undecided and stays out"
	case undecided > 1:
		left = fmt.Sprintf("; %d are undecided and stay out", undecided)
	}
	_, err = fmt.Fprintf(a.err, "%s written to %s%s\n", count(len(b.Findings), "finding"), name, left)
	return err
}

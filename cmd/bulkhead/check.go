package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

type checkFlags struct {
	policyFlags
	policy, format, failOn, namespace string
	allowEmpty                        bool
}

func (a *app) checkCommand() *cobra.Command {
	var flags checkFlags
	c := &cobra.Command{
		Use:   "check --policy POLICY INPUT...",
		Short: "Hold manifests and Terraform plans against a policy",
		Long: `Judge Kubernetes manifests (YAML or JSON, many documents, Lists, what helm
template and kustomize build print) and Terraform plans (the JSON of terraform
show -json) by the artifacts that a policy compiles into.

An INPUT is a file, a folder (searched for .yaml, .yml and .json), a pattern, or -
for standard input. What no control reads is listed as skipped. Input in which
nothing could be checked is an error, unless --allow-empty says otherwise.

Exit codes: 0 nothing found, 1 findings, 2 an input could not be used.`,
		Example: `  bulkhead check --policy . deploy/
  helm template chart | bulkhead check --policy bulkhead:restricted -
  terraform show -json plan.out > plan.json && bulkhead check --policy . plan.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.check(c, &flags, args) },
	}
	flags.add(c)
	c.Flags().StringVarP(&flags.policy, "policy", "p", ".", "the `POLICY`: a folder, a file, or a preset such as bulkhead:restricted")
	c.Flags().StringVar(&flags.format, "format", "text", "print in the `FORMAT` text, json, junit, sarif (code scanning), github (annotations) or gitlab (Code Quality)")
	c.Flags().StringVar(&flags.failOn, "fail-on", check.Error, "the least severity that fails: `error` or warning")
	c.Flags().StringVarP(&flags.namespace, "namespace", "n", "", "the `NAMESPACE` of objects that name none")
	c.Flags().BoolVar(&flags.allowEmpty, "allow-empty", false, "input in which nothing could be checked is no error")
	return c
}

func (a *app) check(c *cobra.Command, flags *checkFlags, args []string) error {
	write, ok := report.Checks[flags.format]
	if !ok {
		return fmt.Errorf("no format is called %q; there are %s", flags.format, join(slices.Sorted(maps.Keys(report.Checks))))
	}
	if flags.failOn != check.Error && flags.failOn != check.Warning {
		return fmt.Errorf("--fail-on is error or warning, not %q", flags.failOn)
	}
	program, b, err := a.build(flags.policy, &flags.policyFlags, check.Needs)
	if err != nil {
		return err
	}
	files := a.inputs(args, flags.maxBytes)
	checker, err := check.New(b, a.conditions(program.Policy, &flags.policyFlags), flags.namespace, limits(&flags.policyFlags))
	if err != nil {
		return err
	}
	show, clear := a.progress("checking")
	result := checker.Run(c.Context(), files, show)
	clear()
	if err := write(a.out, result, program); err != nil {
		return err
	}
	if flags.format == "gitlab" { // which has no place for them
		for _, s := range result.Skipped {
			fmt.Fprintf(a.err, "%s: skipped: %s\n", s.File, s.Reason)
		}
	}
	for _, problem := range result.Problems {
		fmt.Fprintf(a.err, "Error: %s\n", problem)
	}
	switch {
	case len(result.Problems) > 0:
		return errReported
	case result.Checked == 0 && len(result.Findings) == 0 && !flags.allowEmpty:
		return fmt.Errorf("nothing was checked: no input holds a pod, a node or a plan that the policy speaks of (--allow-empty accepts that)")
	case slices.ContainsFunc(result.Findings, func(f check.Finding) bool { return f.Severity == check.Error || flags.failOn == check.Warning }):
		return errFindings
	}
	return nil
}

// inputs finds the files that the arguments mean. What cannot be found becomes a
// file that cannot be opened, so that the rest is checked all the same.
func (a *app) inputs(args []string, limit int64) []check.File {
	var out []check.File
	for _, arg := range args {
		names, err := expand(arg)
		if err != nil {
			out = append(out, check.File{Name: arg, Open: func() ([]byte, error) { return nil, err }})
		}
		for _, name := range names {
			out = append(out, check.File{Name: name, Open: func() ([]byte, error) { return a.read(name, limit) }})
		}
	}
	return out
}

// expand gives the files of a folder or pattern, sorted; a file gives itself.
func expand(arg string) ([]string, error) {
	if arg == "-" {
		return []string{arg}, nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		matches, globErr := filepath.Glob(arg)
		if globErr == nil && len(matches) > 0 {
			return matches, nil
		}
		if strings.ContainsAny(arg, "*?[") {
			return nil, fmt.Errorf("the pattern matches no file")
		}
		return nil, cause(err)
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	var names []string
	err = filepath.WalkDir(arg, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != arg:
			return fs.SkipDir
		case !d.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)):
			names = append(names, name)
		}
		return nil
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("the folder holds no .yaml, .yml or .json file")
	}
	return names, err
}

// read gives a file, or standard input, of at most a byte more than the limit:
// what is over it is told by the reader of documents.
func (a *app) read(name string, limit int64) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.in, limit+1))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// cause strips the name of the file, which is told anyway.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

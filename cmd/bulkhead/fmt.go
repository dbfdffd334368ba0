package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

func (a *app) fmtCommand() *cobra.Command {
	var checkOnly bool
	c := &cobra.Command{
		Use:   "fmt [FILE|DIR]...",
		Short: "Lay out policy files in the canonical way",
		Long: `Lay out policy files in the canonical way and print the names of those that
changed. Folders are searched for .hcl files. With --check nothing is written,
and the exit code is 1 where a file would change.`,
		Example: "  bulkhead fmt\n  bulkhead fmt --check policies",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			names, err := policyFiles(args)
			if err != nil {
				return err
			}
			return a.format(names, checkOnly)
		},
	}
	c.Flags().BoolVar(&checkOnly, "check", false, "only say what would change")
	return c
}

func (a *app) format(names []string, checkOnly bool) error {
	changed := false
	var failed error
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		formatted, diags := lang.Format(body, name)
		if diags.HasErrors() {
			failed = a.report(diags, &lang.Program{Files: map[string]*hcl.File{name: {Bytes: body}}})
			continue
		}
		if bytes.Equal(body, formatted) {
			continue
		}
		changed = true
		fmt.Fprintln(a.out, report.Printable(name))
		if checkOnly {
			continue
		}
		if err := replaceFile(name, formatted); err != nil {
			return err
		}
	}
	if failed != nil {
		return failed
	}
	if checkOnly && changed {
		return errFindings
	}
	return nil
}

// policyFiles finds the .hcl files among files and folders.
func policyFiles(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, cause(err))
		}
		if !info.IsDir() {
			out = append(out, arg)
			continue
		}
		before := len(out)
		err = filepath.WalkDir(arg, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != arg:
				return fs.SkipDir
			case !d.IsDir() && filepath.Ext(name) == ".hcl":
				out = append(out, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(out) == before {
			return nil, fmt.Errorf("%s holds no .hcl file", arg)
		}
	}
	return out, nil
}

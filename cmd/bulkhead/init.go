package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/policies"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a first policy with tests, fixtures and a pre-commit entry",
		Long: `Write a small policy that works, with tests, fixtures and an entry for
pre-commit, to start from. Files that exist are never overwritten.`,
		Example: "  bulkhead init policies/shop && bulkhead test policies/shop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.writeQuickstart(policyArg(args))
		},
	}
}

const quickstart = "examples/quickstart"

func (a *app) writeQuickstart(dir string) error {
	files, err := quickstartFiles(dir)
	if err != nil {
		return err
	}
	for name := range files {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists already, and init overwrites nothing: name another folder", name)
		}
	}
	for name, body := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			return err
		}
	}
	where := dir
	if dir == "." {
		where = "this folder"
	}
	_, err = fmt.Fprintf(a.out, `A first policy is in %[2]s. Next:

  bulkhead test %[1]s        does it hold what it says?
  bulkhead compile %[1]s     write the artifacts to build/
  bulkhead check --policy %[1]s YOUR-MANIFESTS
`, dir, where)
	return err
}

// quickstartFiles gives what init writes, by the name that it is written to.
func quickstartFiles(dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(policies.FS, quickstart, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := policies.FS.ReadFile(name)
		below := strings.TrimPrefix(name, quickstart+"/")
		if below == "pre-commit-config.yaml" { // embedding leaves out names with a dot
			below = "." + below
		}
		out[filepath.Join(dir, filepath.FromSlash(below))] = body
		return err
	})
	return out, err
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

// replaceFile writes a file beside the old one, if there is one, and then takes its
// place, so that an interruption leaves one of the two whole. A link stays, and what it
// leads to is replaced; what is no file, such as a pipe, is written to.
func replaceFile(name string, body []byte) error {
	mode := fs.FileMode(0o644)
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return os.WriteFile(name, body, mode)
	case err == nil:
		mode = info.Mode()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), mode.Perm()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// named are arguments and the files that were found by them.
func named(args []string, files []check.File) []string {
	out := slices.Clip(args)
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}

// leavesInputs says where a link leads that leads out of all of the inputs; "" of what
// leads to none, or into one.
func leavesInputs(name string, inputs []string) string {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "" // reading it says so
	}
	target = absolute(target)
	if info, err := os.Lstat(name); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return "" // links on the way to it were named
	}
	for _, root := range inputs {
		if real, err := filepath.EvalSymlinks(root); err == nil {
			real = absolute(real)
			info, err := os.Lstat(root)
			named := err == nil && info.Mode()&fs.ModeSymlink == 0 && real == target
			if named || strings.HasPrefix(target, strings.TrimSuffix(real, string(filepath.Separator))+string(filepath.Separator)) {
				return ""
			}
		}
	}
	return fmt.Sprintf("it is a link to %s, which is not among the inputs: name that file", target)
}

func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

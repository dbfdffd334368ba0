package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

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

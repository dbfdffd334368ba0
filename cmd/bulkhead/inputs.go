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
	"syscall"
	"time"

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
// what is over it is told by the reader of documents. Opening does not wait, as
// it would for the writer of a named pipe, and devices, which may never end, are
// refused.
func (a *app) read(name string, limit int64) ([]byte, error) {
	if name == "-" {
		body, err := io.ReadAll(io.LimitReader(a.in, limit+1))
		return body, cause(err)
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, cause(err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return nil, errors.New("it is a folder: give its name without a pattern to have it searched")
	case mode&fs.ModeNamedPipe != 0:
		return readPipe(f, limit)
	case !mode.IsRegular():
		return nil, errors.New("it is a device, not a file: for standard input give -")
	}
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	return body, cause(err)
}

// A named pipe without a writer reads as empty: this is how long one may take to
// come.
const writerComes = time.Second

// readPipe reads a named pipe, such as that of <(helm template chart) in a shell.
func readPipe(f io.Reader, limit int64) ([]byte, error) {
	for end := time.Now().Add(writerComes); ; time.Sleep(10 * time.Millisecond) {
		body, err := io.ReadAll(io.LimitReader(f, limit+1))
		if err != nil {
			return nil, cause(err)
		}
		if len(body) > 0 {
			return body, nil
		}
		if time.Now().After(end) {
			return nil, errors.New("nothing was written to the pipe")
		}
	}
}

// cause strips the name of the file, which is told anyway.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

// inputs finds the files that arguments name. What cannot be listed is a file
// that cannot be opened, in its place.
func (a *app) inputs(args, exclude []string, limit int64) ([]check.File, []input.Skipped) {
	f := finder{ignores: newIgnores(exclude, func(name string) ([]byte, error) { return a.read(name, limit) })}
	for _, arg := range args {
		f.expand(arg)
	}
	var out []check.File
	patches := kustomizations{known: map[string][]kustomization{}, read: func(name string) ([]byte, error) { return a.read(name, limit) }}
	for _, it := range f.found {
		open := func() ([]byte, error) { return a.read(it.name, limit) }
		switch {
		case it.err != nil:
			open = func() ([]byte, error) { return nil, it.err }
		case it.name == "-": // it can be read once, and is kept for --explain
			open = sync.OnceValues(open)
		}
		file := check.File{Name: it.name, Open: open, Searched: it.searched}
		if of := patches.patched(it.name); of != "" {
			file.Partial = fmt.Sprintf("a patch of %s, of which at most what it states is checked: check what kustomize build prints", of)
		}
		out = append(out, file)
	}
	return out, f.skipped
}

// finder lists files.
type finder struct {
	found   []found
	skipped []input.Skipped
	charts  map[string]bool // folders, and whether they are charts
	tools   map[string]bool // folders of tools that were met
	ignores *ignores
}

// ignored reports whether a path is left out, and lists it. What git ignores below a
// folder is collected, and nothing where git ignores the folder itself, which somebody
// named all the same.
func (f *finder) ignored(name string, isDir bool, byGit *[]string) bool {
	by := f.ignores.by(name, isDir, byGit != nil)
	switch by {
	case "":
		return false
	case "git":
		*byGit = append(*byGit, name)
	default:
		f.skipped = append(f.skipped, input.Skipped{File: name, Reason: "left out by " + by})
	}
	return true
}

// mostIgnored is how many paths that git ignores are listed by name; the others are counted.
const mostIgnored = 10

// searched gives a place for what git ignores below a folder, and what lists it.
func (f *finder) searched(root string) (byGit *[]string, list func()) {
	if f.ignores.by(root, true, true) == "git" {
		return nil, func() {}
	}
	byGit = new([]string)
	return byGit, func() {
		names := *byGit
		for _, name := range names[:min(len(names), mostIgnored)] {
			f.skipped = append(f.skipped, input.Skipped{File: name, Reason: "git ignores it; to have it checked, name it"})
		}
		if more := len(names) - mostIgnored; more > 0 {
			f.skipped = append(f.skipped, input.Skipped{File: root, Reason: fmt.Sprintf("git ignores %d more files and folders here; to have one checked, name it", more)})
		}
	}
}

// ofTool reports whether a folder holds what tools made, and lists it where git tracks manifests in it.
func (f *finder) ofTool(dir string) bool {
	if !leftOut(filepath.Base(dir)) {
		return false
	}
	if f.tools[dir] {
		return true
	}
	if f.tools == nil {
		f.tools = map[string]bool{}
	}
	f.tools[dir] = true
	if n := f.ignores.tracked(dir); n > 0 {
		f.skipped = append(f.skipped, input.Skipped{File: dir, Reason: fmt.Sprintf("the folder is not searched, and git tracks %s in it; to have it searched, name it", count(n, "YAML or JSON file"))})
	}
	return true
}

// belowTool reports whether a file is in a folder of what tools made.
func (f *finder) belowTool(name string) bool {
	for dir := filepath.Dir(name); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if f.ofTool(dir) {
			return true
		}
	}
	return false
}

// found is a file, or what stood in the way of finding it.
type found struct {
	name     string
	err      error
	searched bool // found in a folder
}

func (f *finder) add(name string, err error) {
	f.found = append(f.found, found{name: name, err: cause(err)})
}

// expand lists what an argument names, or what a pattern matches, as a shell would,
// with ** for any number of folders.
func (f *finder) expand(arg string) {
	if arg == "-" {
		f.add(arg, nil)
		return
	}
	if _, err := os.Lstat(arg); err == nil || !strings.ContainsAny(arg, "*?[") {
		f.named(arg)
		return
	}
	if slices.Contains(strings.Split(filepath.ToSlash(arg), "/"), "**") {
		f.deep(arg)
		return
	}
	matches, err := filepath.Glob(arg)
	if err == nil && len(matches) == 0 {
		err = errors.New("the pattern matches no file")
	}
	if err != nil {
		f.add(arg, err)
	}
	for _, name := range matches {
		f.named(name)
	}
}

// deep lists what a pattern with ** matches. Links to folders are not followed, as in
// the search of a folder, and a pattern that ends in ** is one.
func (f *finder) deep(pattern string) {
	before, skipped := len(f.found), len(f.skipped)
	base, _ := doublestar.SplitPattern(filepath.ToSlash(pattern))
	matches, err := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
	slices.Sort(matches)
	byGit, list := f.searched(filepath.FromSlash(base))
	defer list()
	for _, name := range matches {
		switch info, err := os.Lstat(name); {
		case f.belowTool(name):
		case holdsManifests(name) && f.ignored(name, false, byGit):
		case err == nil && info.Mode()&fs.ModeSymlink != 0:
			f.link(name)
		case filepath.Base(pattern) == "**" && !holdsManifests(name):
		case f.ofChart(base, name):
		default:
			f.add(name, err)
		}
	}
	if err == nil && len(f.found) == before && len(f.skipped) == skipped && (byGit == nil || len(*byGit) == 0) {
		err = errors.New("the pattern matches no file")
	}
	if err != nil {
		f.add(pattern, err)
	}
}

// ofChart reports whether a file below a folder is of a Helm chart, of which only the
// output can be checked: a template, a chart that it contains, or its values. The chart
// is listed once. Other files beside them are manifests as elsewhere.
func (f *finder) ofChart(root, name string) bool {
	root = filepath.Clean(root)
	for part := filepath.Clean(name); part != root && part != filepath.Dir(part); part = filepath.Dir(part) {
		dir, base := filepath.Split(part)
		own := base == "templates" || base == "charts" || part == filepath.Clean(name) && (base == "Chart.yaml" || strings.HasPrefix(base, "values"))
		if own && f.isChart(filepath.Clean(dir)) {
			return true
		}
	}
	return false
}

// isChart reports whether a folder is a chart, and lists it when it is first met.
func (f *finder) isChart(dir string) bool {
	if known, ok := f.charts[dir]; ok {
		return known
	}
	info, err := os.Stat(filepath.Join(dir, "Chart.yaml"))
	is := err == nil && info.Mode().IsRegular()
	if f.charts == nil {
		f.charts = map[string]bool{}
	}
	f.charts[dir] = is
	if is {
		f.skipped = append(f.skipped, input.Skipped{File: dir, Reason: "a Helm chart, of which only the output can be checked: helm template " + shellQuoted(dir) + " " + pipedCheck, Pods: true})
	}
	return is
}

// leftOut reports the name of a folder that is not searched: what is in it was made by
// tools.
func leftOut(name string) bool {
	return slices.Contains([]string{".git", ".terraform", "node_modules"}, name)
}

// named lists a file, or those of a folder.
func (f *finder) named(name string) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		f.folder(name)
		return
	}
	if !f.ignored(name, false, nil) {
		f.add(name, err)
	}
}

// folder lists the manifests of a folder and of those in it. What cannot be read
// is one problem among the rest.
func (f *finder) folder(dir string) {
	before, skipped := len(f.found), len(f.skipped)
	root := dir + string(filepath.Separator) // so that a link is followed
	byGit, list := f.searched(dir)
	defer list()
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			f.add(filepath.Clean(name), err)
		case d.IsDir() && name != root && f.ofTool(name):
			return fs.SkipDir
		case d.IsDir() && name != root && f.ignored(name, true, byGit):
			return fs.SkipDir
		case !d.IsDir() && holdsManifests(name) && f.ignored(name, false, byGit):
		case d.Type()&fs.ModeSymlink != 0:
			f.link(name)
		case !d.IsDir() && holdsManifests(name) && !f.ofChart(root, name):
			f.found = append(f.found, found{name: name, searched: true})
		}
		return nil
	})
	if len(f.found) == before && len(f.skipped) == skipped && (byGit == nil || len(*byGit) == 0) {
		f.add(dir, errors.New("the folder holds no .yaml, .yml or .json file"))
	}
}

// link lists the file that a link leads to. Folders are not followed: they may
// lead in a circle, or hold what is listed anyway.
func (f *finder) link(name string) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		f.skipped = append(f.skipped, input.Skipped{File: name, Reason: "a link to a folder; to have it searched, name it"})
	case holdsManifests(name):
		f.add(name, err)
	case err != nil:
		f.skipped = append(f.skipped, input.Skipped{File: name, Reason: fmt.Sprintf("a link that leads nowhere: %v", cause(err))})
	}
}

// holdsManifests reports a name that a folder is searched for.
func holdsManifests(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name)))
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
		return nil, errors.New("it is a folder, not a file")
	case mode&fs.ModeNamedPipe != 0:
		return readPipe(f, limit)
	case !mode.IsRegular():
		return nil, errors.New("it is a device, not a file: for standard input give -")
	}
	return readSized(f, info.Size(), limit)
}

// readSized reads at most a byte more than the limit, in one piece where the size does not change meanwhile.
func readSized(f io.Reader, size, limit int64) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, min(size, limit)+bytes.MinRead))
	_, err := body.ReadFrom(io.LimitReader(f, limit+1))
	return body.Bytes(), cause(err)
}

// readRegular reads a file that somebody else put into a folder: no pipe, which may have no writer, and no device, which
// may never end. More than lang.DefaultMaxBytes is an error.
func readRegular(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, cause(err)
	case info.IsDir():
		return nil, errors.New("it is a folder, not a file")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is a pipe or a device, not a regular file")
	}
	body, err := readSized(f, info.Size(), lang.DefaultMaxBytes)
	return bounded(body, err)
}

// bounded refuses what was read if it is more than lang.DefaultMaxBytes.
func bounded(body []byte, err error) ([]byte, error) {
	if err == nil && len(body) > lang.DefaultMaxBytes {
		return nil, fmt.Errorf("the file has more than %d bytes, which is the limit", lang.DefaultMaxBytes)
	}
	return body, err
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

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// ignoreFile lists, in the syntax of .gitignore, what is not checked.
const ignoreFile = ".bulkheadignore"

// ignores says which files are left out of the inputs, and by whom.
type ignores struct {
	read    func(name string) ([]byte, error)
	exclude []gitignore.Pattern // of --exclude, from the current folder
	current string              // the current folder
	folders map[string]ignored
	links   map[string]string // folders without links on the way, by folder
}

// ignored are the patterns that apply in a folder, those of deeper folders last.
type ignored struct {
	index    func() (*gitIndex, error) // of the working tree of git that the folder is in; nil: it is in none
	git, own []gitignore.Pattern
}

func newIgnores(exclude []string, read func(name string) ([]byte, error)) *ignores {
	i := &ignores{read: read, current: absolute("."), folders: map[string]ignored{}, links: map[string]string{}}
	for _, pattern := range exclude {
		i.exclude = append(i.exclude, gitignore.ParsePattern(pattern, steps(i.current)))
	}
	return i
}

// by names what leaves a path out; "" where nothing does. Git is asked only where somebody searches: a file that is named
// is meant. What git tracks it does not ignore, and nothing where its index cannot be read.
func (i *ignores) by(name string, isDir, searched bool) string {
	if i == nil || name == "-" {
		return ""
	}
	abs := i.absolute(name)
	here, path := i.in(filepath.Dir(abs)), steps(abs)
	switch {
	case len(i.exclude) > 0 && gitignore.NewMatcher(i.exclude).Match(path, isDir):
		return "--exclude"
	case len(here.own) > 0 && gitignore.NewMatcher(here.own).Match(path, isDir):
		return ignoreFile
	case searched && i.byGit(abs, isDir):
		return "git"
	}
	return ""
}

// byGit reports whether git ignores a path. Git follows no links.
func (i *ignores) byGit(abs string, isDir bool) bool {
	abs = filepath.Join(i.linkless(filepath.Dir(abs)), filepath.Base(abs))
	here := i.in(filepath.Dir(abs))
	if len(here.git) == 0 || !gitignore.NewMatcher(here.git).Match(steps(abs), isDir) {
		return false
	}
	index, err := here.index()
	return err == nil && !index.tracks(abs, isDir)
}

// tracked counts the manifests below a folder that git tracks, as far as its index can be read.
func (i *ignores) tracked(dir string) int {
	if i == nil {
		return 0
	}
	abs := i.absolute(dir)
	abs = filepath.Join(i.linkless(filepath.Dir(abs)), filepath.Base(abs))
	here := i.in(filepath.Dir(abs))
	if here.index == nil {
		return 0
	}
	index, err := here.index()
	if err != nil {
		return 0
	}
	path, err := filepath.Rel(index.top, abs)
	if err != nil {
		return 0
	}
	n := 0
	for _, name := range index.below(filepath.ToSlash(path)) {
		if holdsManifests(name) {
			n++
		}
	}
	return n
}

// absolute is filepath.Abs, which asks the system for the current folder each time.
func (i *ignores) absolute(name string) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(i.current, name)
	}
	return filepath.Clean(name)
}

// linkless gives a folder by a path without links.
func (i *ignores) linkless(dir string) string {
	if known, ok := i.links[dir]; ok {
		return known
	}
	out, err := filepath.EvalSymlinks(dir)
	if err != nil {
		out = dir
	}
	i.links[dir] = out
	return out
}

// in reads the patterns for what is in a folder: from the top of the working tree, or
// else from the current folder, downward. What cannot be read leaves nothing out.
func (i *ignores) in(dir string) ignored {
	if known, ok := i.folders[dir]; ok {
		return known
	}
	var out ignored
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	top := err == nil
	if parent := filepath.Dir(dir); !top && parent != dir {
		above := i.in(parent)
		out = ignored{above.index, above.git[:len(above.git):len(above.git)], above.own[:len(above.own):len(above.own)]}
	}
	if top {
		out.index = sync.OnceValues(func() (*gitIndex, error) { return readIndex(dir, i.read) })
		out.git = append(out.git, i.patterns(filepath.Join(dir, ".git", "info", "exclude"), dir)...)
	}
	if out.index != nil {
		out.git = append(out.git, i.patterns(filepath.Join(dir, ".gitignore"), dir)...)
	}
	if out.index != nil || dir == i.current || strings.HasPrefix(dir, i.current+string(filepath.Separator)) {
		out.own = append(out.own, i.patterns(filepath.Join(dir, ignoreFile), dir)...)
	}
	i.folders[dir] = out
	return out
}

// patterns reads a file of patterns, which count from a folder.
func (i *ignores) patterns(name, dir string) []gitignore.Pattern {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	body, err := i.read(name)
	if err != nil {
		return nil
	}
	var out []gitignore.Pattern
	for line := range bytes.Lines(body) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) != "" && !strings.HasPrefix(text, "#") {
			out = append(out, gitignore.ParsePattern(text, steps(dir)))
		}
	}
	return out
}

// steps are the names on the way to an absolute path.
func steps(abs string) []string {
	abs = strings.Trim(filepath.ToSlash(abs), "/")
	if abs == "" {
		return nil
	}
	return strings.Split(abs, "/")
}

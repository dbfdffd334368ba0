package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

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
}

// ignored are the patterns that apply in a folder, those of deeper folders last.
type ignored struct {
	repository bool // the folder is in a working tree of git
	git, own   []gitignore.Pattern
}

func newIgnores(exclude []string, read func(name string) ([]byte, error)) *ignores {
	i := &ignores{read: read, current: absolute("."), folders: map[string]ignored{}}
	for _, pattern := range exclude {
		i.exclude = append(i.exclude, gitignore.ParsePattern(pattern, steps(i.current)))
	}
	return i
}

// by names what leaves a path out; "" where nothing does. Git's own patterns are asked
// only where somebody searches: a file that is named is meant.
func (i *ignores) by(name string, isDir, searched bool) string {
	if i == nil || name == "-" {
		return ""
	}
	abs := name // absolute asks the system for the current folder each time
	if !filepath.IsAbs(name) {
		abs = filepath.Join(i.current, name)
	}
	abs = filepath.Clean(abs)
	here := i.in(filepath.Dir(abs))
	if len(i.exclude)+len(here.own)+len(here.git) == 0 {
		return ""
	}
	path := steps(abs)
	switch {
	case gitignore.NewMatcher(i.exclude).Match(path, isDir):
		return "--exclude"
	case gitignore.NewMatcher(here.own).Match(path, isDir):
		return ignoreFile
	case searched && gitignore.NewMatcher(here.git).Match(path, isDir):
		return "git"
	}
	return ""
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
		out = ignored{above.repository, above.git[:len(above.git):len(above.git)], above.own[:len(above.own):len(above.own)]}
	}
	out.repository = out.repository || top
	if top {
		out.git = append(out.git, i.patterns(filepath.Join(dir, ".git", "info", "exclude"), dir)...)
	}
	if out.repository {
		out.git = append(out.git, i.patterns(filepath.Join(dir, ".gitignore"), dir)...)
	}
	if out.repository || dir == i.current || strings.HasPrefix(dir, i.current+string(filepath.Separator)) {
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

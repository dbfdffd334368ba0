package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// repository makes a working tree with files that git tracks.
func repository(t *testing.T, init []string, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	inGit(t, dir, append([]string{"init", "-q"}, init...)...)
	for _, name := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inGit(t, dir, "add", "-f", ".")
	return dir
}

func inGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func readWhole(name string) ([]byte, error) {
	return (&app{}).read(name, 1<<20)
}

// Indexes of every version and hash list what git lists.
func TestGitIndex(t *testing.T) {
	long := strings.Repeat(strings.Repeat("d", 200)+"/", 5)
	files := []string{"a.yaml", "a/b.yaml", "a/bc.yaml", "a0", long + "x.yaml", "é.yaml"}
	for name, test := range map[string]struct{ init, then []string }{
		"version 2":      {nil, []string{"update-index", "--index-version", "2"}},
		"version 3":      {nil, []string{"update-index", "--skip-worktree", "a.yaml"}},
		"version 4":      {nil, []string{"update-index", "--index-version", "4"}},
		"without a hash": {nil, []string{"-c", "index.skipHash=true", "update-index", "--force-write-index"}},
		"SHA-256":        {[]string{"--object-format=sha256"}, []string{"status"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, test.init, files...)
			inGit(t, dir, test.then...)
			x, err := readIndex(dir, readWhole)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Sorted(slices.Values(files))
			if !slices.Equal(x.paths, want) {
				t.Errorf("got %q, want %q", x.paths, want)
			}
			if got := x.below("a"); !slices.Equal(got, []string{"a/b.yaml", "a/bc.yaml"}) {
				t.Errorf("below a: %q", got)
			}
		})
	}
}

// An index that does not list everything is an error, and so is one that is cut off or changed.
func TestGitIndexUnreadable(t *testing.T) {
	split := repository(t, nil, "a.yaml")
	inGit(t, split, "update-index", "--split-index")
	if x, err := readIndex(split, readWhole); err == nil {
		t.Errorf("a split index was read: %v", x)
	}
	for _, version := range []string{"2", "4"} {
		dir := repository(t, nil, "a.yaml", "b/c.yaml", "b/d.yaml")
		inGit(t, dir, "update-index", "--index-version", version)
		body, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
		if err != nil {
			t.Fatal(err)
		}
		for n := range body {
			if paths, err := indexPaths(body[:n]); err == nil {
				t.Errorf("version %s, %d bytes were read: %q", version, n, paths)
			}
			changed := slices.Clone(body)
			changed[n] ^= 0x55
			if paths, err := indexPaths(changed); err == nil {
				t.Errorf("version %s, with byte %d changed, was read: %q", version, n, paths)
			}
			copy(changed[len(changed)-20:], make([]byte, 20)) // without a checksum it must end all the same
			_, _ = indexPaths(changed)
		}
	}
}

// A worktree has its index elsewhere.
func TestGitIndexOfWorktree(t *testing.T) {
	dir := repository(t, nil, "a.yaml")
	inGit(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a")
	other := filepath.Join(t.TempDir(), "other")
	inGit(t, dir, "worktree", "add", "-q", other)
	x, err := readIndex(other, readWhole)
	if err != nil || !slices.Equal(x.paths, []string{"a.yaml"}) {
		t.Errorf("got %v, %v", x, err)
	}
}

// Of what git ignores, the first are listed by name and the others counted.
func TestManyIgnored(t *testing.T) {
	dir := repository(t, nil, ".gitignore")
	for i := range mostIgnored + 3 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.yaml", i)), []byte("a: 1"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := &app{now: time.Now}
	files, skipped := a.inputs([]string{dir}, nil, 1<<20)
	if len(files) != 0 || len(skipped) != mostIgnored+1 || !strings.Contains(skipped[mostIgnored].Reason, "3 more") {
		t.Errorf("%d files, skipped %v", len(files), skipped)
	}
}

package target_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// files gives artifacts of the bodies by path, with the manifest of them.
func files(t *testing.T, bodies map[string]string) []target.File {
	t.Helper()
	var artifacts []target.Artifact
	m := target.Manifest{Bulkhead: "test"}
	for path, body := range bodies {
		artifacts = append(artifacts, target.Artifact{Path: path, Body: []byte(body)})
		m.Artifacts = append(m.Artifacts, target.ManifestFile{Path: path})
	}
	out, err := target.Files(artifacts, m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tree lists what lies below a folder: folders, and files and links with their
// content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		switch {
		case d.IsDir():
			out[rel+"/"] = ""
		case d.Type()&os.ModeSymlink != 0:
			out[rel], err = os.Readlink(name)
		default:
			var body []byte
			body, err = os.ReadFile(name)
			out[rel] = string(body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t *testing.T, name, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "new", "build")
	first := files(t, map[string]string{"a/1": "one", "a/deep/er/2": "two", "b/3": "three"})
	if err := target.Write(dir, first); err != nil {
		t.Fatal(err)
	}
	if d, err := target.Differences(dir, first); err != nil || len(d) > 0 {
		t.Errorf("what was written differs: %v %v", d, err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o755 {
		t.Errorf("the folder has the mode %v", info.Mode())
	}
	if err := target.Write(dir+"/", first); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := target.Write(dir, files(t, map[string]string{"a/1": "changed"})); err != nil {
		t.Fatal(err)
	}
	got := tree(t, filepath.Dir(dir))
	delete(got, "build/manifest.json")
	if want := fmt.Sprint(map[string]string{"./": "", "build/": "", "build/a/": "", "build/a/1": "changed"}); fmt.Sprint(got) != want {
		t.Errorf("after a smaller build there are %v, want %v", got, want)
	}
}

// A folder that an earlier version wrote, whose manifest has another format, is replaced.
func TestWriteOverAnEarlierVersion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	put(t, filepath.Join(dir, "manifest.json"), `{"bulkhead": "0.1.0", "artifacts": [{"path": "a/1", "origins": [{"control": "host.pid"}], "notes": [{"lint": "l"}]}]}`)
	put(t, filepath.Join(dir, "a", "1"), "old")
	if err := target.Write(dir, files(t, map[string]string{"a/1": "new"})); err != nil {
		t.Error(err)
	}
}

// What a killed compiler left beside the folder is removed, and nothing else: neither
// what another one is writing, nor what somebody else's name or files are in.
func TestWriteSweeps(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "build")
	add := func(name string, files ...string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			body := "x"
			if f == target.ManifestName {
				body = `{"bulkhead":"0.1.0","artifacts":[{"path":"a"}]}`
			}
			if err := os.WriteFile(filepath.Join(parent, name, f), []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(".build.tmp-1")
	add(".build.tmp-2", target.ManifestName, "a")
	add(".build.tmp-3", "mine")
	add(".build.tmp-4x")
	add(".other.tmp-5")
	add(".build.tmp-6")
	used, err := os.Open(filepath.Join(parent, ".build.tmp-6"))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	if err := syscall.Flock(int(used.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := target.Write(dir, []target.File{{Path: target.ManifestName, Body: []byte(`{"bulkhead":"0.1.0"}`)}}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{".build.tmp-3", ".build.tmp-4x", ".build.tmp-6", ".other.tmp-5", "build"}; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}

// What Write refuses, and what fails midway, leaves everything as it was.
func TestWriteRefuses(t *testing.T) {
	ordinary := map[string]string{"a/1": "new"}
	old := func(t *testing.T, dir string) {
		if err := target.Write(dir, files(t, map[string]string{"a/1": "old", "a/2": "old"})); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		write   map[string]string
		problem string
	}{
		{"a file of the user's", func(t *testing.T, dir string) { old(t, dir); put(t, dir+"/a/mine", "") }, ordinary, "holds files that Bulkhead did not write (a/mine)"},
		{"files of the user's, no manifest", func(t *testing.T, dir string) { put(t, dir+"/mine", "") }, ordinary, "(mine)"},
		{"the manifest is gone", func(t *testing.T, dir string) {
			old(t, dir)
			if err := os.Remove(dir + "/manifest.json"); err != nil {
				t.Fatal(err)
			}
		}, ordinary, "(a/1, a/2)"},
		{"a corrupt manifest", func(t *testing.T, dir string) { old(t, dir); put(t, dir+"/manifest.json", `{"artifacts": [`) }, ordinary, "is not a manifest that Bulkhead wrote"},
		{"only a corrupt manifest", func(t *testing.T, dir string) { put(t, dir+"/manifest.json", "") }, ordinary, "is not a manifest that Bulkhead wrote"},
		{"another tool's manifest", func(t *testing.T, dir string) { put(t, dir+"/manifest.json", `{"manifest_version": 3}`) }, ordinary, "is not a manifest that Bulkhead wrote"},
		{"a folder called as the manifest", func(t *testing.T, dir string) { put(t, dir+"/manifest.json/mine", "") }, ordinary, "(manifest.json/mine)"},
		{"a manifest that leads nowhere", func(t *testing.T, dir string) {
			old(t, dir)
			if err := os.Remove(dir + "/manifest.json"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("nowhere", dir+"/manifest.json"); err != nil {
				t.Fatal(err)
			}
		}, ordinary, "(a/1, a/2, manifest.json)"},
		{"a file in its place", func(t *testing.T, dir string) { put(t, dir, "mine") }, ordinary, "is not a folder"},
		{"a link in its place", func(t *testing.T, dir string) {
			old(t, dir+"-real")
			if err := os.Symlink(filepath.Base(dir)+"-real", dir); err != nil {
				t.Fatal(err)
			}
		}, ordinary, "is not a folder"},
		{"a link to nowhere in its place", func(t *testing.T, dir string) {
			if err := os.Symlink("nowhere", dir); err != nil {
				t.Fatal(err)
			}
		}, ordinary, "is not a folder"},
		{"a file where a folder should be", old, map[string]string{"a/1": "new", "a/1/2": "new"}, ""},
		{"a name that is too long", old, map[string]string{"a/" + strings.Repeat("x", 300): "new"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := t.TempDir()
			dir := filepath.Join(base, "build")
			c.prepare(t, dir)
			before := tree(t, base)
			err := target.Write(dir, files(t, c.write))
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("error %v, want %q", err, c.problem)
			}
			if after := tree(t, base); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("there is now %v, and was %v", after, before)
			}
		})
	}
}

// The folder that one stands in cannot be put in another's place.
func TestWriteHere(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{".", "", "a/.."} {
		if err := target.Write(dir, files(t, map[string]string{"a/1": "new"})); err == nil {
			t.Errorf("%q was replaced", dir)
		}
		if got := tree(t, "."); len(got) != 1 {
			t.Errorf("writing to %q left %v", dir, got)
		}
	}
}

// Of several writers each may fail, but what lies there in the end is one's work
// and nothing lies beside it.
func TestWriteConcurrently(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "build")
	const writers = 6
	var sets [writers][]target.File
	for i := range sets {
		sets[i] = files(t, map[string]string{"a/same": fmt.Sprint(i), fmt.Sprintf("a/own-%d", i): fmt.Sprint(i)})
	}
	var wg sync.WaitGroup
	var written [writers]bool
	for i := range sets {
		wg.Go(func() {
			for range 10 {
				written[i] = target.Write(dir, sets[i]) == nil || written[i]
			}
		})
	}
	wg.Wait()
	if !slices.Contains(written[:], true) {
		t.Fatal("nobody wrote")
	}
	whole := slices.ContainsFunc(sets[:], func(set []target.File) bool {
		d, err := target.Differences(dir, set)
		return err == nil && len(d) == 0
	})
	if !whole {
		t.Errorf("the folder is nobody's work: %v", tree(t, dir))
	}
	if entries, _ := os.ReadDir(base); len(entries) != 1 {
		t.Errorf("beside the folder there is %v", entries)
	}
}

func TestDifferences(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "build")
	want := []target.File{{Path: "a/1", Body: []byte("one")}, {Path: "a/2", Body: []byte("two")}, {Path: "b/3/x", Body: []byte("x")}, {Path: "c", Body: nil}}
	check := func(want []target.File, lines ...string) {
		t.Helper()
		got, err := target.Differences(dir, want)
		if err != nil || !slices.Equal(got, lines) {
			t.Errorf("%q %v, want %q", got, err, lines)
		}
	}
	check(want, "a/1: missing", "a/2: missing", "b/3/x: missing", "c: missing")
	put(t, dir+"/a/1", "one")
	put(t, dir+"/a/2", "2")
	put(t, dir+"/b/3", "a file where a folder should be")
	put(t, dir+"/c/d", "a folder where a file should be")
	check(want, "a/2: differs", "b/3/x: missing", "b/3: would not be written", "c/d: would not be written", "c: missing")
	check(nil, "a/1: would not be written", "a/2: would not be written", "b/3: would not be written", "c/d: would not be written")
	dir += "/a/1"
	if got, err := target.Differences(dir, want); err == nil {
		t.Errorf("a file in the folder's place: %q", got)
	}
}

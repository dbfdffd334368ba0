package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A folder that cannot be read keeps nothing else from being found. Its name is
// too long to be opened, which holds for root as well.
func TestFolderThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.MkdirAll("b/"+strings.Repeat(strings.Repeat("x", 200)+"/", 25), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.yaml", "c.yaml"} {
		if err := root.WriteFile(name, []byte("a: 1"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var f finder
	f.expand(dir)
	if len(f.found) != 3 || f.found[0].err != nil || f.found[1].err == nil || f.found[2].err != nil {
		t.Errorf("found %v", f.found)
	}
	names := []string{filepath.Base(f.found[0].name), filepath.Base(f.found[len(f.found)-1].name)}
	if !slices.Equal(names, []string{"a.yaml", "c.yaml"}) {
		t.Errorf("found %v", names)
	}
}

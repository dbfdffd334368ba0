package target

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSwap holds the two steps that are taken where the system has no single one.
func TestSwap(t *testing.T) {
	for _, f := range []struct {
		name string
		call func(fresh, dir string) error
	}{{"swap", swap}, {"exchange", exchange}} {
		for _, c := range []struct {
			name       string
			old, fresh bool
		}{{"replace", true, true}, {"first", false, true}, {"nothing to put there", true, false}} {
			t.Run(f.name+"/"+c.name, func(t *testing.T) {
				base := t.TempDir()
				dir, fresh := filepath.Join(base, "build"), filepath.Join(base, "fresh")
				for name, want := range map[string]bool{dir: c.old, fresh: c.fresh} {
					if want {
						if err := os.Mkdir(name, 0o755); err != nil {
							t.Fatal(err)
						}
						if err := os.WriteFile(filepath.Join(name, "who"), []byte(filepath.Base(name)), 0o644); err != nil {
							t.Fatal(err)
						}
					}
				}
				err := f.call(fresh, dir)
				want := "fresh"
				if !c.fresh {
					want = "build"
				}
				if (err == nil) != c.fresh {
					t.Errorf("error %v", err)
				}
				if got, _ := os.ReadFile(filepath.Join(dir, "who")); string(got) != want {
					t.Errorf("in the folder's place lies %q, want %q", got, want)
				}
				if err := os.RemoveAll(fresh); err != nil { // as Write does
					t.Fatal(err)
				}
				if entries, _ := os.ReadDir(base); len(entries) != 1 {
					t.Errorf("beside the folder there is %v", entries)
				}
			})
		}
	}
}

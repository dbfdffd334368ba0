package suites

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "suites", "psa"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(Variable, filepath.Join(dir, "suites"))
	if got, want := Folder(t, "psa"), filepath.Join(dir, "suites", "psa"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := Folder(t, "../suites"); got != filepath.Join(dir, "suites") {
		t.Errorf("%s beside the suites", got)
	}
}

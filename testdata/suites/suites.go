// Package suites finds, for tests, other projects' test cases, which are not part of the repository.
package suites

import (
	"os"
	"path/filepath"
	"testing"
)

// Variable names the environment variable with the folder of the suites. Without it, they are looked for in
// ../shared/suites, beside the repository. Only tests read it.
const Variable = "BULKHEAD_SUITES"

// Folder gives a folder or file of the suites by its name, such as "psa"; ".." leads to what lies beside the suites.
// Without it, the test is skipped and says so.
func Folder(t testing.TB, name string) string {
	t.Helper()
	path, ok := Find(t, name)
	if !ok {
		t.Skipf("%s is not here; set %s to the folder of the suites to run this test", path, Variable)
	}
	return path
}

// Find is like Folder, and reports whether the folder is there. Where the variable says so and it is not, the test fails.
func Find(t testing.TB, name string) (string, bool) {
	t.Helper()
	root := os.Getenv(Variable)
	stated := root != ""
	if !stated {
		root = filepath.Join(repository(t), "..", "shared", "suites")
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	_, err := os.Stat(path)
	if err != nil && stated {
		t.Fatalf("%s: %v; %s must be the folder of the suites", path, err, Variable)
	}
	return path, err == nil
}

// repository gives the folder of the module that the test is in.
func repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}

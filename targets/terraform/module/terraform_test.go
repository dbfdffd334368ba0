package module_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// terraform finds the binary that the model is held to. Without it a test is
// skipped, except in CI, where it must be there.
func terraform(t testing.TB) string {
	t.Helper()
	bin, err := exec.LookPath("terraform")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("terraform is not installed")
		}
		t.Skip("terraform is not installed")
	}
	return bin
}

// run runs terraform in a folder without anybody's configuration.
func run(t testing.TB, dir string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), terraform(t), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("terraform %v: %w\n%s%s", args, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes(), nil
}

// plan makes a plan of a configuration and gives its JSON form.
func plan(t testing.TB, files map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-no-color"}, {"plan", "-no-color", "-out=plan"}} {
		if _, err := run(t, dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run(t, dir, "show", "-json", "plan")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// output is what a plan says of an output of the root module.
type output struct {
	After        any `json:"after"`
	AfterUnknown any `json:"after_unknown"`
}

func outputs(t testing.TB, data []byte) map[string]output {
	t.Helper()
	var p struct {
		OutputChanges map[string]output `json:"output_changes"`
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p.OutputChanges
}

// hand reads the module that was written by hand to find the form that the
// emitted one has.
func hand(t testing.TB) []module.File {
	t.Helper()
	paths, err := filepath.Glob("testdata/hand/*.tf")
	if err != nil || len(paths) == 0 {
		t.Fatal("testdata/hand is missing", err)
	}
	var files []module.File
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, module.File{Path: filepath.Base(path), Body: body})
	}
	return files
}

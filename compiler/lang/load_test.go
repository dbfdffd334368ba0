package lang_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// onDisk opens folders as the command does: nothing below one leads out of it.
func onDisk(t *testing.T, base string) lang.Options {
	return lang.Options{
		Facts: targetFacts,
		Open: func(dir string) (fs.FS, error) {
			root, err := os.OpenRoot(filepath.Join(base, dir))
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { root.Close() })
			return root.FS(), nil
		},
		Presets: policies.FS, Now: now, Version: version,
	}
}

// TestExamples reads the policies of real applications that the language was
// designed with.
func TestExamples(t *testing.T) {
	examples := suites.Folder(t, "../design/examples")
	base := t.TempDir()
	for _, name := range []string{"e-central", "e-team", "a-boutique.hcl", "b-ingress.hcl", "c-postgres.hcl", "d-agents.hcl"} {
		if err := copyAll(filepath.Join(examples, name), filepath.Join(base, "examples", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(base, "central"), os.DirFS(filepath.Join(examples, "e-central"))); err != nil {
		t.Fatal(err)
	}
	const reserved = "Control not available yet" // e-central delegates image.max_age
	tests := []struct {
		name      string
		want      []string // summaries of the diagnostics
		workloads int
	}{
		{"examples/a-boutique.hcl", nil, 12},
		{"examples/b-ingress.hcl", nil, 2},
		{"examples/c-postgres.hcl", []string{reserved, "Variable without a value"}, 0}, // it gives no inputs
		{"examples/d-agents.hcl", nil, 2},
		{"examples/e-central/baseline", []string{reserved}, 0},
		{"examples/e-central/restricted", []string{reserved, reserved}, 0},
		// it makes exceptions from seccomp and monitoring, which restricted does not delegate
		{"examples/e-central/sandboxed", []string{reserved, reserved, "Exception not delegated", "Exception not delegated"}, 0},
		{"examples/e-team", []string{reserved, reserved}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opts := onDisk(t, base)
			opts.Variables = []lang.Variable{{Name: "env", Text: "prod", Origin: "BULKHEAD_VAR_env", Optional: true}}
			program, diags := lang.Load(test.name, opts)
			if got := summaries(diags); !within(test.want, got) {
				t.Errorf("diagnostics %q, want %q\n%v", got, test.want, diags)
			}
			if program.Policy != nil && len(program.Policy.Workloads) != test.workloads {
				t.Errorf("%d workloads, want %d", len(program.Policy.Workloads), test.workloads)
			}
		})
	}
}

// TestPostgresWithInputs shows that the containers of a workload are held to the
// policy's ceiling, not to the workload's own value.
func TestPostgresWithInputs(t *testing.T) {
	examples := suites.Folder(t, "../design/examples")
	base := t.TempDir()
	if err := os.CopyFS(filepath.Join(base, "central"), os.DirFS(filepath.Join(examples, "e-central"))); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(filepath.Join(examples, "c-postgres.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(body), `version = "~> 3.0"`, "version = \"~> 3.0\"\n  inputs = { env = \"prod\" }", 1)
	write(t, filepath.Join(base, "db", "policy.hcl"), text)
	program, diags := lang.Load("db", onDisk(t, base))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	w, _ := program.Policy.Workload("postgres")
	for name, want := range map[string]bool{"take-ownership": false, "postgres": true, policy.AnyContainer: true} {
		if got := w.Container(name).Get(control.RunAsNonRoot).Bool; got != want {
			t.Errorf("%s: run_as_non_root is %v, want %v", name, got, want)
		}
	}
}

// TestPresets holds that each preset is a policy without a word to say against it.
func TestPresets(t *testing.T) {
	for _, name := range []string{"privileged", "baseline", "restricted", "hardened"} {
		program, diags := lang.Load("bulkhead:"+name, options(fstest.MapFS{}))
		if len(diags) > 0 || program.Policy == nil {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

func TestLinksDoNotLeadOut(t *testing.T) {
	base := t.TempDir()
	write(t, filepath.Join(base, "secret.txt"), "secret")
	write(t, filepath.Join(base, "other", "a.yaml"), "kind: Pod")
	write(t, filepath.Join(base, "p", "policy.hcl"), `policy "p" { version = "1.0.0" }
locals { a = file("link.txt") }
test "t" {
  manifest {
    file   = "other/a.yaml"
    expect = "allow"
  }
}
`)
	for link, to := range map[string]string{"link.txt": "../secret.txt", "other": "../other"} {
		if err := os.Symlink(to, filepath.Join(base, "p", link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	_, diags := lang.Load("p", onDisk(t, base))
	if got := summaries(diags); !slices.Equal(got, []string{"Error in function call", "File not found"}) {
		t.Errorf("%v", diags)
	}
}

// TestEndlessLinks extends a folder through a link to itself, under ever longer
// names.
func TestEndlessLinks(t *testing.T) {
	base := t.TempDir()
	write(t, filepath.Join(base, "p", "policy.hcl"), "policy \"p\" { version = \"1.0.0\" }\nextends \"self\" { source = \"./self\" }\n")
	if err := os.Symlink(".", filepath.Join(base, "p", "self")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	_, diags := lang.Load("p", onDisk(t, base))
	if got := summaries(diags); !slices.Equal(got, []string{"Too many policies extended"}) {
		t.Errorf("%v", diags)
	}
}

// TestExtendsDoNotDouble extends, in each of many policies, the next one twice
// with different inputs.
func TestExtendsDoNotDouble(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 19 {
		body := fmt.Sprintf("policy \"p%d\" { version = \"1.0.0\" }\nvariable \"v\" { default = \"\" }\n", i)
		for _, side := range []string{"a", "b"} {
			body += fmt.Sprintf("extends %q {\n source = \"../p%d\"\n inputs = { v = \"${var.v}%s\" }\n}\n", side, i+1, side)
		}
		files[fmt.Sprintf("p%d/policy.hcl", i)] = &fstest.MapFile{Data: []byte(body)}
	}
	files["p19/policy.hcl"] = &fstest.MapFile{Data: []byte("policy \"p19\" { version = \"1.0.0\" }\nvariable \"v\" { default = \"\" }\n")}
	_, diags := lang.Load("p0", options(files))
	if got := slices.Compact(summaries(diags)); !slices.Equal(got, []string{"Too many policies extended"}) {
		t.Errorf("%v", got)
	}
}

func TestUnreadableFiles(t *testing.T) {
	const header = "policy \"p\" { version = \"1.0.0\" }\n"
	tests := map[string]struct{ body, want string }{
		"binary":     {"\x7fELF\x00\x01\x02", "Not a text file"},
		"latin-1":    {header + "# caf\xe9\n", "Not a text file"},
		"utf-16":     {"\xff\xfep\x00o\x00", "Not a text file"},
		"marked":     {"\uFEFF" + header, "Byte order mark"},
		"too large":  {header + "#" + strings.Repeat("x", 2000), "File not readable"},
		"spaces":     {" \n\t\n", "Empty file"},
		"half a tag": {"policy \"p", "Unterminated string literal"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			opts := options(fstest.MapFS{"policy.hcl": {Data: []byte(test.body)}})
			opts.MaxBytes = 1000
			_, diags := lang.Load(".", opts)
			if got := summaries(diags); !slices.Contains(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func summaries(diags hcl.Diagnostics) []string {
	var out []string
	for _, d := range diags {
		out = append(out, d.Summary)
	}
	return out
}

// within reports whether the diagnostics are those wanted; notices that an
// exception ends soon depend on the day.
func within(want, got []string) bool {
	return slices.Equal(want, slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s == "Exception ends soon" }))
}

func write(t *testing.T, name, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func copyAll(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, body, 0o644)
}

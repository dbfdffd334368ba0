package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// TestUnreadFiles puts a file that nobody can read into the folder of each target's artifacts. The judge reports it and goes on:
// what the others refuse stays refused, what they do not is undecided, and the exit code is 2.
func TestUnreadFiles(t *testing.T) {
	build := t.TempDir()
	if out, err := exec.Command("bulkhead", "compile", payments[0], "--var", "env=prod", "--now", testNow().Format("2006-01-02"), "-o", build).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	judged := 0
	for _, tg := range targets.All() {
		judger, ok := tg.(target.Judger)
		folder := filepath.Join(build, tg.Info().Name)
		if _, err := os.Stat(folder); !ok || err != nil {
			continue
		}
		judged++
		t.Run(tg.Info().Name, func(t *testing.T) {
			before := outcomesOf(t, judger, 0, folder)
			bad := filepath.Join(folder, "aaa"+extensionOf(t, folder))
			if err := os.WriteFile(bad, []byte("a: [b\n{{"), 0o600); err != nil {
				t.Fatal(err)
			}
			after := outcomesOf(t, judger, 2, folder)
			if len(after) != len(before) || len(after) == 0 {
				t.Fatalf("%d verdicts, and without the file %d", len(after), len(before))
			}
			for i, outcome := range before {
				want := "undecided"
				if outcome == "deny" || outcome == "alert" {
					want = outcome
				}
				if after[i] != want {
					t.Errorf("attempt %d: %s, want %s", i, after[i], want)
				}
			}
			if out, err := exec.Command("bulkhead", "judge", judger.Info().Name, bad).CombinedOutput(); err == nil || strings.Contains(string(out), "outcome") {
				t.Errorf("a file that is named itself: %v\n%s", err, out)
			}
		})
	}
	if judged < 6 {
		t.Errorf("%d targets", judged)
	}
}

// TestSpecialFiles puts what is no regular file into a folder of artifacts and in place of its manifest. None may be waited for;
// the others are judged and linted, and the exit code is 2.
func TestSpecialFiles(t *testing.T) {
	artifact := []byte(`{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}`)
	special := map[string]func(name string) error{
		"a pipe":      func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"a device":    func(name string) error { return os.Symlink("/dev/zero", name) },
		"a folder":    func(name string) error { return os.Mkdir(name, 0o700) },
		"dangling":    func(name string) error { return os.Symlink("nothing", name) },
		"to a folder": func(name string) error { return os.Symlink(".", name) },
		"over 64 MiB": func(name string) error {
			return errors.Join(os.WriteFile(name, nil, 0o600), os.Truncate(name, 64<<20+1))
		},
		"in a circle": func(name string) error { return os.Symlink(filepath.Base(name), name) },
		"cut off":     func(name string) error { return os.WriteFile(name, []byte("{"), 0o600) },
	}
	for what, put := range special {
		for _, name := range []string{"manifest.json", "seccomp/a.json"} {
			switch {
			case name == "manifest.json" && what == "dangling": // as if there were none
				continue
			case name != "manifest.json" && what == "a folder": // which is searched
				continue
			}
			t.Run(what+" as "+name, func(t *testing.T) {
				dir := t.TempDir()
				folder := filepath.Join(dir, "seccomp")
				if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "z.json"), artifact, 0o600), put(filepath.Join(dir, name))); err != nil {
					t.Fatal(err)
				}
				judge := exec.Command("bulkhead", "judge", "seccomp", folder, "--arch", "amd64")
				judge.Stdin = strings.NewReader(`{"syscall": "ptrace"}`)
				demandSpecial(t, judge, filepath.Join(dir, name), `"outcome":"deny"`)
				if name != "manifest.json" { // which lint does not read
					demandSpecial(t, exec.Command("bulkhead", "lint", "seccomp", folder), filepath.Join(dir, name), "1 file read")
				}
			})
		}
	}
}

// demandSpecial runs a command, which must name a file as an error and print a text all the same.
func demandSpecial(t *testing.T, c *exec.Cmd, name, text string) {
	t.Helper()
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(said.String(), "Error: "+name+": ") || !strings.Contains(string(out), text) {
		t.Errorf("%v: %v\n%s%s", c.Args, err, out, said.String())
	}
}

// extensionOf is that of the files in a folder.
func extensionOf(t *testing.T, folder string) string {
	t.Helper()
	extension := ""
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") && (extension == "" || filepath.Ext(name) == ".rego") {
			extension = filepath.Ext(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(extension, ".api") || strings.HasPrefix(extension, ".payments") { // a part of a profile's name
		return ""
	}
	return extension
}

// outcomesOf asks the artifacts of a folder about the examples of attempts, and demands an exit code.
func outcomesOf(t *testing.T, judger target.Judger, code int, folder string) []string {
	t.Helper()
	var lines []string
	for _, s := range attempt.Schemas() {
		if slices.Contains(judger.Kinds(), s.Kind) {
			for _, line := range s.Examples {
				if !strings.Contains(line, ".yaml") && !strings.Contains(line, ".json") {
					lines = append(lines, line)
				}
			}
		}
	}
	for _, s := range map[attempt.Kind]string{
		attempt.KindManifest: `{"manifest":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"payments-prod"},"spec":{"hostPID":true,"containers":[{"name":"a"}]}}}`,
		attempt.KindPlan:     `{"plan":` + string(planOf("kubernetes_pod_v1", map[string]any{"spec": []any{}}, map[string]any{})) + `}`,
	} {
		if kind := strings.SplitN(s, `"`, 3)[1]; slices.Contains(judger.Kinds(), attempt.Kind(kind)) {
			lines = append(lines, s)
		}
	}
	cmd := exec.Command("bulkhead", "judge", judger.Info().Name, folder, "--namespace", "payments-prod", "--arch", "amd64")
	if judger.Info().Name != "networkpolicy" {
		cmd.Args = slices.DeleteFunc(cmd.Args, func(arg string) bool { return arg == "--namespace" || arg == "payments-prod" })
	}
	if !slices.ContainsFunc(judger.Kinds(), func(k attempt.Kind) bool { return k == attempt.KindSyscall }) {
		cmd.Args = slices.DeleteFunc(cmd.Args, func(arg string) bool { return arg == "--arch" || arg == "amd64" })
	}
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != code) || err == nil && code != 0 {
		t.Fatalf("%v, want exit code %d\n%s%s", err, code, out, said.String())
	}
	if code == 2 && strings.Count(said.String(), "aaa") < 2 {
		t.Errorf("the file is not named twice, where it cannot be read and at the end:\n%s", said.String())
	}
	var outcomes []string
	for line := range strings.Lines(string(out)) {
		var v struct{ Outcome string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		outcomes = append(outcomes, v.Outcome)
	}
	return outcomes
}

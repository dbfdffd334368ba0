package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// What other systems run of this repository is run here as far as that goes
// without them: the scripts of the GitHub action and of the GitLab job, and the
// entries of the pre-commit hooks, on the shipped example.

// repositoryFile reads YAML from the top of the repository.
func repositoryFile(t *testing.T, name string, into any) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(body, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// built gives a folder with the program in it.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bulkhead"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// script runs a shell script at the top of the repository.
func script(t *testing.T, shell, text string, environment ...string) (stdout string, status int) {
	t.Helper()
	c := exec.Command(shell, "-e", "-c", text)
	c.Dir = filepath.Join("..", "..")
	c.Env = append(os.Environ(), environment...)
	var out, errors strings.Builder
	c.Stdout, c.Stderr = &out, &errors
	err := c.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	t.Logf("%s%s", out.String(), errors.String())
	return out.String(), c.ProcessState.ExitCode()
}

func TestGitHubAction(t *testing.T) {
	var action struct {
		Name, Description, Author string
		Branding                  map[string]string
		Inputs                    map[string]struct {
			Description, Default string
			Required             bool
		}
		Runs struct {
			Using string
			Steps []struct {
				Name, Uses, Shell, Run string
				Directory              string `json:"working-directory"`
				With, Env              map[string]string
			}
		}
	}
	repositoryFile(t, "action.yml", &action)
	steps := action.Runs.Steps
	check := steps[len(steps)-1]
	if check.Name != "Check" || check.Shell != "bash" {
		t.Fatalf("the last step is %q", check.Name)
	}
	for _, step := range steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("%s: an expression in a script is a way in for whoever chooses its value", step.Name)
		}
	}
	bin := built(t)
	run := func(inputs string) (string, string, int) {
		t.Helper()
		sarif := filepath.Join(t.TempDir(), "out.sarif")
		environment := []string{"RUNNER_TEMP=" + bin}
		for name, value := range check.Env {
			input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
			given := map[string]string{"policy": "policies/examples/payments", "inputs": inputs, "arguments": "--var\nenv=prod\n", "sarif": sarif}
			if _, declared := action.Inputs[input]; !declared {
				t.Fatalf("%s is taken from %q, which is no input", name, value)
			}
			environment = append(environment, name+"="+given[input])
		}
		out, status := script(t, "bash", check.Run, environment...)
		written, _ := os.ReadFile(sarif)
		return out, string(written), status
	}
	out, sarif, status := run("policies/examples/payments/fixtures/breakout.yaml\n")
	if status != 1 || !strings.Contains(out, "::error file=policies/examples/payments/fixtures/breakout.yaml,line=") || !json.Valid([]byte(sarif)) {
		t.Errorf("status %d", status)
	}
	if _, _, status := run("policies/examples/payments/deploy\n"); status != 0 {
		t.Errorf("what keeps to the policy gives status %d", status)
	}
	if _, _, status := run("\n"); status != 2 {
		t.Errorf("nothing to check gives status %d", status)
	}
	if _, _, status := run("$(touch x)"); status != 2 {
		t.Errorf("a file that is not there gives status %d", status)
	}
}

func TestGitLabJob(t *testing.T) {
	var jobs map[string]struct {
		Image     string
		Variables map[string]string
		Script    []string
		Artifacts struct {
			When    string
			Reports map[string]string
		}
	}
	repositoryFile(t, filepath.Join("ci", "gitlab.yml"), &jobs)
	job := jobs["bulkhead"]
	bin := built(t)
	report := filepath.Join(t.TempDir(), "report.json")
	var lines []string
	for _, line := range job.Script {
		if !strings.HasPrefix(line, "go install ") { // what is installed is at hand
			lines = append(lines, strings.ReplaceAll(line, job.Artifacts.Reports["codequality"], report))
		}
	}
	if len(lines) != 1 {
		t.Fatalf("the script is %q", job.Script)
	}
	_, status := script(t, "sh", strings.Join(lines, "\n"), "PATH="+bin+":"+os.Getenv("PATH"),
		"BULKHEAD_POLICY=bulkhead:restricted", "BULKHEAD_INPUTS=policies/examples/payments/fixtures/breakout.yaml")
	body, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var issues []struct {
		Description, Fingerprint string
		Location                 struct{ Path string }
	}
	if err := json.Unmarshal(body, &issues); err != nil || status != 1 || len(issues) == 0 {
		t.Errorf("status %d, %d issues, %v", status, len(issues), err)
	}
	for _, i := range issues {
		if i.Description == "" || i.Fingerprint == "" || i.Location.Path != "policies/examples/payments/fixtures/breakout.yaml" {
			t.Errorf("%+v", i)
		}
	}
}

func TestPreCommitHooks(t *testing.T) {
	var hooks []struct {
		ID, Name, Description, Entry, Language, Files string
		PassFilenames                                 *bool `json:"pass_filenames"`
	}
	repositoryFile(t, ".pre-commit-hooks.yaml", &hooks)
	bin := built(t)
	example := "policies/examples/payments"
	// What pre-commit appends: the arguments of the repository's own configuration,
	// and, unless the hook says otherwise, the files that changed.
	arguments := map[string]struct{ args, files string }{
		"bulkhead-fmt":      {"--check", example + "/policy.hcl"},
		"bulkhead-validate": {example + " --var env=prod", ""},
		"bulkhead-test":     {example + " --var env=prod", ""},
		"bulkhead-check":    {"--policy " + example + " --var env=prod", "$(ls " + example + "/deploy/*.yaml)"},
	}
	for _, hook := range hooks {
		t.Run(hook.ID, func(t *testing.T) {
			given, ok := arguments[hook.ID]
			if !ok {
				t.Fatal("the hook is not tried")
			}
			if passes := hook.PassFilenames == nil || *hook.PassFilenames; passes != (given.files != "") {
				t.Errorf("it gets the changed files: %v", passes)
			}
			if _, status := script(t, "sh", hook.Entry+" "+given.args+" "+given.files, "PATH="+bin+":"+os.Getenv("PATH")); status != 0 {
				t.Errorf("status %d", status)
			}
		})
	}
}

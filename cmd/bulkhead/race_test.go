package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// TestJudgesAtOnce asks each judge from several goroutines, as check does, and demands the answers of a judge that is asked
// by one. make test runs it with the race detector.
func TestJudgesAtOnce(t *testing.T) {
	program := loadPayments(t, payments[0])
	build := compilePayments(t, program.Policy)
	for _, tg := range build.Targets {
		judger, ok := tg.(target.Judger)
		if !ok {
			continue
		}
		t.Run(judger.Info().Name, func(t *testing.T) {
			t.Parallel()
			attempts := attemptsFor(t, judger)
			load := func() target.Judge {
				j, err := judger.Load(target.Environment{Platform: program.Policy.Platform, Now: testNow()}, build.Artifacts[judger.Info().Name])
				if err != nil {
					t.Fatal(err)
				}
				return j
			}
			alone, shared := load(), load()
			var want []target.Verdict
			for _, a := range attempts {
				v, err := alone.Judge(t.Context(), a)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, v)
			}
			var all sync.WaitGroup
			for first := range 4 {
				all.Go(func() {
					for i := range attempts {
						n := (i + first*len(attempts)/4) % len(attempts)
						got, err := shared.Judge(t.Context(), attempts[n])
						if err != nil {
							t.Error(err)
						} else if diff := cmp.Diff(want[n], got); diff != "" {
							t.Errorf("%+v: alone (-), beside others (+):\n%s", attempts[n], diff)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// attemptsFor are the examples of the attempts that a target judges, and the manifests and plans of payments.
func attemptsFor(t *testing.T, judger target.Judger) []attempt.Attempt {
	t.Helper()
	var out []attempt.Attempt
	for _, s := range attempt.Schemas() {
		if !slices.Contains(judger.Kinds(), s.Kind) {
			continue
		}
		for _, line := range s.Examples {
			more, err := attempt.FromJSON([]byte(line), func(string) ([]byte, error) { return nil, errors.New("no files") }, map[string]any{"arch": "amd64"})
			if err == nil {
				out = append(out, more...)
			}
		}
	}
	files, err := filepath.Glob(payments[0] + "/[df]*/*.[jy]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		switch plan := strings.HasSuffix(file, ".plan.json"); {
		case plan && slices.Contains(judger.Kinds(), attempt.KindPlan):
			out = append(out, attempt.Plan{File: file, Body: body})
		case !plan && slices.Contains(judger.Kinds(), attempt.KindManifest):
			docs, err := input.Read(file, body, input.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range docs {
				out = append(out, attempt.Manifest{Document: d})
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("there are no attempts for it")
	}
	return out
}

// sharedByJudges are the packages whose shared state TestJudgesAtOnce uses.
var sharedByJudges = []string{
	"cmd/bulkhead", "compiler/model/seccomp/filter", "targets/apparmor/profile", "targets/falco", "targets/rego", "targets/rego/evaluator", "targets/terraform",
}

// TestRacePackages demands that make test looks for races in each package that starts goroutines or shares state.
func TestRacePackages(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^RACE *:= (.*)$`).FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile has no RACE")
	}
	listed := slices.Concat(sharedByJudges, strings.Fields(strings.ReplaceAll(string(line[1]), "./", "")))
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := strings.TrimPrefix(words[0], module)
		if slices.ContainsFunc(words[1:], func(i string) bool { return strings.HasPrefix(i, "sync") }) && !slices.Contains(listed, pkg) {
			t.Errorf("%s imports sync; list it in RACE of the Makefile", pkg)
		}
	}
}

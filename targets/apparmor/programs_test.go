package apparmor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// programTries are what ordinary programs do when they start, as testdata/programs lists it.
func programTries(tb testing.TB) []try {
	tb.Helper()
	body, err := os.ReadFile("testdata/programs/accesses")
	if err != nil {
		tb.Fatal(err)
	}
	var out []try
	for line := range strings.Lines(string(body)) {
		line, _, _ = strings.Cut(line, "#")
		if do := strings.Fields(line); len(do) > 0 {
			all := programAttempts(do[0], do[1:])
			if all == nil {
				tb.Fatalf("%q is no access that is known", line)
			}
			out = append(out, try{do: do, all: all})
		}
	}
	return out
}

// programAttempts are what the kernel asks for; nil where the verb is not known.
func programAttempts(verb string, args []string) []attempt.Attempt {
	path := resolved(args[0])
	switch verb {
	case "r", "w", "rw":
		return []attempt.Attempt{file(path, verb)}
	case "create", "truncate", "unlink":
		return []attempt.Attempt{file(path, "w")}
	case "mkdir":
		return []attempt.Attempt{file(path+"/", "w")}
	case "rename":
		return []attempt.Attempt{file(path, "rw"), file(args[1], "w")}
	case "link":
		return []attempt.Attempt{attempt.File{Path: args[1], Access: "l", Owner: true, Target: path}}
	case "socket":
		return []attempt.Attempt{attempt.Socket{Family: args[0], Type: args[1]}}
	}
	return nil
}

// programs are tries of the kernel's table as well, so that the kernel is asked what the judge says.
func (t *table) programsAtStart(tb testing.TB) { t.tries = append(t.tries, programTries(tb)...) }

// programPolicies are the presets, of which hardened is asked for a workload: of pods that nothing describes it leaves writing open.
var programPolicies = []string{"bulkhead:baseline", "bulkhead:restricted", "testdata/programs"}

// TestOrdinaryPrograms holds that the presets refuse nothing that ordinary programs do when they start. TestKernel asks a
// kernel the same.
func TestOrdinaryPrograms(t *testing.T) {
	bulkhead := buildBulkhead(t)
	for _, name := range programPolicies {
		for _, body := range compiledBy(t, bulkhead, []string{name}) {
			j, err := apparmor.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "apparmor/profile", Body: body}})
			if err != nil {
				t.Fatal(err)
			}
			for _, try := range programTries(t) {
				if says := try.judged(t, j); says != target.Allow {
					t.Errorf("%s: %s: %s", name, try, says)
				}
			}
		}
	}
}

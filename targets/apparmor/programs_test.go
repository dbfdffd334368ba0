package apparmor_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
	"github.com/bulkhead-policy/bulkhead/targets/falco"
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
	case "huge":
		return []attempt.Attempt{file("/", "rw")}
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

// programEvent is how Falco sees what a program does when it starts, with the path as the program spells it.
func programEvent(tb testing.TB, verb string, args []string) attempt.Event {
	tb.Helper()
	fields := map[string]any{"evt.failed": false, "evt.res": "SUCCESS"}
	calls := map[string]string{"truncate": "ftruncate", "unlink": "unlink", "mkdir": "mkdir", "rename": "rename", "link": "linkat"}
	switch verb {
	case "huge":
		fields["evt.type"] = "mmap"
	case "r", "w", "rw", "create":
		fields["evt.type"], fields["fd.name"], fields["evt.is_open_write"] = "openat", args[0], verb != "r"
	case "socket":
		types := map[string]string{"stream": "1", "dgram": "2", "raw": "3"}
		families := map[string]string{"inet": "AF_INET", "inet6": "AF_INET6", "netlink": "AF_ROUTE|AF_NETLINK", "unix": "AF_LOCAL|AF_UNIX"}
		fields["evt.type"], fields["evt.arg.domain"], fields["evt.arg.type"] = "socket", families[args[0]], types[args[1]]
		fields["evt.arg.proto"] = args[2]
	default:
		if fields["evt.type"] = calls[verb]; calls[verb] == "" {
			tb.Fatalf("%q is no access that is known", verb)
		}
		fields["fs.path.name"] = args[0]
		if len(args) > 1 {
			fields["fs.path.target"] = args[1]
		}
	}
	return attempt.Event{Fields: fields}
}

// TestOrdinaryProgramsAreNotReported holds that Falco's rules of the strictest preset are silent about what AppArmor allows there.
func TestOrdinaryProgramsAreNotReported(t *testing.T) {
	bodies := compiledFor(t, buildBulkhead(t), []string{"testdata/programs"}, "falco")
	j, err := falco.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "falco/programs.yaml", Body: bodies[0]}})
	if err != nil || len(bodies) != 1 {
		t.Fatal(len(bodies), err)
	}
	in := attempt.Container{Namespace: "programs", Workload: "any", Labels: map[string]string{"app": "any"}}
	ask := func(e attempt.Event) target.Verdict {
		v, err := j.Judge(t.Context(), e.In(in))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, try := range programTries(t) {
		if v := ask(programEvent(t, try.do[0], try.do[1:])); v.Outcome != target.Silent {
			t.Errorf("%s: %s %+v", try, v.Outcome, v.Findings)
		}
	}
	for _, path := range []string{"/dev/stdout", "/dev/stderr"} { // as web servers in images log
		if v := ask(programEvent(t, "w", []string{path})); v.Outcome != target.Silent {
			t.Errorf("writing %s: %s %+v", path, v.Outcome, v.Findings)
		}
	}
	// That the rules see such events at all.
	for _, e := range []attempt.Event{programEvent(t, "w", []string{"/etc/passwd"}), programEvent(t, "r", []string{"/proc/kallsyms"}), programEvent(t, "w", []string{"/proc/sys/vm/overcommit_memory"})} {
		if v := ask(e); v.Outcome != target.Alert {
			t.Errorf("%v: %s", slices.Sorted(maps.Keys(e.Fields)), v.Outcome)
		}
	}
}

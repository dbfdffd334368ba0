package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// controlsOfCheck says which controls fit each check of the Pod Security
// Standards.
var controlsOfCheck = map[string][]string{
	"allowprivilegeescalation":   {"privileges.escalation"},
	"apparmorprofile":            {"privileges.apparmor"},
	"capabilities_baseline":      {"capabilities.add"},
	"capabilities_restricted":    {"capabilities.add", "capabilities.drop"},
	"hostnamespaces":             {"host.network", "host.pid", "host.ipc"},
	"hostpathvolumes":            {"host.paths"},
	"hostports":                  {"host.ports"},
	"hostprobesandhostlifecycle": {"host.probes"},
	"privileged":                 {"privileges.privileged"},
	"procmount":                  {"privileges.proc_mount"},
	"procmount_restricted":       {"privileges.proc_mount"},
	"restrictedvolumes":          {"filesystem.volumes"},
	"runasnonroot":               {"privileges.run_as_non_root"},
	"runasuser":                  {"privileges.users"},
	"seccompprofile_baseline":    {"privileges.seccomp"},
	"seccompprofile_restricted":  {"privileges.seccomp"},
	"selinuxoptions":             {"privileges.selinux_types", "privileges.selinux_users", "privileges.selinux_roles"},
	"sysctls":                    {"privileges.sysctls"},
	"windowshostprocess":         {"privileges.host_process"},
}

// The presets agree with the Pod Security Standards' own fixtures: by verdict,
// and by a control that fits the check which fails.
func TestPresetsArePodSecurityStandards(t *testing.T) {
	dir := suites.Folder(t, "psa")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	number := regexp.MustCompile(`[0-9]+$`)
	for _, file := range files {
		verdict := filepath.Base(filepath.Dir(file))
		level := filepath.Base(filepath.Dir(filepath.Dir(file)))
		check := number.ReplaceAllString(strings.TrimSuffix(filepath.Base(file), ".yaml"), "")
		t.Run(level+"/"+verdict+"/"+filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			code, controls := checkJSON(t, "bulkhead:"+level, file)
			if want := map[string]int{"pass": 0, "fail": exitFindings}[verdict]; code != want {
				t.Fatalf("exit code %d, want %d; findings %v", code, want, controls)
			}
			fits := func(c string) bool { return slices.Contains(controlsOfCheck[check], c) }
			if verdict == "fail" && !slices.ContainsFunc(controls, fits) {
				t.Errorf("found %v, want one of %v", controls, controlsOfCheck[check])
			}
		})
	}
	if len(files) != 148 {
		t.Errorf("%d fixtures, want 148", len(files))
	}
}

// checkJSON checks one file in this process and gives the exit code and the
// controls found.
func checkJSON(t *testing.T, policy, file string) (int, []string) {
	t.Helper()
	code, out, errs := invoke(t, "", "check", "--policy", policy, "--format", "json", file)
	var got struct{ Findings []struct{ Control string } }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, errs)
	}
	var controls []string
	for _, f := range got.Findings {
		controls = append(controls, f.Control)
	}
	return code, controls
}

// invoke runs one command line in this process.
func invoke(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{targets: targets.All(), in: strings.NewReader(stdin), out: &o, err: &e, now: testNow, width: 100}
	code = run(t.Context(), a, args)
	return code, o.String(), e.String()
}

// outcomeOf says what an action of seccomp means for the call: a tracer may do
// with it what it likes.
func outcomeOf(action string) string {
	switch name, _, _ := strings.Cut(action, "("); name {
	case "ALLOW", "LOG":
		return "allow"
	case "TRACE":
		return "undecided"
	}
	return "deny"
}

// Judging libseccomp's own decision tables, asked as a user would ask.
func TestJudgeSeccompAsLibseccomp(t *testing.T) {
	dir := suites.Folder(t, "libseccomp")
	body, err := os.ReadFile(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	type decision struct {
		Suite, Arch, Expect string
		Syscall             json.RawMessage
		Args                json.RawMessage
	}
	bySuite := map[string][]decision{}
	for line := range strings.Lines(string(body)) {
		var d decision
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		bySuite[d.Suite] = append(bySuite[d.Suite], d)
	}
	right, all := 0, 0
	for suite, decisions := range bySuite {
		var attempts strings.Builder
		for _, d := range decisions {
			line, _ := json.Marshal(map[string]any{"arch": d.Arch, "syscall": d.Syscall, "args": d.Args})
			attempts.Write(append(line, '\n'))
		}
		code, out, errs := invoke(t, attempts.String(), "judge", "seccomp", filepath.Join(dir, "oci", suite+".json"))
		if code != 0 {
			t.Errorf("%s: exit code %d: %s", suite, code, errs)
			continue
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		for i, d := range decisions {
			all++
			var v struct{ Outcome, Reason string }
			if err := json.Unmarshal([]byte(lines[i]), &v); err != nil {
				t.Fatal(err)
			}
			if v.Outcome == outcomeOf(d.Expect) {
				right++
			} else {
				t.Logf("%s: %s: got %+v, want %s", suite, d.Syscall, v, d.Expect)
			}
		}
	}
	if right != all || all != 593 {
		t.Errorf("%d of %d decisions are right, want all 593", right, all)
	}
}

package apparmor_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	mobyprofile "github.com/moby/profiles/apparmor"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// subject is a profile that the kernel and the judge are asked about.
type subject struct {
	name string // the profile's
	body []byte
	says []target.Outcome // what the judge says to each attempt of the table
}

func newSubject(t *testing.T, body []byte, tries []try) subject {
	t.Helper()
	s := subject{name: profileName(t, body), body: body}
	j, err := apparmor.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "apparmor/profile", Body: body}})
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	for _, try := range tries {
		s.says = append(s.says, try.judged(t, j))
	}
	return s
}

var header = regexp.MustCompile(`(?m)^profile "?([^ "]+)"? `)

var comments = regexp.MustCompile(`(?m)^ *# .*$`)

func profileName(t *testing.T, body []byte) string {
	t.Helper()
	found := header.FindSubmatch(body)
	if found == nil {
		t.Fatalf("no profile begins in\n%s", body)
	}
	return string(found[1])
}

// judged puts together what the judge says to all that the kernel asks for: all must be allowed, and one of or.
func (t try) judged(tb testing.TB, j target.Judge) target.Outcome {
	tb.Helper()
	ask := func(a attempt.Attempt) target.Outcome {
		v, err := j.Judge(tb.Context(), a)
		if err != nil {
			tb.Fatalf("%s: %v", t, err)
		}
		return v.Outcome
	}
	var outcomes, alternatives []target.Outcome
	for _, a := range t.all {
		outcomes = append(outcomes, ask(a))
	}
	for _, a := range t.or {
		alternatives = append(alternatives, ask(a))
	}
	for _, outcome := range []target.Outcome{target.Allow, target.Undecided, target.Deny} {
		if slices.Contains(alternatives, outcome) {
			outcomes = append(outcomes, outcome)
			break
		}
	}
	for _, outcome := range []target.Outcome{target.Deny, target.Undecided, target.Allow} {
		if slices.Contains(outcomes, outcome) {
			return outcome
		}
	}
	tb.Fatalf("%s: the judge says %v", t, outcomes)
	return target.Undecided
}

// kernelProfiles are those of the shipped presets and examples, of the case that states everything, of policies that go further, docker-default, and one of
// our own that has rules which are not emitted.
func kernelProfiles(t *testing.T) [][]byte {
	t.Helper()
	var bodies [][]byte
	bulkhead := buildBulkhead(t)
	for _, built := range [][]string{{"bulkhead:restricted"}, {"bulkhead:baseline"}, {"bulkhead:hardened"}, {"testdata/programs"}, {"../../policies/examples/quickstart"},
		{"../../policies/examples/payments", "--var", "env=prod"}, {"../../policies/examples/payments/batch", "--var", "env=prod"}, {"../../testdata/cases/everything"}} {
		bodies = append(bodies, compiledBy(t, bulkhead, built)...)
	}
	for name, settings := range map[string]policy.Settings{
		"strict":     strict(),
		"open":       {control.Privileged: boolean(10, false)},
		"hostpaths":  with(strict(), control.HostPaths, paths(15, "/run/k3s", "write", "/proc", "read", "/var/run/docker.sock", "read")),
		"bpf":        with(strict(), control.CapabilitiesAdd, set(13, "BPF")),
		"checkpoint": with(strict(), control.CapabilitiesAdd, set(13, "CHECKPOINT_RESTORE", "SYS_PTRACE")),
		"sysadmin":   with(strict(), control.CapabilitiesAdd, set(13, "SYS_ADMIN", "CHECKPOINT_RESTORE")),
		"most": with(with(with(strict(), control.CapabilitiesAdd, set(13, "ALL")), control.FilesystemWrite, set(17, "/**")),
			control.NetworkFamilies, set(20, "packet", "netlink", "alg")),
	} {
		p := resolveDocument(t, &policy.Document{
			Source: policy.Source{Name: name, Version: "1.0.0", Path: "policy.hcl"},
			Range:  at(1), Namespaces: []control.Item{{Key: "x"}}, Values: with(settings, control.Undeclared, text(2, control.Deny)),
			Workloads: []*policy.WorkloadBlock{{Name: "x", Match: map[string]string{"app": "x"}, OS: "linux", Range: at(30)}},
		})
		if name == "strict" {
			p.Platform = apparmor.RuntimeLabels.With(p.Platform, []string{"snap.docker.dockerd"})
		}
		for _, a := range emit(t, p) {
			bodies = append(bodies, a.Body)
		}
	}
	slices.SortFunc(bodies[1:], bytes.Compare)
	return append(bodies, dockerDefault(t), read(t, "testdata/kernel/rules.profile"))
}

// buildBulkhead builds the command.
func buildBulkhead(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bulkhead")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/bulkhead").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// compiledBy compiles a policy as a user does, and gives its AppArmor profiles: no package of a target reads the policy language.
func compiledBy(t *testing.T, bulkhead string, policy []string) [][]byte {
	t.Helper()
	return compiledFor(t, bulkhead, policy, "apparmor")
}

// compiledFor gives the artifacts of one target.
func compiledFor(t *testing.T, bulkhead string, policy []string, name string) [][]byte {
	t.Helper()
	out := t.TempDir()
	args := slices.Concat([]string{"compile"}, policy, []string{"-o", out})
	if said, err := exec.Command(bulkhead, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", policy, err, said)
	}
	files, err := filepath.Glob(filepath.Join(out, name, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no artifacts of %s: %v", policy, name, err)
	}
	var bodies [][]byte
	for _, path := range files {
		bodies = append(bodies, read(t, path))
	}
	return bodies
}

// dockerDefault gives the profile that Docker loads. Its module gives it to nobody but apparmor_parser, so that one
// stands in for it which keeps what it is given.
func dockerDefault(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nexec cat > '" + filepath.Join(dir, "profile") + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "apparmor_parser"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	t.Setenv("PATH", dir+":"+path)
	err := mobyprofile.InstallDefault("docker-default")
	t.Setenv("PATH", path)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, filepath.Join(dir, "profile"))
}

// mutant is a profile without one of its lines, under a name of its own.
type mutant struct {
	subject
	line   string
	of     string
	before []target.Outcome // what the judge says by the whole profile
	turned []int            // the attempts that the line decides
}

// mostTurned is how many of the attempts that a line decides are made without it.
const mostTurned = 3

// mostOfKind is how many rules of a kind are left out.
func mostOfKind(kind string) int {
	if kind == "deny file" {
		return 20
	}
	return 8
}

// mutants leave out one line each, of those that decide an attempt. A line that several profiles have is left out of the first.
func mutants(t *testing.T, subjects []subject, tries []try) []mutant {
	t.Helper()
	var out []mutant
	done, kinds := map[string]bool{}, map[string]int{}
	for _, s := range subjects {
		lines := strings.Split(string(s.body), "\n")
		for i, line := range lines {
			key := strings.ReplaceAll(line, s.name, "NAME")
			kind := ruleKind(strings.TrimSpace(line))
			if done[key] || !isRule(line) || kinds[kind] == mostOfKind(kind) {
				continue
			}
			name := fmt.Sprintf("%s.without.%d", s.name, i+1)
			rest := strings.Join(slices.Concat(lines[:i], lines[i+1:]), "\n")
			m := mutant{subject: newSubject(t, []byte(strings.ReplaceAll(rest, s.name, name)), tries), line: strings.TrimSpace(line), of: s.name, before: s.says}
			for j := range tries {
				if !tries[j].depends && m.says[j] != m.before[j] && m.says[j] != target.Undecided && m.before[j] != target.Undecided && len(m.turned) < mostTurned {
					m.turned = append(m.turned, j)
				}
			}
			if len(m.turned) > 0 {
				done[key] = true
				kinds[kind]++
				out = append(out, m)
			}
		}
	}
	return out
}

func isRule(line string) bool {
	line = strings.TrimSpace(line)
	for _, no := range []string{"#", "abi ", "profile ", "include "} {
		if strings.HasPrefix(line, no) {
			return false
		}
	}
	return strings.Contains(line, ",")
}

// TestKernel holds the judge to a kernel: under each profile each attempt of the table is made, and what the kernel
// answers is what the judge says. That this can fail is held too: without any one line that the judge says decides an
// attempt, the kernel answers that attempt otherwise.
func TestKernel(t *testing.T) {
	start := time.Now()
	m := newMachine(t)
	tries := kernelTable(t)
	var subjects []subject
	seen := map[string]bool{}
	for _, body := range kernelProfiles(t) {
		// The example's containers have rules in common, and attempts take their time: of equal profiles one is asked.
		rules := comments.ReplaceAllString(strings.ReplaceAll(string(body), profileName(t, body), "NAME"), "")
		if seen[rules] {
			continue
		}
		seen[rules] = true
		subjects = append(subjects, newSubject(t, body, tries))
	}
	mutants := mutants(t, subjects, tries)

	p := plan{World: world(), Runs: []run{{"unconfined", upTo(len(tries))}}}
	for _, try := range tries {
		p.Attempts = append(p.Attempts, try.do)
	}
	m.files["profiles/others"] = []byte(othersProfile())
	p.Loads = append(p.Loads, load{Source: "/profiles/others"})
	var bodies [][]byte
	for _, s := range subjects {
		bodies = append(bodies, s.body)
		p.Runs = append(p.Runs, run{s.name, upTo(len(tries))})
	}
	for _, s := range mutants {
		bodies = append(bodies, s.body)
		p.Runs = append(p.Runs, run{s.name, s.turned})
	}
	for i, compiled := range compileAll(t, m.parser, bodies) {
		path := fmt.Sprintf("profiles/%d", i)
		m.files[path] = compiled
		p.Loads = append(p.Loads, load{Compiled: "/" + path})
	}
	// This one is loaded by the machine's own parser: for the kernel that it finds, not for the features of abi/3.0.
	m.files["profiles/source"] = subjects[0].body
	p.Loads = append(p.Loads, load{Source: "/profiles/source"})
	preparing := time.Since(start)

	start = time.Now()
	answers := collect(t, p, m.boot(t, p))
	t.Logf("%s: %d profiles made ready in %.1f s, the machine ran for %.1f s", filepath.Base(m.kernel), len(bodies), preparing.Seconds(), time.Since(start).Seconds())

	// Without a profile none is refused: what is refused under one is refused by it. An attempt that fails for another
	// reason, such as a module that is no module, comes as far with a profile that allows it.
	ctrl := answers[0]
	for i, answer := range ctrl {
		if refused(answer) || strings.HasPrefix(answer, "!") {
			t.Errorf("%s: %s without a profile, so that the attempt shows nothing", tries[i], answer)
		}
	}
	var counts tally
	for i, s := range subjects {
		t.Run(s.name, func(t *testing.T) {
			for j, answer := range answers[i+1] {
				counts.compare(t, tries[j], s.says[j], answer, ctrl[j])
			}
		})
	}
	t.Logf("%d answers of the kernel compared under %d profiles: %d allowed, %d denied", counts.allowed+counts.denied, len(subjects), counts.allowed, counts.denied)
	t.Run("without a line", func(t *testing.T) {
		kinds := map[string]int{}
		for i, s := range mutants {
			differs := 0
			for j, answer := range answers[len(subjects)+1+i] {
				n := s.turned[j]
				(&tally{}).compare(t, tries[n], s.says[n], answer, ctrl[n])
				if refused(answer) != (s.before[n] == target.Deny) {
					differs++
				}
			}
			if differs == 0 {
				t.Errorf("%s without %q: the kernel answers all of %d attempts as with it", s.of, s.line, len(s.turned))
			}
			kinds[ruleKind(s.line)]++
		}
		t.Logf("%d lines left out, one at a time, of these kinds: %v", len(mutants), kinds)
		for _, kind := range []string{"file", "deny file", "capability", "deny capability", "network", "deny network", "mount", "umount", "pivot_root", "ptrace", "signal"} {
			if kinds[kind] == 0 {
				t.Errorf("no attempt depends on a rule of the kind %q", kind)
			}
		}
	})
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// ruleKind is "file", "deny capability", ...
func ruleKind(line string) string {
	line = strings.TrimPrefix(line, "audit ")
	rest, deny := strings.CutPrefix(line, "deny ")
	kind, _, _ := strings.Cut(strings.TrimRight(rest, ","), " ")
	if strings.ContainsAny(kind, "/@") || kind == "owner" || kind == "file" {
		kind = "file"
	}
	kind = strings.TrimRight(kind, ",")
	if deny {
		return "deny " + kind
	}
	return kind
}

// tally counts the answers that were compared.
type tally struct{ allowed, denied int }

func (c *tally) compare(t *testing.T, try try, says target.Outcome, answer, ctrl string) {
	t.Helper()
	switch {
	case try.depends:
		t.Logf("%s: the judge says %s, this kernel %s", try, says, answer)
		return
	case says == target.Undecided:
		t.Errorf("%s: the judge has no answer; the kernel's is %s", try, answer)
	case says == target.Deny && refused(answer):
		c.denied++
	case says == target.Allow && answer == ctrl:
		c.allowed++
	default:
		t.Errorf("%s: the judge says %s, the kernel %s (and %s without a profile)", try, says, answer, ctrl)
	}
	if testing.Verbose() {
		t.Logf("%-60s %-9s %s", try, says, answer)
	}
}

// refused says whether an answer is how a security module refuses.
func refused(answer string) bool { return answer == "EACCES" || answer == "EPERM" }

// collect gives the answers of the kernel by run and attempt. One that is missing fails the test.
func collect(t *testing.T, p plan, lines []string) [][]string {
	t.Helper()
	answers := make([][]string, len(p.Runs))
	for _, line := range lines[:len(lines)-1] {
		if strings.HasPrefix(line, "# ") {
			t.Log(line[2:])
			continue
		}
		fields := strings.SplitN(line, " ", 3)
		i, err := strconv.Atoi(fields[0])
		if err != nil || len(fields) != 3 || i >= len(p.Runs) || len(answers[i]) >= len(p.Runs[i].Attempts) ||
			fields[1] != strconv.Itoa(p.Runs[i].Attempts[len(answers[i])]) {
			t.Fatalf("the machine reports %q, which nothing asked for", line)
		}
		answers[i] = append(answers[i], fields[2])
	}
	for i, r := range p.Runs {
		if len(answers[i]) != len(r.Attempts) {
			t.Fatalf("under %s there are %d answers to %d attempts", r.Profile, len(answers[i]), len(r.Attempts))
		}
	}
	return answers
}

// compileAll compiles profiles for a kernel with the features of abi/3.0 and the capability that it lacks.
func compileAll(t *testing.T, parser string, bodies [][]byte) [][]byte {
	t.Helper()
	features := filepath.Join(t.TempDir(), "features")
	if err := os.WriteFile(features, bytes.Replace(read(t, featuresFile), []byte(" bpf\n"), []byte(" bpf checkpoint_restore\n"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	out, problems := make([][]byte, len(bodies)), make([]error, len(bodies))
	var wait sync.WaitGroup
	free := make(chan bool, runtime.NumCPU())
	for i, body := range bodies {
		wait.Go(func() {
			free <- true
			defer func() { <-free }()
			cmd := exec.Command(parser, "-Q", "-K", "-S", "--kernel-features", features, "/dev/stdin")
			cmd.Stdin = bytes.NewReader(body)
			var said bytes.Buffer
			cmd.Stderr = &said
			if out[i], problems[i] = cmd.Output(); problems[i] != nil {
				problems[i] = fmt.Errorf("apparmor_parser: %w\n%s\n%s", problems[i], said.Bytes(), body)
			}
		})
	}
	wait.Wait()
	for _, err := range problems {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func sortedNames(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }

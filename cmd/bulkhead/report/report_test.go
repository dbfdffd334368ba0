package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

var update = flag.Bool("update", false, "write the goldens")

func at(file string, n int) hcl.Range { return hcl.Range{Filename: file, Start: hcl.Pos{Line: n}} }

var program = &lang.Program{Dir: "policies/shop", Policy: &policy.Policy{Name: "shop", Version: "1.2.3", Exceptions: []*policy.Exception{
	{Name: "legacy", Owner: "ledger-team", Ticket: "SEC-1", Expires: "2027-01-31"},
}}}

// hostile is what a name in a manifest may hold: markup, quotes, a line that looks
// like ours, and an escape sequence of terminals.
const hostile = "<a href=\"x\">&'\"]]>\n::error::0 errors\x1b[2K\u0085é"

var tests = &trial.Report{
	Tests: []*trial.TestResult{
		{Name: "several attempts, containers and targets are told once", Range: at("p.test.hcl", 1), Attempts: []*trial.AttemptResult{
			{Kind: "syscall", Range: at("p.test.hcl", 2), Target: "seccomp", Containers: []string{"api/*"}, Outcome: "deny", Wanted: "deny", Control: "seccomp.deny", Layers: [][]string{{"seccomp.deny"}, {"seccomp.allow"}}},
			{Kind: "syscall", Range: at("p.test.hcl", 3), Target: "seccomp", Containers: []string{"web/*"}, Outcome: "deny", Wanted: "deny", Control: "seccomp.rule.one", Layers: [][]string{{"seccomp.rule.one"}, {"seccomp.allow"}}},
			{Kind: "syscall", Range: at("p.test.hcl", 4), Target: "seccomp", Containers: []string{"web/*"}, Outcome: "deny", Wanted: "deny", Control: "seccomp.rule.one", Layers: [][]string{{"seccomp.rule.one"}, {"seccomp.allow"}}},
		}},
		{Name: "a second line", Range: at("p.test.hcl", 9), Attempts: []*trial.AttemptResult{
			{Kind: "syscall", Range: at("p.test.hcl", 10), Target: "seccomp", Containers: []string{"api/*"}, Outcome: "deny", Wanted: "deny", Control: "seccomp.allow", Layers: [][]string{{"seccomp.deny"}, {"seccomp.allow"}, {"a", "b"}}, Layer: 1, SecondLine: true,
				Locations: []trial.Location{{Artifact: "seccomp/api.json", Location: "/syscalls/3", Message: "refused", Sources: []hcl.Range{at("p.hcl", 5), at("bulkhead:restricted", 7), {}}}}},
		}},
		{Name: "many controls at once", Range: at("p.test.hcl", 15), Attempts: []*trial.AttemptResult{
			{Kind: "manifest", Range: at("p.test.hcl", 16), Target: "rego", Outcome: "deny", Wanted: "deny", Control: "host.pid", Layers: [][]string{{"a", "b", "c", "d", "host.pid"}}},
			{Kind: "manifest", Range: at("p.test.hcl", 17), Target: "rego", Outcome: "allow", Wanted: "allow"},
		}},
		{Name: "fails " + hostile, Range: at("p.test.hcl", 20), Attempts: []*trial.AttemptResult{
			{Kind: "file", Range: at("p.test.hcl", 21), Target: "apparmor", Containers: []string{"a/*", "b/*", "c/*", "d/*", "e/*", "f/*"}, Outcome: "allow", Wanted: "deny", Control: "filesystem.deny", Problem: "wanted deny, got allow\n  apparmor/x line 3: " + hostile},
			{Kind: "file", Range: at("p.test.hcl", 25), Outcome: "not-applicable", Wanted: "deny", Control: "filesystem.deny", Problem: "no artifact understands it"},
			{Kind: "file", Range: at("p.test.hcl", 29), Target: "apparmor", Outcome: "allow", Wanted: "allow"},
		}},
		{Name: "nothing tried", Range: at("p.test.hcl", 40)},
	},
	Untested: []trial.Untested{{Control: "host.ipc", Range: at("p.hcl", 3)}, {Control: "host.pid", Range: at("bulkhead:restricted", 4)}},
	Inert:    []trial.Untested{{Control: "host.ipc", Range: at("p.hcl", 3)}},
}

var checks = check.Result{
	Findings: []check.Finding{
		{Control: "host.pid", Severity: check.Error, Message: "hostPID is true", Resource: check.Resource{Kind: "Pod", Namespace: "shop", Name: "api"}, File: "deploy/a.yaml", Line: 7, Column: 3, Source: "  hostPID: true", Path: []string{"spec", "hostPID"}, Policy: at("p.hcl", 11)},
		{Control: "host.pid", Severity: check.Error, Message: "hostPID is true", Resource: check.Resource{Kind: "Pod", Namespace: "shop", Name: "api"}, File: "deploy/a.yaml", Line: 8, Column: 3, Source: "  hostPID: true", Path: []string{"spec", "hostPID"}, Policy: at("p.hcl", 11)},
		{Control: "host.ipc", Severity: check.Warning, Message: "hostIPC is true", Resource: check.Resource{Kind: "Node", Name: "n1"}, Container: "c", File: "deploy/a.yaml", Line: 9, Column: 3, Policy: at("bulkhead:restricted", 12), Suppressed: &check.Suppression{By: check.ByException, Reason: "reads " + hostile, Exception: &policy.Exception{Name: "old exporter", Owner: "ops", Expires: "2027-01-31", Ticket: "SEC-7", Reason: "reads " + hostile}}},
		{Control: "host.ports", Severity: check.Error, Message: "port 80 of the node", File: "deploy/a.yaml", Line: 12, Column: 5, Suppressed: &check.Suppression{By: check.ByComment, Reason: "the ingress"}},
		{Control: "host.paths", Severity: check.Error, Message: "/ of the node", File: "deploy/a.yaml", Line: 13, Column: 5, Suppressed: &check.Suppression{By: check.ByBaseline, Reason: "it is in the baseline"}},
		{Control: "image.digest", Severity: check.Error, Message: hostile, Resource: check.Resource{Kind: hostile, Namespace: hostile, Name: hostile}, Container: hostile, File: "b\n.yaml", Line: 1, Column: 1},
		{Severity: check.Error, Message: "the artifacts cannot decide this", File: "plan.json", Line: 1, Column: 1},
	},
	Checked:  5,
	Skipped:  []input.Skipped{{File: "deploy/c.yaml", Line: 3, Reason: "ConfigMap (v1): no control applies"}, {File: "deploy/d.yaml", Reason: hostile}},
	Problems: []error{errors.New("deploy/e.yaml:4: not valid YAML\nmore of it"), errors.New(hostile)},
}

// linted is what lints found in three artifacts, and judged what a judge said of two attempts.
var linted, judged = report.OfLint(), report.OfJudge()

func init() {
	linted.AddLinted("a.json", []target.Diagnostic{
		{Lint: "swallowed-deny", Location: "/syscalls/1", Subject: "socket", Line: 7, Column: 3, Summary: "Refusal without effect", Message: "It is swallowed.", Warning: true},
		{Lint: "bitmap", Summary: "Calls without argument checks", Message: "5 of 6."},
	})
	linted.AddLinted("b\n.json", []target.Diagnostic{{Lint: "unknown-name", Line: 2, Column: 1, Summary: "Unknown name", Message: hostile, Warning: true}})
	linted.AddLinted("clean.json", nil)

	statements := func(f target.Finding) []target.ManifestOrigin {
		return []target.ManifestOrigin{{Control: "seccomp.deny", File: "p.hcl", Line: 7}}
	}
	judged.AddVerdict(report.Position{File: "-", Line: 1}, "syscall", "seccomp", target.Verdict{Outcome: target.Deny, Findings: []target.Finding{
		{Artifact: "a.json", Location: "/syscalls/1", Message: "refused"}, {Artifact: "a.json", Location: "/syscalls/2", Message: "refused"},
	}}, statements)
	judged.AddVerdict(report.Position{File: "-", Line: 3}, "syscall", "seccomp", target.Verdict{Outcome: target.Allow}, nil)
	judged.AddVerdict(report.Position{File: "-", Line: 4}, "manifest", "rego", target.Verdict{Outcome: target.Allow, Skipped: []target.Finding{
		{Path: []string{"items", "1"}, Message: "the policy does not apply to its namespace"},
	}}, func(target.Finding) []target.ManifestOrigin { return nil })
}

// Every format renders the result of every command.
func TestFormats(t *testing.T) {
	for name, r := range map[string]report.Result{
		"tests": report.OfTests(tests, program), "checks": report.OfCheck(checks, program), "clean": report.OfCheck(check.Result{Checked: 3}, program),
		"lints": linted, "lints-clean": report.OfLint(), "verdicts": judged,
	} {
		for _, format := range report.Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				printed := golden(t, name+"."+format, func(w io.Writer) error { return report.Write(w, format, r) })
				if err := report.Write(full{}, format, r); err == nil && printed != "" {
					t.Error("what could not be written is no error")
				}
			})
		}
	}
	if err := report.Write(io.Discard, "yaml", linted); err == nil {
		t.Error("a format is known that does not exist")
	}
}

// Short texts stay as they are; of long ones the beginning and the end do. Cutting a result changes no fingerprint and not the result.
func TestCut(t *testing.T) {
	if short := strings.Repeat("é", 500); report.Cut(short) != short {
		t.Error("a short text is cut")
	}
	long := "cpu is " + strings.Repeat("é", 1<<16) + ", must be at most 2"
	got := report.Cut(long)
	if len(got) > 1100 || !strings.HasPrefix(got, "cpu is é") || !strings.HasSuffix(got, ", must be at most 2") || !utf8.ValidString(got) || !strings.Contains(got, "bytes left out") {
		t.Errorf("cut to %q", got)
	}
	whole := report.OfCheck(check.Result{Findings: []check.Finding{{Message: long, Resource: check.Resource{Name: long}}}, Problems: []error{&input.Error{Problem: long}}}, program)
	shown := whole.Cut()
	var known *input.Error
	if shown.Findings[0].Fingerprint != whole.Findings[0].Fingerprint || whole.Findings[0].Message != long || !errors.As(shown.Problems[0], &known) {
		t.Error("cutting changes more than what is shown")
	}
}

func TestFailed(t *testing.T) {
	notes := report.OfLint()
	notes.AddLinted("a.json", []target.Diagnostic{{Lint: "bitmap"}})
	warning := check.Result{Findings: []check.Finding{{Severity: check.Warning}}}
	inert := &trial.Report{Tests: tests.Tests[:1], Inert: tests.Inert}
	for name, test := range map[string]struct {
		r    report.Result
		want bool
	}{
		"a lint warns": {linted, true}, "notes only": {notes, false}, "nothing": {report.OfLint(), false}, "verdicts": {judged, false},
		"errors": {report.OfCheck(checks, program), true}, "warnings of a check": {report.OfCheck(warning, program), false},
		"a test fails": {report.OfTests(tests, program), true}, "a setting has no effect": {report.OfTests(inert, program), true},
		"tests pass": {report.OfTests(&trial.Report{Tests: tests.Tests[:1]}, program), false},
	} {
		if got := test.r.Failed(); got != test.want {
			t.Errorf("%s: failed is %v", name, got)
		}
	}
}

func golden(t *testing.T, name string, write func(io.Writer) error) (printed string) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("%s is not what is printed; after looking at it: go test ./cmd/bulkhead/report -update (-want +got)\n%s", file, d)
	}
	return b.String()
}

// Hostile texts come back as they went in, as far as the format can hold them.
func TestHostileTexts(t *testing.T) {
	t.Run("json", func(t *testing.T) {
		var b bytes.Buffer
		if err := report.Write(&b, "json", report.OfCheck(checks, program)); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Findings []struct {
				Message  string
				Resource check.Resource
			}
			Errors []string
		}
		if err := json.Unmarshal(b.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		if f := read.Findings[5]; f.Message != hostile || f.Resource != checks.Findings[5].Resource || read.Errors[1] != hostile {
			t.Errorf("read %q", f)
		}
	})
	t.Run("junit", func(t *testing.T) {
		var b bytes.Buffer
		if err := report.Write(&b, "junit", report.OfCheck(checks, program)); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Failure struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		}
		if err := xml.Unmarshal(b.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		held := strings.ReplaceAll(hostile, "\x1b", "\uFFFD") // XML has no such character
		if got := read.Cases[5].Failure.Message; got != held {
			t.Errorf("read %q, want %q", got, held)
		}
		if read.Tests != 11 || len(read.Cases) != 11 || read.Failures != 4 || read.Errors != 2 || read.Skipped != 5 {
			t.Errorf("%+v", read)
		}
	})
	t.Run("github", func(t *testing.T) {
		var b bytes.Buffer
		if err := report.Write(&b, "github", report.OfCheck(checks, program)); err != nil {
			t.Fatal(err)
		}
		commands := 0
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(line, "::") {
				commands++
			}
		}
		if want := len(checks.Findings) + len(checks.Problems); commands != want {
			t.Errorf("%d commands, want %d: a text has made one of its own\n%s", commands, want, b.String())
		}
	})
	t.Run("fingerprints", func(t *testing.T) {
		var b bytes.Buffer
		if err := report.Write(&b, "gitlab", report.OfCheck(checks, program)); err != nil {
			t.Fatal(err)
		}
		var issues []struct{ Fingerprint string }
		if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, i := range issues {
			if i.Fingerprint == "" || seen[i.Fingerprint] {
				t.Errorf("%q is not a fingerprint of its own", i.Fingerprint)
			}
			seen[i.Fingerprint] = true
		}
		if len(issues) != len(checks.Findings) {
			t.Errorf("%d issues", len(issues))
		}
	})
	t.Run("text", func(t *testing.T) {
		var b bytes.Buffer
		if err := report.Write(&b, "text", report.OfCheck(checks, program)); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(b.String(), "\n"); lines != 13 { // findings but that of the baseline, two sources, an exception, a comment, skipped, the counts
			t.Errorf("%d lines:\n%s", lines, b.String())
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x85 }); i >= 0 {
			t.Errorf("a control character is printed at %d", i)
		}
	})
}

// full cannot be written to.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

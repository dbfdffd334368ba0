// Package sarif holds what `bulkhead check --format sarif` prints to the standard's
// own schema, and to what GitHub's code scanning asks for beyond it.
package sarif

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // carries the schema
	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// schema is that of SARIF 2.1.0 with its errata, as OASIS publishes it. It stands in
// a constant of go-sarif, which its package does not export.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const carrier = "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", carrier).Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && v.Names[0].Name == "schema" {
			text, err = strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		}
		return true
	})
	if text == "" || err != nil {
		t.Fatalf("%s holds no schema: %v", carrier, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	const name = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	if err := c.AddResource(name, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid reads a log and holds it to the schema.
func valid(t interface{ Fatalf(string, ...any) }, s *jsonschema.Schema, body []byte) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	if err := s.Validate(value); err != nil {
		t.Fatalf("%#v\n%s", err, body)
	}
}

func TestGoldensKeepToTheSchema(t *testing.T) {
	s := schema(t)
	goldens, err := filepath.Glob(filepath.Join("..", "..", "..", "cmd", "bulkhead", "report", "testdata", "*.sarif"))
	if err != nil || len(goldens) < 2 {
		t.Fatalf("%d goldens, %v", len(goldens), err)
	}
	for _, name := range goldens {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, s, body)
		for _, required := range []string{`"tool"`, `"message"`, `"text"`, `"uri"`} {
			broken := bytes.ReplaceAll(body, []byte(required), []byte(`"other"`))
			var value any
			if err := json.Unmarshal(broken, &value); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(broken, body) && s.Validate(value) == nil {
				t.Errorf("%s without %s keeps to the schema, which says that nothing is checked", name, required)
			}
		}
	}
}

// texts are what names in manifests, in policies and of files may hold.
var texts = rapid.OneOf(
	rapid.SampledFrom([]string{"", "a", "deploy/api.yaml", "a b.yaml", "100%.yaml", "#1.yaml?x", "../up.yaml", "/abs/x.yaml", "c:d.yaml", "-", "é", "\xff\xfe",
		"[here](https://example.org)", "a](1)", "<script>", "\x1b[2K", "line\nline", "\u2028", "\x00"}),
	rapid.String(),
)

func findings(t *rapid.T) check.Result {
	finding := rapid.Custom(func(t *rapid.T) check.Finding {
		f := check.Finding{
			Control:  rapid.SampledFrom([]string{"", "host.pid", "image.digest", "monitoring.detect.shell", "no.such"}).Draw(t, "control"),
			Severity: rapid.SampledFrom([]string{check.Error, check.Warning}).Draw(t, "severity"),
			Message:  texts.Draw(t, "message"), Container: texts.Draw(t, "container"), File: texts.Draw(t, "file"), Source: texts.Draw(t, "source"),
			Resource: check.Resource{Kind: texts.Draw(t, "kind"), Namespace: texts.Draw(t, "namespace"), Name: texts.Draw(t, "name")},
			Line:     rapid.IntRange(0, 3).Draw(t, "line"), Column: rapid.IntRange(0, 3).Draw(t, "column"),
			Policy: hcl.Range{Filename: texts.Draw(t, "policy"), Start: hcl.Pos{Line: rapid.IntRange(0, 3).Draw(t, "policy line")}},
		}
		switch rapid.IntRange(0, 3).Draw(t, "suppressed") {
		case 1:
			f.Suppressed = &check.Suppression{By: check.ByComment, Reason: texts.Draw(t, "reason")}
		case 2:
			e := &policy.Exception{Name: texts.Draw(t, "exception"), Owner: "o", Reason: texts.Draw(t, "why"), Ticket: "t", Expires: "2027-01-01"}
			f.Suppressed = &check.Suppression{By: check.ByException, Reason: e.Reason, Exception: e}
		}
		return f
	})
	r := check.Result{Findings: rapid.SliceOfN(finding, 0, 6).Draw(t, "findings"), Checked: 1}
	if rapid.Bool().Draw(t, "unusable") {
		r.Problems = []error{errors.New(texts.Draw(t, "problem")), &input.Error{File: texts.Draw(t, "unread"), Line: rapid.IntRange(0, 2).Draw(t, "at"), Problem: texts.Draw(t, "why not")}}
		r.Skipped = []input.Skipped{{File: texts.Draw(t, "skipped"), Reason: texts.Draw(t, "because")}}
	}
	return r
}

// log is what code scanning reads of SARIF.
type log struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Name, SemanticVersion string
				Rules                 []struct {
					ID, HelpURI                             string
					ShortDescription, FullDescription, Help struct{ Text string }
					DefaultConfiguration                    struct{ Level string }
					Properties                              struct{ Tags []string }
				}
			}
		}
		Invocations []struct{ ExecutionSuccessful bool }
		Results     []struct {
			RuleID              string
			RuleIndex           int
			Message             struct{ Text string }
			Locations           []location
			RelatedLocations    []location
			PartialFingerprints struct{ PrimaryLocationLineHash string }
		}
	}
}

type location struct {
	ID               int
	PhysicalLocation struct {
		ArtifactLocation struct{ URI string }
		Region           struct{ StartLine int }
	}
}

func TestAnyResultKeepsToTheSchema(t *testing.T) {
	s := schema(t)
	program := &lang.Program{Dir: "policies", Policy: &policy.Policy{Name: "shop"}}
	rapid.Check(t, func(t *rapid.T) {
		r := findings(t)
		var b bytes.Buffer
		if err := report.Write(&b, "sarif", report.OfCheck(r, program)); err != nil {
			t.Fatal(err)
		}
		valid(t, s, b.Bytes())
		var l log
		if err := json.Unmarshal(b.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		codeScanning(t, l, r)
	})
}

// codeScanning holds a log to what GitHub says of the files that it takes: texts of
// rules of at most 1,024 characters, at most 20 tags, a place with a line for each result, paths
// below the repository, a fingerprint of its own for each.
func codeScanning(t *rapid.T, l log, r check.Result) {
	run := l.Runs[0]
	if len(run.Results) != len(r.Findings) || run.Tool.Driver.SemanticVersion == "" || run.Invocations[0].ExecutionSuccessful != (len(r.Problems) == 0) {
		t.Fatalf("%d results of %d findings: %+v", len(run.Results), len(r.Findings), run)
	}
	for _, rule := range run.Tool.Driver.Rules {
		for _, text := range []string{rule.ShortDescription.Text, rule.FullDescription.Text, rule.Help.Text, rule.DefaultConfiguration.Level} {
			if text == "" || utf8.RuneCountInString(text) > 1024 {
				t.Fatalf("%s has a text of %d characters", rule.ID, utf8.RuneCountInString(text))
			}
		}
		if len(rule.Properties.Tags) > 20 {
			t.Fatalf("%s has %d tags", rule.ID, len(rule.Properties.Tags))
		}
	}
	prints := map[string]bool{}
	for i, result := range run.Results {
		print := result.PartialFingerprints.PrimaryLocationLineHash
		if print == "" || prints[print] {
			t.Fatalf("%q is not a fingerprint of its own", print)
		}
		prints[print] = true
		if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
			t.Fatalf("rule %d is not %s", result.RuleIndex, result.RuleID)
		}
		if links, want := strings.Count(result.Message.Text, "]("), len(result.RelatedLocations); links != want {
			t.Fatalf("%d links in %q, want %d", links, result.Message.Text, want)
		}
		if len(result.Locations) != 1 || result.Locations[0].PhysicalLocation.Region.StartLine < 1 {
			t.Fatalf("no line: %+v", result.Locations)
		}
		at, err := url.Parse(result.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		if err != nil || at.Path != r.Findings[i].File && utf8.ValidString(r.Findings[i].File) && "./"+r.Findings[i].File != at.Path && at.Path != strings.TrimPrefix(r.Findings[i].File, "./") {
			t.Fatalf("%q leads to %q, not to %q: %v", result.Locations[0].PhysicalLocation.ArtifactLocation.URI, at.Path, r.Findings[i].File, err)
		}
		if filepath.IsAbs(r.Findings[i].File) != (at.Scheme == "file") {
			t.Fatalf("%q: an absolute path is not one below the repository", at)
		}
	}
}

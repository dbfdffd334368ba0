package lang_test

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/policies"
)

var update = flag.Bool("update", false, "write what came out into the cases")

// now is the day of all cases.
var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const version = "0.1.0"

// TestCases holds each policy in testdata/lang to what it must come to: the file
// "want" of an archive has every diagnostic, with its range, and where there is
// no error the controls of every container that restrict something. Lines before
// the first file say which folder is loaded, with which variables, and which
// controls the case is about (without the last: all that no preset decided):
//
//	load: team
//	var: env=prod
//	show: capabilities
func TestCases(t *testing.T) {
	names, err := filepath.Glob("../../testdata/lang/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases in testdata/lang", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			c := readCase(t, archive)
			got := c.run()
			if *update {
				record(t, name, archive, got)
				return
			}
			if got != c.want {
				t.Errorf("%s\n--- want\n%s--- got\n%s(after reading it well: go test ./compiler/lang -run Cases -update)", name, c.want, got)
			}
		})
	}
}

type testCase struct {
	files fstest.MapFS
	load  string
	vars  []lang.Variable
	show  []string
	want  string
}

func readCase(t *testing.T, archive *txtar.Archive) testCase {
	c := testCase{files: fstest.MapFS{}, load: "."}
	for _, f := range archive.Files {
		if f.Name == "want" {
			c.want = string(f.Data)
			continue
		}
		c.files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok || strings.HasPrefix(key, "#"):
		case key == "load":
			c.load = value
		case key == "show":
			c.show = strings.Fields(value)
		case key == "var":
			name, text, _ := strings.Cut(value, "=")
			c.vars = append(c.vars, lang.Variable{Name: name, Text: text, Origin: "--var"})
		default:
			t.Fatalf("a case cannot say %q", key)
		}
	}
	return c
}

func record(t *testing.T, name string, archive *txtar.Archive, got string) {
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func options(files fs.FS) lang.Options {
	return lang.Options{
		Facts: targetFacts,
		Open: func(dir string) (fs.FS, error) {
			if _, err := fs.ReadDir(files, dir); err != nil {
				return nil, err
			}
			return fs.Sub(files, dir)
		},
		Presets: policies.FS, Now: now, Version: version,
	}
}

func (c testCase) run() string {
	opts := options(c.files)
	opts.Variables = c.vars
	program, diags := lang.Load(c.load, opts)
	var out strings.Builder
	for _, d := range diags {
		describe(&out, d)
	}
	if !diags.HasErrors() {
		c.render(&out, program)
	}
	return out.String()
}

// presetLine is a place in a preset, whose lines move.
var presetLine = regexp.MustCompile(`(bulkhead:presets/[a-z]+\.hcl):\d+`)

func describe(out *strings.Builder, d *hcl.Diagnostic) {
	severity := map[hcl.DiagnosticSeverity]string{hcl.DiagError: "error", hcl.DiagWarning: "warning"}[d.Severity]
	place := "nowhere"
	if s := d.Subject; s != nil {
		place = fmt.Sprintf("%s:%d:%d-%d:%d", s.Filename, s.Start.Line, s.Start.Column, s.End.Line, s.End.Column)
		if s.Start.Line == s.End.Line {
			place = fmt.Sprintf("%s:%d:%d-%d", s.Filename, s.Start.Line, s.Start.Column, s.End.Column)
		}
	}
	fmt.Fprintf(out, "%s %s %s\n", severity, place, d.Summary)
	for line := range strings.Lines(d.Detail) {
		fmt.Fprintf(out, "  %s\n", presetLine.ReplaceAllString(strings.TrimRight(line, "\n"), "$1:N"))
	}
}

// render shows what the policy comes to, as far as the case is about it.
func (c testCase) render(out *strings.Builder, program *lang.Program) {
	p := program.Policy
	fmt.Fprintf(out, "policy %s\n", p.Name)
	for _, ctrl := range control.Controls() {
		if s := p.Settings[ctrl.ID]; ctrl.Scope == control.OfPolicy {
			c.setting(out, ctrl, s)
		}
	}
	for container := range p.Subjects() {
		fmt.Fprintf(out, "%s\n", container.ID())
		for _, ctrl := range control.Controls() {
			if ctrl.Scope != control.OfPolicy {
				c.setting(out, ctrl, container.Get(ctrl.ID))
			}
		}
	}
	for _, f := range p.Flows {
		if !c.shows("flow") {
			break
		}
		fmt.Fprintf(out, "flow %s: %s -> %s %v\n", f.Name, ends(f.From), ends(f.To), f.Ports)
	}
	if c.shows("exception") {
		for _, e := range p.Exceptions {
			fmt.Fprintf(out, "exception %s (%s) until %s\n", e.Name, e.Policy, e.Expires)
		}
	}
	if c.shows("test") {
		for _, t := range program.Tests {
			fmt.Fprintf(out, "test %s: %s/%s\n", t.Name, t.Workload, t.Container)
			for _, a := range t.Attempts {
				fmt.Fprintf(out, "  %s %+v: %s %s\n", a.Kind, a.Value, a.Expect, a.Control)
			}
		}
	}
}

func (c testCase) shows(name string) bool {
	return len(c.show) == 0 || slices.ContainsFunc(c.show, func(s string) bool { return strings.HasPrefix(name, s) })
}

func (c testCase) setting(out *strings.Builder, ctrl *control.Control, s policy.Setting) {
	preset := strings.HasPrefix(s.Range.Filename, "bulkhead:")
	if preset && len(c.show) == 0 || !c.shows(string(ctrl.ID)) || !ctrl.Restricts(s.Value) && s.Text == ctrl.Loosest.Text {
		return
	}
	note := ""
	if s.Granted != nil {
		note += " granted by " + s.Granted.Name
	}
	if s.Warn != nil {
		note += " only warns: " + s.Warn.Name
	}
	for _, e := range s.Exempt {
		note += " only warns for images: " + e.Name
	}
	place := fmt.Sprintf("%s:%d", s.Range.Filename, s.Range.Start.Line)
	if preset { // whose lines move
		place = s.Policy
	}
	fmt.Fprintf(out, "  %s = %s (%s)%s\n", ctrl.ID, ctrl.Show(s.Value), place, note)
}

func ends(list []policy.End) string {
	var out []string
	for _, e := range list {
		if e.Workload != nil {
			out = append(out, e.Workload.Name+fmt.Sprint(e.Workload.Match))
			continue
		}
		p := e.Peer
		out = append(out, fmt.Sprint(p.Name, p.Namespaces, slices.Sorted(maps.Keys(p.Labels)), p.CIDRs, p.Hosts))
	}
	return strings.Join(out, ", ")
}

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// version is the compiler's own, which policies may require.
const version = report.Version

func newApp() *app {
	a := &app{targets: targets.All(), in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Environ(), now: time.Now, width: 100}
	if fd := int(os.Stderr.Fd()); term.IsTerminal(fd) {
		a.terminal = os.Getenv("TERM") != "dumb"
		_, noColor := os.LookupEnv("NO_COLOR")
		a.color = a.terminal && !noColor
		if w, _, err := term.GetSize(fd); err == nil && w > 20 {
			a.width = min(w, 120)
		}
	}
	return a
}

// policyFlags are those of every command that reads a policy.
type policyFlags struct {
	vars       []string
	varFiles   []string
	kubernetes string
	now        string
	maxBytes   int64
}

func (f *policyFlags) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.vars, "var", nil, "give a `NAME=VALUE` to a variable of the policy (repeatable)")
	c.Flags().StringArrayVar(&f.varFiles, "var-file", nil, "read variables from a `FILE` of NAME = VALUE lines (repeatable)")
	c.Flags().StringVar(&f.kubernetes, "kubernetes", "", "the `VERSION` of Kubernetes, such as 1.34 (default: what the policy's platform states, else the newest known)")
	c.Flags().StringVar(&f.now, "now", "", "judge exceptions as on this `DAY` (2026-01-31; default: today)")
	c.Flags().Int64Var(&f.maxBytes, "max-bytes", lang.DefaultMaxBytes, "refuse files of more than this many `BYTES`")
}

// time gives the moment that decides which exceptions are in force.
func (f *policyFlags) time(a *app) (time.Time, error) {
	if f.now == "" {
		return a.now(), nil
	}
	t, err := time.Parse("2006-01-02", f.now)
	if err != nil {
		return t, fmt.Errorf("--now is a day such as 2026-01-31; %q is not", f.now)
	}
	return t, nil
}

// variables collects the values of variables: the environment, then files, then
// the command line, of which the last wins.
func (f *policyFlags) variables(a *app) ([]lang.Variable, error) {
	const prefix = "BULKHEAD_VAR_"
	var out []lang.Variable
	for _, e := range slices.Sorted(slices.Values(a.env)) {
		if name, value, ok := strings.Cut(e, "="); ok && strings.HasPrefix(name, prefix) {
			out = append(out, lang.Variable{Name: strings.TrimPrefix(name, prefix), Text: value, Origin: name, Optional: true})
		}
	}
	for _, name := range f.varFiles {
		vars, err := variablesFrom(name)
		if err != nil {
			return nil, err
		}
		out = append(out, vars...)
	}
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return nil, fmt.Errorf("--var is NAME=VALUE; %q is not", v)
		}
		out = append(out, lang.Variable{Name: name, Text: value, Origin: "--var"})
	}
	return out, nil
}

func variablesFrom(name string) ([]lang.Variable, error) {
	file, diags := hclparse.NewParser().ParseHCLFile(name)
	if diags.HasErrors() {
		return nil, diags
	}
	attrs, diags := file.Body.JustAttributes()
	if diags.HasErrors() {
		return nil, diags
	}
	var out []lang.Variable
	for _, n := range slices.Sorted(maps.Keys(attrs)) {
		v, diags := attrs[n].Expr.Value(nil)
		if diags.HasErrors() {
			return nil, diags
		}
		out = append(out, lang.Variable{Name: n, Value: v, Origin: name})
	}
	return out, nil
}

// load reads a policy and prints what is wrong with it.
func (a *app) load(name string, f *policyFlags) (*lang.Program, error) {
	now, err := f.time(a)
	if err != nil {
		return nil, err
	}
	vars, err := f.variables(a)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(name, "bulkhead:") {
		name = filepath.ToSlash(filepath.Clean(name))
	}
	program, diags := lang.Load(name, lang.Options{
		Open: openFolder, Presets: policies.FS, Variables: vars, Kubernetes: f.kubernetes, Facts: target.Facts(a.targets), Targets: target.Names(a.targets), Now: now, Version: version, MaxBytes: f.maxBytes,
	})
	return program, a.report(diags, program)
}

// openFolder gives a folder that no link leads out of.
func openFolder(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}

// report prints diagnostics with the source that they are about. A policy names
// its files as seen from its folder; people are shown where that is.
func (a *app) report(diags hcl.Diagnostics, program *lang.Program) error {
	if len(diags) == 0 {
		return nil
	}
	files := map[string]*hcl.File{}
	for name, f := range program.Files {
		files[program.Path(name)] = &hcl.File{Bytes: harmless(f.Bytes), Body: f.Body, Nav: f.Nav}
	}
	out := a.err
	if a.color { // the escapes are ours: those of the policy are gone
		out = a.plain.err
	}
	w := hcl.NewDiagnosticTextWriter(out, files, uint(a.width), a.color)
	for _, d := range diags {
		shown := *d
		shown.Summary, shown.Detail = report.PrintableLines(d.Summary), report.PrintableLines(d.Detail)
		shown.Subject, shown.Context = moved(d.Subject, program.Path), moved(d.Context, program.Path)
		if err := w.WriteDiagnostic(&shown); err != nil {
			return err
		}
	}
	if diags.HasErrors() {
		return errReported
	}
	return nil
}

// harmless puts question marks where a source has control characters, so that places
// in it stay the same.
func harmless(source []byte) []byte {
	out := bytes.Clone(source)
	for i, b := range out {
		second := i > 0 && out[i-1] == 0xc2 && b >= 0x80 && b < 0xa0 // of one beyond ASCII
		if second {
			out[i-1] = '?'
		}
		if second || b == 0x7f || b < ' ' && !strings.ContainsRune("\t\r\n", rune(b)) {
			out[i] = '?'
		}
	}
	return out
}

func moved(r *hcl.Range, path func(string) string) *hcl.Range {
	if r == nil {
		return nil
	}
	out := *r
	out.Filename = path(r.Filename)
	return &out
}

// build reads and compiles a policy, in memory. Only narrows what is emitted.
func (a *app) build(name string, f *policyFlags, only func(target.Target) bool) (*lang.Program, *target.Build, error) {
	program, err := a.load(name, f)
	if err != nil {
		return nil, nil, err
	}
	b, diags, err := target.Compile(program.Policy, a.targets, only)
	if err != nil {
		return nil, nil, fmt.Errorf("%w\nThis is a mistake of Bulkhead's, not of the policy's: please report it with the policy", err)
	}
	if b != nil {
		program.Policy = b.Policy
	}
	return program, b, a.report(diags, program)
}

func (a *app) environment(p *policy.Policy, f *policyFlags) target.Environment {
	now, _ := f.time(a) // checked when the policy was loaded
	return target.Environment{Platform: p.Platform, Now: now}
}

// progress gives a function that shows, on a terminal, how far something is.
func (a *app) progress(what string) (show func(done, total int), clear func()) {
	if !a.terminal {
		return nil, func() {}
	}
	last := time.Time{}
	show = func(done, total int) {
		if now := a.now(); now.Sub(last) > 100*time.Millisecond {
			last = now
			fmt.Fprintf(a.plain.err, "\r\x1b[K%s %d/%d", what, done, total)
		}
	}
	return show, func() { fmt.Fprint(a.plain.err, "\r\x1b[K") }
}

// policyArg is the policy that a command is about: the current folder unless
// named.
func policyArg(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// sources are the files that a policy was read from, for the manifest.
func sources(files map[string]*hcl.File) []target.Source {
	var out []target.Source
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, target.Source{Path: path.Clean(name), Body: files[name].Bytes})
	}
	return out
}

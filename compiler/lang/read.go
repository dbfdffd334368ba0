package lang

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// folder is the files of one policy.
type folder struct {
	dir   string // as diagnostics name it
	fs    fs.FS  // for fixtures and file()
	rules []*hcl.File
	tests []*hcl.File
}

const (
	extension     = ".hcl"
	testExtension = ".test.hcl"
)

// read finds and parses the files of a policy.
func (l *loader) read(src source) (*folder, hcl.Diagnostics) {
	if name, ok := strings.CutPrefix(src.name, presetPrefix); ok {
		return l.readPreset(name, src)
	}
	dir, only := src.name, ""
	if strings.HasSuffix(src.name, extension) {
		dir, only = path.Split(src.name)
		dir = path.Clean(dir)
	}
	fsys, err := l.opts.Open(dir)
	if err != nil {
		return nil, hcl.Diagnostics{errorf(src.at, "Policy not found", "There is no policy at %q: %s.", src.name, cause(err))}
	}
	names, diags := policyFiles(fsys, dir, only, src)
	if diags.HasErrors() {
		return nil, diags
	}
	if l.dir == "" {
		l.dir = dir
	}
	f := &folder{dir: dir, fs: fsys}
	for _, name := range names {
		diags = append(diags, l.parse(f, name)...)
	}
	return f, diags
}

// policyFiles lists a folder's policy files and tests; of a single file, itself
// and the tests beside it that carry its name.
func policyFiles(fsys fs.FS, dir, only string, src source) ([]string, hcl.Diagnostics) {
	if only != "" {
		names := []string{only}
		if test := strings.TrimSuffix(only, extension) + testExtension; exists(fsys, test) {
			names = append(names, test)
		}
		return names, nil
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, hcl.Diagnostics{errorf(src.at, "Policy not found", "The folder %q cannot be read: %s.", dir, cause(err))}
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), extension) && !strings.HasPrefix(e.Name(), ".") && !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	if !slices.ContainsFunc(names, func(n string) bool { return !strings.HasSuffix(n, testExtension) }) {
		return nil, hcl.Diagnostics{errorf(src.at, "No policy here", "The folder %q has no .hcl file with a policy. `bulkhead init` writes a first one.", dir)}
	}
	return names, nil
}

func exists(fsys fs.FS, name string) bool { _, err := fs.Stat(fsys, name); return err == nil }

func (l *loader) readPreset(name string, src source) (*folder, hcl.Diagnostics) {
	presets := presetNames(l.opts.Presets)
	if !slices.Contains(presets, name) {
		return nil, hcl.Diagnostics{errorf(src.at, "Unknown preset", "No preset is called %q.%s There are: %s.", src.name, didYouMean(name, presets), strings.Join(presets, ", "))}
	}
	sub, err := fs.Sub(l.opts.Presets, "presets")
	if err != nil {
		panic(err)
	}
	f := &folder{dir: strings.TrimSuffix(presetPrefix, ":") + ":presets", fs: sub}
	return f, l.parse(f, name+extension)
}

func presetNames(fsys fs.FS) []string {
	entries, err := fs.ReadDir(fsys, "presets")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), extension); ok {
			names = append(names, name)
		}
	}
	return names
}

// parse reads one file into the folder, under the name that diagnostics use.
func (l *loader) parse(f *folder, name string) hcl.Diagnostics {
	shown := l.shown(f.dir, name)
	at := &hcl.Range{Filename: shown, Start: hcl.InitialPos, End: hcl.InitialPos}
	limit := l.opts.MaxBytes
	if strings.HasPrefix(f.dir, presetPrefix) { // ours, whatever the user's limit
		limit = DefaultMaxBytes
	}
	body, err := readFile(f.fs, name, limit)
	if err != nil {
		return hcl.Diagnostics{errorf(at, "File not readable", "%s: %s.", shown, cause(err))}
	}
	file, diags := parseHCL(body, shown)
	if file == nil {
		return diags
	}
	if !diags.HasErrors() {
		l.meter.install(file.Body.(*hclsyntax.Body))
	}
	l.files[shown] = file
	if strings.HasSuffix(name, testExtension) {
		f.tests = append(f.tests, file)
	} else {
		f.rules = append(f.rules, file)
	}
	return diags
}

// parseHCL parses a file whose shape cannot exhaust the parser, which recurses.
func parseHCL(body []byte, name string) (*hcl.File, hcl.Diagnostics) {
	at := &hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, hcl.Diagnostics{errorf(at, "Empty file", "%s has nothing in it, so it would hold nothing. Write a policy, or remove the file.", name)}
	case !isText(body):
		return nil, hcl.Diagnostics{errorf(at, "Not a text file", "%s is not UTF-8 text. Save it as UTF-8.", name)}
	case bytes.HasPrefix(body, []byte("\uFEFF")):
		return nil, hcl.Diagnostics{errorf(at, "Byte order mark", "%s begins with a byte order mark. Save it as UTF-8 without one.", name)}
	}
	if d := tooComplex(body, name); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	file, diags := hclsyntax.ParseConfig(body, name, hcl.InitialPos)
	if len(diags) > maxSyntaxErrors {
		diags = diags[:maxSyntaxErrors] // what follows one mistake of syntax is often its echo
	}
	return file, diags
}

func isText(body []byte) bool { return utf8.Valid(body) && !bytes.ContainsRune(body, 0) }

const maxSyntaxErrors = 20

// complexity bounds one file; a thousand workloads have some 50,000 words.
var complexity = hcltext.Limits{Nesting: 250, Operators: 2_000, Words: 500_000}

// tooComplex finds nesting, chains of operators and sheer numbers of words that no
// author writes.
func tooComplex(body []byte, name string) *hcl.Diagnostic {
	at, excess := complexity.Exceeds(body, name)
	if excess == hcltext.Within {
		return nil
	}
	what := map[hcltext.Excess]string{hcltext.TooManyWords: "are more words", hcltext.TooDeep: "is deeper nesting", hcltext.TooManyOperators: "are more operators"}[excess]
	return errorf(&at, "File too complex", "There %s here than any policy needs, and more than can be read safely. Split it up.", what)
}

// readFile reads a file of at most the given size.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, fmt.Errorf("it has more than %d bytes, which is the limit", limit)
	}
	return body, err
}

// cause strips what the operating system adds about how it was asked.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// shown names a file as seen from the policy's own folder, so that artifacts do
// not depend on where the compiler was started.
func (l *loader) shown(dir, name string) string {
	if !strings.HasPrefix(dir, presetPrefix) {
		if rel, err := filepath.Rel(l.dir, dir); err == nil {
			dir = filepath.ToSlash(rel)
		}
	}
	return path.Join(dir, name)
}

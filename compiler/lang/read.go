package lang

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
	shown := path.Join(f.dir, name)
	at := &hcl.Range{Filename: shown, Start: hcl.InitialPos, End: hcl.InitialPos}
	body, err := readFile(f.fs, name, l.opts.MaxBytes)
	if err != nil {
		return hcl.Diagnostics{errorf(at, "File not readable", "%s: %s.", shown, cause(err))}
	}
	file, diags := parseHCL(body, shown)
	if file == nil {
		return diags
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
	case len(strings.TrimSpace(string(body))) == 0:
		return nil, hcl.Diagnostics{errorf(at, "Empty file", "%s has nothing in it, so it would hold nothing. Write a policy, or remove the file.", name)}
	case strings.ContainsRune(string(body), 0), !utf8.Valid(body):
		return nil, hcl.Diagnostics{errorf(at, "Not a text file", "%s is not UTF-8 text. Save it as UTF-8.", name)}
	}
	if d := tooDeep(body, name); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	return hclsyntax.ParseConfig(body, name, hcl.InitialPos)
}

// The parser and evaluator recurse once for each of these; a goroutine's stack
// is finite and overflowing it cannot be caught.
const (
	maxNesting   = 250
	maxOperators = 2_000
	maxTokens    = 2 << 20 // of one file
)

// tooDeep finds nesting, chains of operators and sheer numbers of tokens that no
// author writes.
func tooDeep(body []byte, name string) *hcl.Diagnostic {
	tokens, _ := hclsyntax.LexConfig(body, name, hcl.InitialPos)
	refuse := func(at hcl.Range, what string) *hcl.Diagnostic {
		return errorf(&at, "File too complex", "There %s here than any policy needs, and more than can be read safely. Split it up.", what)
	}
	depth, operators := 0, 0
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
			hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
			hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			depth--
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenQuestion:
			operators++
		case hclsyntax.TokenIdent:
			if depth <= 1 { // an attribute or block begins
				operators = 0
			}
		}
		switch {
		case depth > maxNesting:
			return refuse(t.Range, "is deeper nesting")
		case operators > maxOperators:
			return refuse(t.Range, "are more operators")
		case i > maxTokens:
			return refuse(t.Range, "are more words")
		}
	}
	return nil
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

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
	if d := tooDeep(body, name); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	file, diags := hclsyntax.ParseConfig(body, name, hcl.InitialPos)
	if len(diags) > maxSyntaxErrors {
		diags = diags[:maxSyntaxErrors] // what follows one mistake of syntax is often its echo
	}
	return file, diags
}

func isText(body []byte) bool { return utf8.Valid(body) && !bytes.ContainsRune(body, 0) }

// The parser and evaluator recurse once for each of these; a goroutine's stack
// is finite and overflowing it cannot be caught. A token takes some 500 bytes
// from lexing to evaluation.
const (
	maxNesting      = 250
	maxOperators    = 2_000   // in one expression, with those around it
	maxTokens       = 500_000 // of one file; a thousand workloads have some 50,000
	maxSyntaxErrors = 20
)

// tooDeep finds nesting, chains of operators and sheer numbers of tokens that no
// author writes.
func tooDeep(body []byte, name string) *hcl.Diagnostic {
	refuse := func(at hcl.Range, what string) *hcl.Diagnostic {
		return errorf(&at, "File too complex", "There %s here than any policy needs, and more than can be read safely. Split it up.", what)
	}
	if countWords(body) > maxTokens {
		return refuse(hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}, "are more words")
	}
	tokens, _ := hclsyntax.LexConfig(body, name, hcl.InitialPos)
	// One count of operators for each bracket that is open: those of an outer
	// expression are still on the stack while an inner one is read.
	open := []bracket{{kind: hclsyntax.TokenOBrace}}
	total := 0
	reset := func() {
		total -= open[len(open)-1].operators
		open[len(open)-1].operators = 0
	}
	for i, t := range tokens {
		kind := open[len(open)-1].kind
		switch t.Type {
		case hclsyntax.TokenOBrack:
			if i > 0 && endsOperand(tokens[i-1].Type) { // an index, which nests to the left
				open[len(open)-1].operators++
				total++
			}
			open = append(open, bracket{kind: t.Type})
		case hclsyntax.TokenTemplateControl: // %{ if } and %{ for } nest without a bracket
			open[len(open)-1].operators++
			total++
			open = append(open, bracket{kind: t.Type})
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			open = append(open, bracket{kind: t.Type})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
			hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if len(open) > 1 {
				reset()
				open = open[:len(open)-1]
			}
		case hclsyntax.TokenNewline:
			if kind == hclsyntax.TokenOBrace { // elsewhere an expression goes on
				reset()
			}
		case hclsyntax.TokenComma:
			if kind != hclsyntax.TokenTemplateInterp && kind != hclsyntax.TokenTemplateControl {
				reset()
			}
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenQuestion, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp,
			hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq:
			open[len(open)-1].operators++
			total++
		}
		switch {
		case len(open) > maxNesting:
			return refuse(t.Range, "is deeper nesting")
		case total > maxOperators:
			return refuse(t.Range, "are more operators")
		}
	}
	return nil
}

// bracket is one that is open, with the operators of the expression right inside.
type bracket struct {
	kind      hclsyntax.TokenType
	operators int
}

func endsOperand(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenIdent, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenCQuote, hclsyntax.TokenStar:
		return true
	}
	return false
}

// countWords counts what may become tokens, without making them: runs of letters and
// digits, and every other byte that is no space.
func countWords(body []byte) int {
	n := 0
	inside := false
	for _, b := range body {
		letter := b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80
		if !letter && b != ' ' && b != '\t' && b != '\r' || letter && !inside {
			n++
		}
		inside = letter
	}
	return n
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

package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tree is the source tree that TestControlsInOnePlace counts in: another one gives
// figures to compare with, and is not judged.
var tree = flag.String("tree", "../..", "source tree in which TestControlsInOnePlace counts")

// maxFiles is the most files that may name a control, on average: its own, and one
// each of two targets. A constant that stands for a control's ID in a
// package would hide the files that use it, so there are none.
const maxFiles = 3

// overrides are the tables of controls outside of compiler/control that stay, by file
// and by the declaration that they are in. A target has one for what it writes by hand.
var overrides = map[string]string{
	"compiler/model/seccomp/effect.go effectsOf":          "which statements narrow what is allowed",
	"compiler/model/seccomp/support.go controls":          "which controls go into a profile",
	"compiler/model/seccomp/support.go bypassedByIOUring": "what io_uring does without a system call",
	"targets/apparmor/controls.go covered":                "what goes into a profile",
	"targets/apparmor/controls.go capabilities":           "what the kernel mediates beside capabilities",
	"targets/apparmor/controls.go mediated":               "what rules of a profile mediate",
	"targets/falco/watch.go watchers":                     "how violations show in system calls",
	"targets/falco/watch.go specials":                     "whose conditions are not made of values alone",
	"targets/networkpolicy/networkpolicy.go covered":      "what the ends of refused connections are",
	"targets/rego/controls.go handwritten":                "rules written by hand",
	"targets/rego/controls.go onPlatform":                 "rules that depend on the platform",
	"targets/rego/controls.go nodeVersions":               "fields of a node that report versions",
	"targets/terraform/controls.go handwritten":           "expressions written by hand",
	"targets/terraform/controls.go encodings":             "what those expressions compare with",
}

// TestControlsInOnePlace counts the files that name each control, and the tables that
// are keyed by controls outside of their own package.
func TestControlsInOnePlace(t *testing.T) {
	s, err := readTree(*tree)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	by := s.files()
	for _, id := range slices.Sorted(maps.Values(s.ids)) {
		files := by[id]
		total += len(files)
		t.Logf("%2d %s: %s", len(files), id, strings.Join(files, " "))
	}
	mean := float64(total) / float64(len(s.ids))
	tables := s.tables()
	for _, table := range tables {
		t.Log(table)
	}
	t.Logf("%d controls, each named in %.2f files; %d tables keyed by control outside of %s", len(s.ids), mean, len(tables), s.dir)
	if *tree != "../.." {
		return
	}
	if mean > maxFiles {
		t.Errorf("a control is named in %.2f files on average; at most %v", mean, maxFiles)
	}
	used := map[string]bool{}
	for _, table := range tables {
		switch key := table.file + " " + table.in; {
		case overrides[key] == "":
			t.Errorf("%s: keep what is known of a control in its file in %s", table, s.dir)
		case used[key]:
			t.Errorf("%s: there is another table in %s", table, table.in)
		default:
			used[key] = true
		}
	}
	for key := range overrides {
		if !used[key] {
			t.Errorf("%s has no table of controls; take it out of the list", key)
		}
	}
}

// sourceTree has the Go files of a tree that are neither tests nor generated.
type sourceTree struct {
	set   *token.FileSet
	all   map[string]*ast.File // by path
	dir   string               // the package that declares the controls
	ids   map[string]string    // of controls, by the name of the constant
	known map[string]bool      // the IDs
}

func readTree(root string) (*sourceTree, error) {
	s := &sourceTree{set: token.NewFileSet(), all: map[string]*ast.File{}, ids: map[string]string{}, known: map[string]bool{}}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == "testdata" || name == ".git" || name == "controltest"): // what only tests use
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(s.set, path, nil, parser.ParseComments)
		if err != nil || ast.IsGenerated(file) {
			return err
		}
		relative, err := filepath.Rel(root, path)
		s.all[filepath.ToSlash(relative)] = file
		return err
	})
	for path, file := range s.all {
		s.declared(path, file)
	}
	if err == nil && len(s.ids) == 0 {
		err = fmt.Errorf("%s: no constant is the ID of a control", root)
	}
	return s, err
}

// declared adds the controls that a file declares: constants of type ID.
func (s *sourceTree) declared(path string, file *ast.File) {
	for _, d := range file.Decls {
		general, ok := d.(*ast.GenDecl)
		if !ok || general.Tok != token.CONST {
			continue
		}
		for _, spec := range general.Specs {
			value := spec.(*ast.ValueSpec)
			ty, ok := value.Type.(*ast.Ident)
			if !ok || ty.Name != "ID" || len(value.Values) != 1 {
				continue
			}
			if text, ok := literal(value.Values[0]); ok {
				s.ids[value.Names[0].Name], s.known[text], s.dir = text, true, filepath.ToSlash(filepath.Dir(path))
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// named gives the control that a node names: by its constant, or as a string.
func (s *sourceTree) named(path string, n ast.Node) string {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && x.Name == filepath.Base(s.dir) {
			return s.ids[n.Sel.Name]
		}
	case *ast.Ident:
		if filepath.ToSlash(filepath.Dir(path)) == s.dir {
			return s.ids[n.Name]
		}
	case *ast.BasicLit:
		if text, ok := literal(n); ok && s.known[text] {
			return text
		}
	}
	return ""
}

// names lists the controls that are named within a node.
func (s *sourceTree) names(path string, within ast.Node) []string {
	found := map[string]bool{}
	if within != nil {
		ast.Inspect(within, func(n ast.Node) bool {
			if id := s.named(path, n); id != "" {
				found[id] = true
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(found))
}

// files lists the files that name each control.
func (s *sourceTree) files() map[string][]string {
	out := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(s.all)) {
		for _, id := range s.names(path, s.all[path]) {
			out[id] = append(out[id], path)
		}
	}
	return out
}

// table is a piece of code that says something of several controls, each by its ID.
type table struct {
	file     string
	in       string // the variable or function that has it
	line     int
	kind     string
	controls int
}

func (t table) String() string {
	return fmt.Sprintf("%s:%d: %s of %d controls in %s", t.file, t.line, t.kind, t.controls, t.in)
}

// tables lists the maps and lists that are written out with controls as keys or in
// their elements, and the switches with controls in their cases.
func (s *sourceTree) tables() []table {
	var out []table
	for path, file := range s.all {
		if strings.HasPrefix(path, s.dir+"/") && !strings.Contains(path[len(s.dir)+1:], "/") && strings.HasSuffix(s.dir, "control") {
			continue
		}
		inspectDeclarations(file, func(in string, n ast.Node) bool {
			kind, keys := "", []ast.Node{}
			switch n := n.(type) {
			case *ast.CompositeLit:
				kind, keys = listed(n)
			case *ast.SwitchStmt:
				kind = "a switch"
				for _, clause := range n.Body.List {
					for _, e := range clause.(*ast.CaseClause).List {
						keys = append(keys, e)
					}
				}
			}
			found := map[string]bool{}
			for _, key := range keys {
				for _, id := range s.names(path, key) {
					found[id] = true
				}
			}
			if len(found) > 1 {
				out = append(out, table{path, in, s.set.Position(n.Pos()).Line, kind, len(found)})
				return false
			}
			return true
		})
	}
	slices.SortFunc(out, func(a, b table) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// inspectDeclarations inspects a file, with the name of the function or of the first
// variable of the declaration that each node is in.
func inspectDeclarations(file *ast.File, inspect func(in string, n ast.Node) bool) {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			ast.Inspect(f, func(n ast.Node) bool { return inspect(f.Name.Name, n) })
			continue
		}
		for _, spec := range d.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				ast.Inspect(v, func(n ast.Node) bool { return inspect(v.Names[0].Name, n) })
			}
		}
	}
}

// listed gives the keys of a map, and of a list its elements or, where these are
// structs, their own.
func listed(n *ast.CompositeLit) (kind string, keys []ast.Node) {
	switch n.Type.(type) {
	case *ast.MapType:
		kind = "a map"
	case *ast.ArrayType:
		kind = "a list"
	default:
		return "", nil
	}
	for _, e := range n.Elts {
		pair, isPair := e.(*ast.KeyValueExpr)
		row, isRow := e.(*ast.CompositeLit)
		switch {
		case isPair:
			keys = append(keys, pair.Key)
		case isRow:
			for _, field := range row.Elts {
				if value, ok := field.(*ast.KeyValueExpr); ok {
					field = value.Value
				}
				switch field.(type) {
				case *ast.SelectorExpr, *ast.Ident, *ast.BasicLit:
					keys = append(keys, field)
				}
			}
		default:
			keys = append(keys, e)
		}
	}
	return kind, keys
}

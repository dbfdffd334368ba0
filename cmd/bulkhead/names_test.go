package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// subjects are literals that are the name of a target and mean something else.
var subjects = []string{
	// Names of rules' local values, for the profiles that pods choose.
	"compiler/podrule/field.go", "targets/rego/controls.go", "targets/rego/profiles.go",
	// What the kernel's layer is called in messages.
	"compiler/control/privileges_seccomp.go",
}

// No code outside a target's folder and the list of targets names the target, so
// that a new one edits nothing else. Texts for people may speak of seccomp or
// Falco; what is looked for are names by themselves, and in paths and command
// lines.
func TestNoTargetIsNamedElsewhere(t *testing.T) {
	names := strings.Join(target.Names(targets.All()), "|")
	naming := regexp.MustCompile(`^(` + names + `)$|^(` + names + `)/|\bbuild/(` + names + `)\b|--target (` + names + `)\b|bulkhead (?:judge|lint) (` + names + `)\b`)
	root := filepath.Join("..", "..")
	found := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"docs", "testdata", ".git"}, rel):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || slices.Contains(subjects, filepath.ToSlash(rel)):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if _, imports := n.(*ast.ImportSpec); imports {
				return false
			}
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			found++
			text, err := strconv.Unquote(literal.Value)
			if name := naming.FindStringSubmatch(text); err == nil && name != nil && !inFolderOf(rel, name) {
				t.Errorf("%s names a target: %s", set.Position(literal.Pos()), literal.Value)
			}
			return true
		})
		return nil
	})
	if err != nil || found < 1000 {
		t.Fatalf("%d literals were looked at: %v", found, err)
	}
}

// inFolderOf reports whether a file lies in the folder of the target that a match
// names.
func inFolderOf(file string, match []string) bool {
	for _, name := range match[1:] {
		if name != "" && strings.HasPrefix(filepath.ToSlash(file), "targets/"+strings.ReplaceAll(name, "-", "")+"/") {
			return true
		}
	}
	return false
}

// What the targets say of themselves fits together.
func TestTargetsFitTogether(t *testing.T) {
	facts := map[string]platform.Definition{}
	byDefault := map[string]string{} // by group
	var inForce []string
	for _, tg := range targets.All() {
		info := tg.Info()
		if info.Name == "" || info.Layer == "" {
			t.Errorf("%+v: no name or no layer", info)
		}
		for _, f := range info.Facts {
			if known, ok := facts[f.FactName()]; ok && known != f {
				t.Errorf("%s: another target has another fact %s", info.Name, f.FactName())
			}
			facts[f.FactName()] = f
		}
		if !info.Default {
			continue
		}
		inForce = append(inForce, info.Name)
		if other, ok := byDefault[info.Group]; ok && info.Group != "" {
			t.Errorf("%s and %s of the group %s are both in force by default", other, info.Name, info.Group)
		}
		byDefault[info.Group] = info.Name
	}
	for _, f := range platform.Shared() {
		if known, ok := facts[f.FactName()]; ok && known != f {
			t.Errorf("a target has another fact %s", f.FactName())
		}
	}
	want := []string{"rego", "seccomp", "apparmor", "security-profiles-operator", "networkpolicy", "falco", "terraform"}
	if !slices.Equal(inForce, want) {
		t.Errorf("in force by default are %v, want %v: a policy that names no targets would change", inForce, want)
	}
}

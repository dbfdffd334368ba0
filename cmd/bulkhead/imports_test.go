package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bulkhead-policy/bulkhead/"

// allowed lists the packages of ours that a package may import (docs/architecture.md);
// false where the package itself is not listed.
func allowed(pkg string) ([]string, bool) {
	listed := map[string][]string{
		"compiler/address":             nil,
		"compiler/linux":               nil,
		"compiler/image":               nil,
		"compiler/edit":                nil,
		"compiler/hcltext":             nil,
		"compiler/input":               nil,
		"compiler/podrule":             {"compiler/image"},
		"compiler/control":             {"compiler/linux", "compiler/image", "compiler/podrule"},
		"compiler/platform":            {"compiler/address", "compiler/linux", "compiler/input", "compiler/control"},
		"compiler/policy":              {"compiler/address", "compiler/hcltext", "compiler/linux", "compiler/image", "compiler/control", "compiler/platform"},
		"compiler/attempt":             {"compiler/linux", "compiler/input"},
		"compiler/lang":                {"compiler/address", "compiler/hcltext", "compiler/linux", "compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/model/profile"},
		"compiler/target":              {"compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/model/profile"},
		"compiler/trial":               {"compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target", "compiler/lang", "compiler/model/profile"},
		"compiler/check":               {"compiler/hcltext", "compiler/edit", "compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target", "compiler/model/profile"},
		"compiler/control/gen":         nil,
		"compiler/control/controltest": {"compiler/control"},
		"compiler/model/reach":         nil,
		"compiler/model/flow":          {"compiler/address", "compiler/control", "compiler/platform", "compiler/policy"},
		"compiler/model/example":       {"compiler/control", "compiler/policy", "compiler/model/profile"},
		"compiler/model/profile":       {"compiler/control", "compiler/policy"},
		"compiler/model/seccomp": {"compiler/linux", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target",
			"compiler/model/profile", "compiler/model/seccomp/filter"},
		"compiler/model/seccomp/filter": {"compiler/linux"},
		"cmd/bulkhead/report":           {"compiler/*"},
		"policies":                      nil,
	}
	if list, ok := listed[pkg]; ok {
		return list, true
	}
	parts := strings.Split(pkg, "/")
	target := []string{"compiler/address", "compiler/hcltext", "compiler/linux", "compiler/image", "compiler/podrule", "compiler/edit", "compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target", "compiler/model/*"}
	switch {
	case pkg == "targets":
		return append(target, "targets/*"), true
	case parts[0] == "targets" && len(parts) == 2: // a target: its reader is below it
		return append(target, pkg+"/*"), true
	case parts[0] == "targets" && len(parts) == 3: // a reader: sees neither policies nor emitters
		return []string{"compiler/hcltext", "compiler/linux", "compiler/model/reach"}, true
	case parts[0] == "cmd", parts[0] == "docs", parts[0] == "testdata":
		return []string{"*"}, true
	}
	return nil, false
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}:{{join .TestImports " "}} {{join .XTestImports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 20 {
		t.Fatalf("only %d packages found: %s", len(lines), out)
	}
	for _, line := range lines {
		path, imports, _ := strings.Cut(line, ":")
		pkg := strings.TrimPrefix(path, module)
		packages, ok := allowed(pkg)
		if !ok {
			t.Errorf("%s is not listed: add it to docs/architecture.md and here", pkg)
			continue
		}
		own, tests, _ := strings.Cut(imports, ":")
		for _, imported := range outside(pkg, own, slices.Concat(packages, []string{"policies"})) {
			t.Errorf("%s imports %s, which docs/architecture.md does not allow", pkg, imported)
		}
		mayTest := slices.Concat(packages, []string{"policies", "compiler/control/controltest", "testdata/suites"})
		if strings.Count(pkg, "/") == 1 && strings.HasPrefix(pkg, "targets/") {
			mayTest = append(mayTest, "targets/*") // a test may compare a target with another one
		}
		for _, imported := range outside(pkg, tests, mayTest) {
			t.Errorf("the tests of %s import %s, which docs/architecture.md does not allow", pkg, imported)
		}
	}
}

// outside lists the packages of ours among a package's imports that are not allowed.
func outside(pkg, imports string, allowed []string) []string {
	var out []string
	for _, imported := range strings.Fields(imports) {
		own, ok := strings.CutPrefix(imported, module)
		if ok && own != pkg && !within(own, allowed) {
			out = append(out, own)
		}
	}
	return out
}

func within(pkg string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(one string) bool {
		prefix, open := strings.CutSuffix(one, "*")
		return one == pkg || open && strings.HasPrefix(pkg, prefix)
	})
}

// A heavy library is imported by the packages that need it only.
func TestHeavyLibraries(t *testing.T) {
	users := map[string][]string{
		"github.com/open-policy-agent/opa/":     {"targets/rego", "cmd"},
		"github.com/hashicorp/terraform-json":   {"targets/terraform"},
		"k8s.io/api/":                           {"targets/networkpolicy"},
		"github.com/santhosh-tekuri/jsonschema": {"compiler/target"},
		"github.com/spf13/cobra":                {"cmd"},
		"k8s.io/client-go":                      nil,
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, imports, _ := strings.Cut(line, ":")
		pkg := strings.TrimPrefix(path, module)
		for _, imported := range strings.Fields(imports) {
			for library, packages := range users {
				if strings.HasPrefix(imported, library) && !slices.ContainsFunc(packages, func(p string) bool { return strings.HasPrefix(pkg, p) }) {
					t.Errorf("%s imports %s, which only %v may import", pkg, imported, packages)
				}
			}
		}
	}
}

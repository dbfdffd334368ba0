package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bulkhead-policy/bulkhead/"

// allowed says which packages of ours a package may import (docs/architecture.md).
// A package that is not listed here has not been given a room.
func allowed(pkg string) []string {
	rooms := map[string][]string{
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
		"compiler/lang":                {"compiler/address", "compiler/hcltext", "compiler/linux", "compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt"},
		"compiler/target":              {"compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/model/profile"},
		"compiler/trial":               {"compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target", "compiler/lang", "compiler/model/profile"},
		"compiler/check":               {"compiler/edit", "compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target", "compiler/model/profile"},
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
	if list, ok := rooms[pkg]; ok {
		return list
	}
	parts := strings.Split(pkg, "/")
	target := []string{"compiler/address", "compiler/hcltext", "compiler/linux", "compiler/image", "compiler/podrule", "compiler/edit", "compiler/input", "compiler/control", "compiler/platform", "compiler/policy", "compiler/attempt", "compiler/target", "compiler/model/*"}
	switch {
	case pkg == "targets":
		return append(target, "targets/*")
	case parts[0] == "targets" && len(parts) == 2: // a target: its reader is below it
		return append(target, pkg+"/*")
	case parts[0] == "targets" && len(parts) == 3: // a reader: sees neither policies nor emitters
		return []string{"compiler/hcltext", "compiler/linux", "compiler/model/reach"}
	case parts[0] == "cmd", parts[0] == "docs", parts[0] == "testdata":
		return []string{"*"}
	}
	return []string{"<no room>"}
}

func TestImportsKeepToTheirRooms(t *testing.T) {
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
		rooms := allowed(pkg)
		if slices.Equal(rooms, []string{"<no room>"}) {
			t.Errorf("%s has no room: give it one in docs/architecture.md and here", pkg)
			continue
		}
		own, tests, _ := strings.Cut(imports, ":")
		for _, imported := range outside(pkg, own, slices.Concat(rooms, []string{"policies"})) {
			t.Errorf("%s imports %s, which its room does not allow", pkg, imported)
		}
		mayTest := slices.Concat(rooms, []string{"policies", "compiler/control/controltest"})
		if strings.Count(pkg, "/") == 1 && strings.HasPrefix(pkg, "targets/") {
			mayTest = append(mayTest, "targets/*") // a test may compare a target with another one
		}
		for _, imported := range outside(pkg, tests, mayTest) {
			t.Errorf("the tests of %s import %s, which its room does not allow", pkg, imported)
		}
	}
}

// outside lists the packages of ours among a package's imports that are not in the rooms.
func outside(pkg, imports string, rooms []string) []string {
	var out []string
	for _, imported := range strings.Fields(imports) {
		own, ok := strings.CutPrefix(imported, module)
		if ok && own != pkg && !within(own, rooms) {
			out = append(out, own)
		}
	}
	return out
}

func within(pkg string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		prefix, open := strings.CutSuffix(room, "*")
		return room == pkg || open && strings.HasPrefix(pkg, prefix)
	})
}

// heavy libraries stay in the rooms that need them.
func TestHeavyLibrariesStayInTheirRooms(t *testing.T) {
	homes := map[string][]string{
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
			for library, rooms := range homes {
				if strings.HasPrefix(imported, library) && !slices.ContainsFunc(rooms, func(r string) bool { return strings.HasPrefix(pkg, r) }) {
					t.Errorf("%s imports %s, whose home is %v", pkg, imported, rooms)
				}
			}
		}
	}
}

package lang_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/policies"
)

// targetFacts are those that a target brings, as the list of targets would give them.
var targetFacts = []platform.Definition{platform.Version("apparmor", "The version of the parser.", "3.0")}

// loadFolders reads the policy in the folder "own" of some folders.
func loadFolders(kubernetes string, files map[string]string) (*lang.Program, string) {
	tree := fstest.MapFS{}
	for name, body := range files {
		tree[name] = &fstest.MapFile{Data: []byte(body)}
	}
	program, diags := lang.Load("own", lang.Options{
		Open: func(dir string) (fs.FS, error) { return fs.Sub(tree, dir) }, Presets: policies.FS, Now: now, Version: version, Kubernetes: kubernetes,
	})
	if !diags.HasErrors() {
		return program, ""
	}
	var said []string
	for _, d := range diags {
		said = append(said, d.Summary)
	}
	return program, strings.Join(said, "; ")
}

// The version of Kubernetes is one for the policy and all that it extends,
// whichever of them states it, and known to whatever asks for it.
func TestKubernetes(t *testing.T) {
	const own = `policy "own" { version = "1.0.0" }
`
	extends := func(name string) string { return `extends "` + name + `" { source = "../` + name + `" }` + "\n" }
	block := func(version string) string { return "platform { kubernetes = " + version + " }\n" }
	preset := `extends "preset" { source = "bulkhead:restricted" }` + "\n"
	org := func(platform string) string { return `policy "org" { version = "1.0.0" }` + "\n" + preset + platform }
	for _, c := range []struct {
		name, flag string
		files      map[string]string
		want       string // the version that holds, or what is wrong
		sysctls    int
	}{
		{"not stated", "", map[string]string{"own/p.hcl": own + preset}, "", 14},
		{"stated", "", map[string]string{"own/p.hcl": own + preset + block(`"1.31"`)}, "1.31", 10},
		{"with a patch", "", map[string]string{"own/p.hcl": own + preset + block(`"1.27.3"`)}, "1.27.3", 6},
		{"by flag", "1.0", map[string]string{"own/p.hcl": own + preset + block(`"1.31"`)}, "1.0", 5},
		{"by a variable", "", map[string]string{"own/p.hcl": own + preset + "variable \"k\" { default = \"1.29\" }\n" + block("var.k")}, "1.29", 10},
		{"by the extended", "", map[string]string{"own/p.hcl": own + extends("org"), "org/p.hcl": org(block(`"1.26"`))}, "1.26", 5},
		{"below the extended", "", map[string]string{"own/p.hcl": own + extends("org") + block(`"1.32"`), "org/p.hcl": org(block(`"1.26"`))}, "1.32", 12},
		{"by one of two", "", map[string]string{"own/p.hcl": own + preset + extends("org"), "org/p.hcl": org(block(`"1.26"`))}, "1.26", 5},
		{"inherited, and asked for in a local", "", map[string]string{
			"own/p.hcl": own + extends("org") + "locals { n = kubernetes(\"1.30\") ? 1 : 2 }\nprivileges { sysctls = local.n == 2 ? [\"kernel.shm_rmid_forced\"] : [] }\n",
			"org/p.hcl": org(block(`"1.26"`))}, "1.26", 1},
		{"too new", "", map[string]string{"own/p.hcl": own + block(`"1.38"`)}, "Unknown version", 0},
		{"too new by flag", "2.0", map[string]string{"own/p.hcl": own}, "Unknown version", 0},
		{"asked for what nobody knows", "", map[string]string{"own/p.hcl": own + "locals { x = kubernetes(\"27\") }\n"}, "Error in function call", 0},
		{"by itself", "", map[string]string{"own/p.hcl": own + block(`kubernetes("1.35") ? "1.20" : "1.36"`)}, "Version depends on itself", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			program, said := loadFolders(c.flag, c.files)
			if program.Policy == nil {
				if said != c.want {
					t.Errorf("%q, want %q", said, c.want)
				}
				return
			}
			got := program.Policy.Settings[control.Sysctls].Items
			if platform.Kubernetes.Of(program.Policy.Platform) != c.want || len(got) != c.sysctls {
				t.Errorf("version %q with %d sysctls, want %q with %d", platform.Kubernetes.Of(program.Policy.Platform), len(got), c.want, c.sysctls)
			}
		})
	}
}

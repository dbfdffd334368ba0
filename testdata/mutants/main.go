// Command mutants changes one line of the code at random, many times, and says
// which changes no test notices: make mutants SEED=7. The tree is not touched;
// the changed file is laid over it. The same seed makes the same changes of the
// same code.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	seed := flag.Uint64("seed", 1, "which changes are drawn")
	count := flag.Int("count", 48, "how many changes are tried that compile")
	timeout := flag.String("timeout", "15m", "of the tests of one package")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./compiler/...", "./targets/...", "./cmd/..."}
	}
	survivors, err := run(*seed, *count, *timeout, patterns)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

func run(seed uint64, count int, timeout string, patterns []string) (survivors int, err error) {
	all, err := list("./compiler/...", "./targets/...", "./cmd/...")
	if err != nil {
		return 0, err
	}
	chosen, err := list(patterns...)
	if err != nil {
		return 0, err
	}
	var sites []mutant
	for _, p := range chosen {
		for _, name := range p.GoFiles {
			found, err := mutantsOf(p.ImportPath, filepath.Join(p.Dir, name))
			if err != nil {
				return 0, err
			}
			sites = append(sites, found...)
		}
	}
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	tried := 0
	for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(sites)) {
		if tried == count {
			break
		}
		m := sites[i]
		fate, err := try(m, folder, timeout, testers(all, m.pkg))
		if err != nil {
			return 0, err
		}
		if fate == "does not compile" {
			continue
		}
		tried++
		fmt.Printf("%2d/%d %s: %s\n", tried, count, m, fate)
		if fate == survives {
			survivors++
			fmt.Println(m.diff())
		}
	}
	fmt.Printf("seed %d: %d of %d changes survive\n", seed, survivors, tried)
	return survivors, nil
}

const survives = "SURVIVES"

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath, Dir                    string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
	TestGoFiles, XTestGoFiles          []string
}

func list(patterns ...string) ([]goPackage, error) {
	cmd := exec.Command("go", append([]string{"list", "-json"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// command has the goldens and the scripts, which depend on everything.
const command = "github.com/bulkhead-policy/bulkhead/cmd/bulkhead"

// testers gives the packages whose tests may notice a change of a package: its
// own, those that import it, and the command.
func testers(all []goPackage, changed string) []string {
	var out []string
	for _, p := range all {
		imports := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		tests := len(p.TestGoFiles)+len(p.XTestGoFiles) > 0
		if tests && p.ImportPath != changed && (slices.Contains(imports, changed) || p.ImportPath == command) {
			out = append(out, p.ImportPath)
		}
	}
	return append([]string{changed}, out...)
}

// try lays the changed file over the tree and runs the tests, package by package
// until one notices.
func try(m mutant, folder, timeout string, packages []string) (fate string, err error) {
	file, overlay := filepath.Join(folder, "mutant.go"), filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, m.changed(), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: file}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return "", err
	}
	if _, err := goCommand(overlay, "build", "-o", os.DevNull, m.pkg); err != nil {
		return "does not compile", nil
	}
	for _, p := range packages {
		if out, err := goCommand(overlay, "test", "-failfast", "-vet=off", "-timeout", timeout, p); err != nil {
			return "killed by " + strings.TrimPrefix(p, modulePrefix) + failed(out), nil
		}
	}
	return survives, nil
}

const modulePrefix = "github.com/bulkhead-policy/bulkhead/"

// goCommand runs go with the overlay, which commands that tests build take too.
func goCommand(overlay string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOFLAGS=-overlay="+overlay)
	return cmd.CombinedOutput()
}

// failed names the first test that failed.
func failed(out []byte) string {
	for _, line := range strings.Split(string(out), "\n") {
		if name, ok := strings.CutPrefix(line, "--- FAIL: "); ok {
			return " " + strings.Fields(name)[0]
		}
	}
	return ""
}

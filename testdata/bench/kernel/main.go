// Kernel prints what seccomp profiles cost a program that makes many system calls: under no filter, moby's default and the profiles that it is given.
// It needs runc, gcc and to be root.
//
//	kernel NAME=PROFILE.json...
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// rounds are interleaved, so that what else the machine does hits all profiles alike. The median counts.
const rounds = 9

// kinds are the columns that calls prints.
var kinds = []string{"getppid", "pipe", "open, close", "personality", "socket, close"}

// candidate is a profile, and the nanoseconds that were measured under it, by kind.
type candidate struct {
	name    string
	profile *specs.LinuxSeccomp
	times   [][]float64
}

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	candidates, err := read(args)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bulkhead-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := os.MkdirAll(filepath.Join(folder, "rootfs", "proc"), 0o755); err != nil {
		return err
	}
	if out, err := exec.Command("gcc", "-static", "-O2", "-o", filepath.Join(folder, "rootfs", "calls"), "testdata/bench/kernel/testdata/calls.c").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	for range rounds {
		for i := range candidates {
			if err := candidates[i].measure(folder); err != nil {
				return fmt.Errorf("%s: %w", candidates[i].name, err)
			}
		}
	}
	print(candidates)
	return nil
}

func read(args []string) ([]candidate, error) {
	caps := capabilities()
	theirs, err := moby.GetDefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: caps}})
	if err != nil {
		return nil, err
	}
	list := []candidate{{name: "no filter"}, {name: "moby's default", profile: theirs}}
	for _, arg := range args {
		name, path, _ := strings.Cut(arg, "=")
		body, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c := candidate{name: name, profile: new(specs.LinuxSeccomp)}
		if err := json.Unmarshal(body, c.profile); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, c)
	}
	for i := range list {
		list[i].times = make([][]float64, len(kinds))
	}
	return list, nil
}

func capabilities() *specs.LinuxCapabilities {
	var names []string
	for _, name := range linux.RuntimeDefaultCapabilities() {
		names = append(names, "CAP_"+name)
	}
	return &specs.LinuxCapabilities{Bounding: names, Effective: names, Permitted: names}
}

func (c *candidate) measure(folder string) error {
	spec := specs.Spec{
		Version: "1.0.2",
		Root:    &specs.Root{Path: "rootfs", Readonly: true},
		Process: &specs.Process{Args: []string{"/calls"}, Cwd: "/", NoNewPrivileges: true, Capabilities: capabilities()},
		Mounts:  []specs.Mount{{Destination: "/proc", Type: "proc", Source: "proc"}},
		Linux: &specs.Linux{Seccomp: c.profile, Namespaces: []specs.LinuxNamespace{
			{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace}, {Type: specs.MountNamespace},
		}},
	}
	body, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "config.json"), body, 0o644); err != nil {
		return err
	}
	out, err := exec.Command("runc", "--root", filepath.Join(folder, "state"), "run", "--bundle", folder, fmt.Sprintf("bulkhead-bench-%d", os.Getpid())).Output()
	if err != nil {
		return err
	}
	for i := range kinds {
		var ns float64
		if _, err := fmt.Sscan(strings.Fields(string(out))[i], &ns); err != nil {
			return err
		}
		c.times[i] = append(c.times[i], ns)
	}
	return nil
}

func (c *candidate) median(kind int) float64 {
	sorted := slices.Sorted(slices.Values(c.times[kind]))
	return sorted[len(sorted)/2]
}

func print(candidates []candidate) {
	fmt.Printf("%-28s", "ns a call (and by no filter)")
	for _, kind := range kinds {
		fmt.Printf("%16s", kind)
	}
	fmt.Println()
	for _, c := range candidates {
		fmt.Printf("%-28s", c.name)
		for kind := range kinds {
			fmt.Printf("%9.0f (%.2f)", c.median(kind), c.median(kind)/candidates[0].median(kind))
		}
		fmt.Println()
	}
}

// Command check measures bulkhead check in a folder that generate has filled and
// that holds the programs bulkhead, conftest and parse: beside them, and with much
// input. It prints medians of five runs, in which
// the programs take turns: while the machine is busy, it is so for all of them.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// turns is how often each is measured where they are compared.
const turns = 5

// run is what one run took.
type run struct {
	clock, processors time.Duration // processors: user and system
	memory            int64         // at its peak, in bytes
}

// program is a command line, and what its runs took.
type program struct {
	name string
	args []string
	runs []run
}

func main() {
	dir := os.Args[1]
	in := func(name string) string { return filepath.Join(dir, name) }
	check := func(name, input string) *program {
		return &program{name: name, args: []string{in("bulkhead"), "check", "--policy", "bulkhead:hardened", in(input)}}
	}
	bundle := exec.Command(in("bulkhead"), "compile", "bulkhead:hardened", "-o", in("hardened"))
	if out, err := bundle.CombinedOutput(); err != nil {
		log.Fatalf("%v: %s", err, out)
	}
	if err := os.Remove(in("hardened/rego/policy_test.rego")); err != nil { // conftest would read the tests too
		log.Fatal(err)
	}

	fmt.Println("== check 2,000 two-container Deployments in files of their own, all controls of hardened")
	ours := check("bulkhead check", "deployments")
	theirs := &program{name: "conftest test, the bundle that bulkhead emits", args: []string{in("conftest"), "test", "--policy", in("hardened/rego"), in("deployments")}}
	bare := &program{name: "go.yaml.in/yaml/v3 to nodes, and nothing else", args: []string{in("parse"), in("deployments")}}
	measure(turns, ours, theirs, bare)
	fmt.Printf("bulkhead is %.1f times as fast as conftest (in processor time %.1f)\n", ratio(theirs, ours, clock), ratio(theirs, ours, processors))
	fmt.Printf("and takes %.1f times as long as parsing (in processor time %.1f)\n", ratio(ours, bare, clock), ratio(ours, bare, processors))

	fmt.Println("\n== the same, before anybody kept to hardened: nine or ten findings each")
	untidy := check("bulkhead check", "before")
	measure(turns, untidy)
	fmt.Printf("this takes %.1f times as long as parsing (in processor time %.1f)\n", ratio(untidy, bare, clock), ratio(untidy, bare, processors))

	fmt.Println("\n== a single file")
	measure(turns, check("one file", "deployments/d0001.yaml"))

	fmt.Println("\n== much input")
	stream := check("2,000 documents in one file", "stream.yaml")
	measure(turns, stream)
	many := check("20,000 files", "many")
	measure(1, many, check("a document of 50 MB", "large.yaml"))
	fmt.Printf("20,000 files take %.1f times as long as 2,000 (in processor time %.1f)\n", ratio(many, ours, clock), ratio(many, ours, processors))
}

// measure runs programs by turns and prints what they took.
func measure(turns int, programs ...*program) {
	for range turns {
		for _, p := range programs {
			p.runs = append(p.runs, once(p.args))
		}
	}
	for _, p := range programs {
		peak := slices.MaxFunc(p.runs, func(a, b run) int { return int(a.memory - b.memory) }).memory
		fmt.Printf("%-58s %8.3f s %8.3f s of processors %6d MB\n", p.name, p.median(clock).Seconds(), p.median(processors).Seconds(), peak>>20)
	}
}

// once runs a command. Exit code 1 tells of findings, which are no failure.
func once(args []string) run {
	c := exec.Command(args[0], args[1:]...)
	start := time.Now()
	err := c.Run()
	took := time.Since(start)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		log.Fatalf("%v: %v", args, err)
	}
	memory := int64(0)
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = usage.Maxrss << 10 // of Linux, in kilobytes
	}
	return run{took, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), memory}
}

func clock(r run) time.Duration      { return r.clock }
func processors(r run) time.Duration { return r.processors }

func (p *program) median(of func(run) time.Duration) time.Duration {
	var all []time.Duration
	for _, r := range p.runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func ratio(a, b *program, of func(run) time.Duration) float64 {
	return a.median(of).Seconds() / b.median(of).Seconds()
}

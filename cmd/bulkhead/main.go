// Command bulkhead compiles one policy of how containers are confined into the
// artifacts of each layer that enforces or watches it, and tests them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/spf13/cobra"
)

// Exit codes: 0 clean, 1 findings or failed tests, 2 the input could not be used.
const (
	exitFindings = 1
	exitUnusable = 2
)

// errFindings ends a run whose findings are printed already.
var errFindings = errors.New("findings")

// errReported ends a run whose errors are printed already.
var errReported = errors.New("input not usable")

// app is what commands need of the world.
type app struct {
	targets  []target.Target
	in       io.Reader
	out, err io.Writer
	plain    streams // out and err as they are, for what is meant to be acted upon
	env      []string
	now      func() time.Time
	terminal bool // err is a terminal, and wide enough to show progress on
	color    bool
	width    int
	// boundHeap is called before work of which little remains; nil where the process is not ours alone.
	boundHeap func()
}

func main() {
	a := newApp()
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		a.boundHeap = boundHeap
		debug.SetGCPercent(400) // most of what is made is small and soon gone: letting the heap grow pays
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Reading a pipe that nobody writes to cannot be cancelled: give what is under
	// way a moment to end (a folder is exchanged in one step), then end.
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends at once
		time.Sleep(time.Second)
		os.Exit(exitUnusable)
	})
	signal.Ignore(syscall.SIGPIPE) // a reader who went away is an error like others, and no silent end
	os.Exit(run(ctx, a, os.Args[1:]))
}

// boundHeap makes the collector keep to what a CI job can spare. The limit is soft: what
// is needed beyond it is had. After each collection it is set anew: half as much as is
// kept must fit beside it, or the collector would run all the time.
func boundHeap() {
	const spare = 240 << 20
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	kept := int64(m.Sys - m.HeapIdle)
	debug.SetMemoryLimit(max(spare, kept+kept/2))
	collected := new([64]byte) // large enough to be no part of something else
	runtime.AddCleanup(collected, func(struct{}) { boundHeap() }, struct{}{})
}

type streams struct{ out, err io.Writer }

// run carries out one command line and gives the exit code. What is printed may hold
// text from inputs, so that it is made harmless on both streams.
func run(ctx context.Context, a *app, args []string) int {
	out, errs := report.NewLineWriter(a.out), report.NewLineWriter(a.err)
	a.plain = streams{a.out, a.err}
	a.out, a.err = out, errs
	code := carryOut(ctx, a, args)
	if err := out.Close(); err != nil && code == 0 {
		fmt.Fprintf(a.err, "Error: %s\n", err)
		code = exitUnusable
	}
	_ = errs.Close() // there is nowhere to say that it failed
	return code
}

func carryOut(ctx context.Context, a *app, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return 0
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errReported):
		return exitUnusable
	default:
		// Further lines are indented, so that none of them looks like one of ours.
		fmt.Fprintf(a.err, "Error: %s\n", strings.ReplaceAll(report.PrintableLines(err.Error()), "\n", "\n  "))
		return exitUnusable
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "bulkhead",
		Short: "One policy for container confinement, compiled for every layer and tested",
		Long: `Bulkhead compiles one policy, written in HCL, into what each layer needs to
confine containers: Rego for admission and CI, seccomp and AppArmor profiles,
Kubernetes network policies, Falco rules and Terraform checks. It then tests
those artifacts, so that what was meant is what holds.`,
		Example: `  bulkhead init                              # a first policy, with tests
  bulkhead test                              # does it hold what it says?
  bulkhead compile                           # write the artifacts to build/
  bulkhead check --policy . deploy/*.yaml    # hold manifests against it`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(
		a.initCommand(), a.validateCommand(), a.fmtCommand(), a.compileCommand(), a.testCommand(), a.checkCommand(),
		a.judgeCommand(), a.lintCommand(), a.controlsCommand(), a.targetsCommand(), a.explainCommand(), a.versionCommand(),
	)
	sayUsage(root)
	return root
}

// sayUsage has a wrong number of arguments answered with the usage of the command.
func sayUsage(c *cobra.Command) {
	if demands := c.Args; demands != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if demands(c, args) != nil {
				return fmt.Errorf("%s given; usage: %s (%s --help)", count(len(args), "argument"), c.UseLine(), c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		sayUsage(sub)
	}
}

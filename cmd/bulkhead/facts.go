package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// factFlags are the options that state the facts which a target's artifacts depend
// on, where anybody's artifact has no policy that could.
type factFlags struct {
	facts   []platform.Definition
	values  []*string // of each fact
	include string    // the folder with included files; "": none
}

func addFactFlags(c *cobra.Command, info target.Info) *factFlags {
	var f factFlags
	if info.Includes != "" {
		c.Flags().StringVar(&f.include, "include", "", info.Includes)
	}
	for _, fact := range info.Facts {
		if usage := fact.Flag(); usage != "" {
			f.facts = append(f.facts, fact)
			f.values = append(f.values, c.Flags().String(fact.FactName(), "", usage))
		}
	}
	return &f
}

// environment is what the options of a command line state.
func (f *factFlags) environment(c *cobra.Command, now time.Time) (target.Environment, error) {
	environment := target.Environment{Now: now}
	for i, fact := range f.facts {
		if !c.Flags().Changed(fact.FactName()) {
			continue
		}
		facts, err := fact.Parse(*f.values[i], environment.Platform)
		if err != nil {
			return environment, err
		}
		environment.Platform = facts
	}
	if f.include != "" {
		root, err := os.OpenRoot(f.include) // of which links do not lead out
		if err != nil {
			return environment, fmt.Errorf("--include: %w", err)
		}
		environment.Includes = root.FS()
	}
	return environment, nil
}

// targetHelp is what a command for artifacts of one target says of them.
func targetHelp(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, "\n\n")
}

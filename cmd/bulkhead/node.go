package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// nodeFlags say where anybody's artifact takes effect.
type nodeFlags struct {
	runtime, capabilities, kernel, libseccomp string
}

func (f *nodeFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.runtime, "runtime", "", "the `RUNTIME` that uses the artifact, such as \"containerd 2.0\"")
	c.Flags().StringVar(&f.capabilities, "capabilities", "", "the container's bounding `SET`, such as NET_ADMIN,SYS_ADMIN, ALL or \"\" for none (default: what the runtime gives)")
	c.Flags().StringVar(&f.kernel, "kernel", "", "the `VERSION` of the node's kernel, such as 6.1 (default: the newest)")
	c.Flags().StringVar(&f.libseccomp, "libseccomp", "", "the `RELEASE` of the node's libseccomp, such as 2.5.4 (default: one that knows every call)")
}

// given reports whether any of them is on the command line.
func (f *nodeFlags) given(c *cobra.Command) bool {
	return slices.ContainsFunc([]string{"runtime", "capabilities", "kernel", "libseccomp"}, c.Flags().Changed)
}

// conditions are what the flags of a command line say.
func (f *nodeFlags) environment(c *cobra.Command, now time.Time) target.Environment {
	environment := target.Environment{Now: now, Kernel: f.kernel, Libseccomp: f.libseccomp}
	environment.Runtime = f.runtime
	switch {
	case !c.Flags().Changed("capabilities"):
	case f.capabilities == "ALL":
		for _, c := range linux.Capabilities() {
			environment.Capabilities = append(environment.Capabilities, c.Name)
		}
	default:
		environment.Capabilities = []string{}
		for _, name := range strings.FieldsFunc(f.capabilities, func(r rune) bool { return r == ',' || r == ' ' }) {
			environment.Capabilities = append(environment.Capabilities, strings.TrimPrefix(name, "CAP_"))
		}
	}
	return environment
}

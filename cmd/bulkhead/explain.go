package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

func (a *app) explainCommand() *cobra.Command {
	var flags policyFlags
	var from string
	c := &cobra.Command{
		Use:   "explain CONTROL",
		Short: "Say what a control means, what a policy sets it to, and what holds it",
		Example: `  bulkhead explain capabilities.drop
  bulkhead explain seccomp.allow --policy policies/payments`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctrl, err := findControl(args[0])
			if err != nil {
				return err
			}
			explainControl(a.out, ctrl)
			if !c.Flags().Changed("policy") && !hasPolicy(from) {
				_, err := fmt.Fprintln(a.out, "\nWith --policy, also what a policy sets it to and which targets hold it.")
				return err
			}
			program, b, err := a.build(from, &flags, func(target.Target) bool { return false })
			if err != nil {
				return err
			}
			explainIn(a.out, ctrl, b, program.Path)
			return nil
		},
	}
	flags.add(c)
	c.Flags().StringVarP(&from, "policy", "p", ".", "the `POLICY` that the control is explained in")
	return c
}

// hasPolicy reports whether a folder holds policy files.
func hasPolicy(dir string) bool {
	names, err := policyFiles([]string{dir})
	return err == nil && slices.ContainsFunc(names, func(n string) bool { return !strings.ContainsAny(n, "/\\") })
}

func findControl(name string) (*control.Control, error) {
	if ref, ok := control.ParseRef(name); ok {
		c, _ := control.Lookup(ref.ID)
		return c, nil
	}
	if t, ok := control.Reserved(control.ID(name)); ok {
		return nil, fmt.Errorf("%s is a reserved name: %s will hold it", name, t)
	}
	var near []string
	for _, c := range control.Controls() {
		if strings.Contains(string(c.ID), name) || c.ID.Name() == name || c.ID.Block() == strings.SplitN(name, ".", 2)[0] {
			near = append(near, string(c.ID))
		}
	}
	if len(near) > 0 {
		return nil, fmt.Errorf("no control is called %q; near it are %s", name, join(near))
	}
	return nil, fmt.Errorf("no control is called %q; bulkhead controls lists them", name)
}

var orders = map[control.Order]string{
	control.AllowSet: "allow set: below replaces above and stays within the ceiling",
	control.DenySet:  "deny set: it only grows downward, and beats what is allowed",
	control.Ordered:  "ordered: one end is strict, and nothing below may be looser than the ceiling",
	control.Fixed:    "fixed: the nearest setting wins",
}

func explainControl(w io.Writer, c *control.Control) {
	fmt.Fprintf(w, "%s\n  %s.\n\n  Why: %s\n", c.ID, c.Title, c.Reason)
	fmt.Fprintf(w, "  Kind: %s.\n", orders[c.Order])
	fmt.Fprintf(w, "  Of: the %s. Loosest: %s.\n", c.Scope, c.Show(c.Loosest))
	if len(c.Mappings) > 0 {
		fmt.Fprintf(w, "  Asked for by: %s.\n", strings.Join(c.Mappings, "; "))
	}
}

// explainIn says what a policy makes of a control: value by value, with the
// containers that have it, and who holds it how.
func explainIn(w io.Writer, c *control.Control, b *target.Build, path func(string) string) {
	fmt.Fprintf(w, "\nIn %s:\n", b.Policy.Name)
	found := false
	for _, row := range b.Coverage.Rows {
		s := row.Statement
		if s.Control != c {
			continue
		}
		found = true
		fmt.Fprintf(w, "  %s", c.Show(s.Setting.Value))
		if s.Setting.Stated() {
			fmt.Fprintf(w, "  (%s, %s)", hcltext.At(*moved(&s.Setting.Range, path)), s.Setting.Policy)
		}
		fmt.Fprintln(w)
		if len(row.Containers) > 0 {
			fmt.Fprintf(w, "    for %s\n", strings.Join(row.Containers, ", "))
		}
		for _, t := range slices.Sorted(maps.Keys(row.Supports)) {
			support := row.Supports[t]
			if support.Level == target.NotApplicable {
				continue
			}
			reason := ""
			if support.Reason != "" {
				reason = ": " + support.Reason
			}
			if support.Level == target.None {
				fmt.Fprintf(w, "    %s does not hold it%s\n", t, reason)
				continue
			}
			fmt.Fprintf(w, "    %s %s it (%s)%s\n", t, support.Mode, support.Level, reason)
		}
		switch g := gapOf(b.Coverage.Gaps, row); {
		case g.Accepted != nil:
			fmt.Fprintf(w, "    that nothing holds it is accepted until %s, by the exception %q\n", g.Accepted.Expires, g.Accepted.Name)
		case len(g.LeftOut) > 0:
			fmt.Fprintf(w, "    left out: no target in platform.targets enforces it; %s would\n", join(g.LeftOut))
		}
		if s.Setting.Warn != nil {
			fmt.Fprintf(w, "    only reported until %s, by the exception %q\n", s.Setting.Warn.Expires, s.Setting.Warn.Name)
		}
		for _, e := range s.Setting.Exempt {
			fmt.Fprintf(w, "    only reported of %s until %s, by the exception %q\n", strings.Join(control.Value{Items: e.Images}.Keys(), ", "), e.Expires, e.Name)
		}
	}
	by := settingControl(c, b.Policy)
	switch {
	case found:
	case by != "":
		fmt.Fprintf(w, "  set by %s: bulkhead explain %s\n", by, by)
	default:
		fmt.Fprintln(w, "  not restricted anywhere")
	}
}

// gapOf gives the gap of a row; the zero Gap where a target enforces it.
func gapOf(gaps []target.Gap, row target.Row) target.Gap {
	for _, g := range gaps {
		if g.Statement.Control == row.Statement.Control && slices.Equal(g.Containers, row.Containers) {
			return g
		}
	}
	return target.Gap{}
}

// settingControl is the control that sets this one in some container, and so is explained in its place; "" of none.
func settingControl(c *control.Control, p *policy.Policy) control.ID {
	for container := range p.Subjects() {
		if s := container.Get(c.ID); s.Via != "" && c.Restricts(s.Value) {
			return s.Via
		}
	}
	return ""
}

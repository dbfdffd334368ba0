// Command gen writes the pages of docs/ that are made from code: the controls,
// and which target holds which.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/example"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
)

//go:generate go run .

const notice = "<!-- Made from code by `make generate`; change the code instead. -->\n\n"

func main() {
	write("../controls.md", controls())
	write("../targets/README.md", support())
	write("../attempts.md", attempts())
	write("../pod-fields.md", podFields())
}

func write(name string, body []byte) {
	if err := os.WriteFile(name, body, 0o644); err != nil {
		log.Fatal(err)
	}
}

func load(name string) *policy.Policy {
	program, diags := lang.Load(name, lang.Options{
		Open:    func(dir string) (fs.FS, error) { return os.DirFS(dir), nil },
		Presets: policies.FS, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Version: "0.1.0", Facts: target.Facts(targets.All()),
	})
	if diags.HasErrors() {
		log.Fatal(diags)
	}
	return target.InForce(program.Policy, targets.All())
}

func controls() []byte {
	var b bytes.Buffer
	b.WriteString("# Controls\n\n" + notice)
	b.WriteString("Every control with its kind of order, what it is a property of, and the value that restricts nothing.\nWhat the kinds of order mean is in [the language](language.md); which target holds which control is in\n[targets](targets/README.md). `bulkhead explain CONTROL` says the same of one, and what your policy makes of it.\n\n" +
		"Examples are parts of a pod: of its metadata, its spec or one of its containers. A field that is null is not set.\n")
	presets := []string{"baseline", "restricted", "hardened"}
	values := map[string]policy.Settings{}
	for _, p := range presets {
		values[p] = load("bulkhead:" + p).Settings
	}
	everything := load("../../testdata/cases/everything")
	for _, block := range append([]string{"policy"}, control.ControlBlocks()...) {
		fmt.Fprintf(&b, "\n## %s\n", block)
		for _, c := range control.Of(block) {
			fmt.Fprintf(&b, "\n### `%s`\n\n%s. %s\n\n", c.ID, c.Title, c.Reason)
			fmt.Fprintf(&b, "- %s, of the %s; loosest `%s`\n", c.Order, c.Scope, c.Show(c.Loosest))
			for _, id := range c.Sets {
				fmt.Fprintf(&b, "- sets `%s` too, where its block does not state that\n", id)
			}
			if c.Names != nil {
				fmt.Fprintf(&b, "- values, strict first: `%s`\n", strings.Join(c.Names, "`, `"))
			}
			if c.Linux {
				b.WriteString("- means nothing to a Windows container\n")
			}
			for _, p := range presets {
				if s := values[p][c.ID]; s.Stated() && s.Policy == p {
					fmt.Fprintf(&b, "- `bulkhead:%s`: `%s`\n", p, c.Show(s.Value))
				}
			}
			if c.Since > 0 {
				fmt.Fprintf(&b, "- since Kubernetes 1.%d\n", c.Since)
			}
			b.WriteString(violation(everything, c))
			if len(c.Mappings) > 0 {
				fmt.Fprintf(&b, "- asked for by %s\n", strings.Join(c.Mappings, "; "))
			}
		}
	}
	b.WriteString("\n## Sets of system calls\n\nWhat `seccomp.allow`, `seccomp.deny` and rules may name beside single calls. " +
		"After each call stands the version of Linux that brought it; calls without one were reserved and never written, or no version is known.\n\n")
	for _, set := range linux.Sets() {
		fmt.Fprintf(&b, "- `%s`: %s", set, linux.SetMeaning(set))
		if calls, ok := linux.Set(set); ok {
			for i, name := range calls {
				if call, _ := linux.LookupSyscall(name); call.Since != "" {
					calls[i] += " " + call.Since
				}
			}
			fmt.Fprintf(&b, " (%s)", strings.Join(calls, ", "))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Reserved\n\nNames of controls that no target holds yet. Stating one is an error.\n\n")
	for _, id := range control.ReservedIDs() {
		t, _ := control.Reserved(id)
		fmt.Fprintf(&b, "- `%s`: %s\n", id, t)
	}
	return b.Bytes()
}

// violation shows a change of a pod that a policy refuses by a control, for the first
// container that it restricts.
func violation(p *policy.Policy, c *control.Control) string {
	for subject := range p.Subjects() {
		v := subject.Get(c.ID).Value
		if c.Example.Bad == nil || !c.Restricts(v) {
			continue
		}
		changes := c.Example.Bad(example.Situation(p, c, subject))
		if len(changes) == 0 {
			continue
		}
		body, err := json.Marshal(changes[0])
		if err != nil {
			log.Fatal(err)
		}
		return fmt.Sprintf("- for example, `%s` refuses `%s`\n", c.Show(v), body)
	}
	return ""
}

// support tables what each target does with a policy that states every control.
func support() []byte {
	p := load("../../testdata/cases/everything")
	all := targets.All()
	var b bytes.Buffer
	b.WriteString("# Targets\n\n" + notice)
	describe(&b, all)
	b.WriteString("\n## Controls\n\nWhat each target does with each control, for a policy that states all of them. *Prevents* makes it fail when it\nis tried, *checks* refuses what would allow it before it runs, *maintains* brings things back to it, *detects* reports it. Support depends on the value,\nthe container and the platform; `bulkhead explain CONTROL --policy DIR` tells of yours.\n\n")
	b.WriteString("| control |")
	for _, t := range all {
		fmt.Fprintf(&b, " [%s](%s.md) |", t.Info().Name, t.Info().Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(all)) + "\n")
	for _, c := range control.Controls() {
		fmt.Fprintf(&b, "| `%s` |", c.ID)
		for _, t := range all {
			fmt.Fprintf(&b, " %s |", cell(p, c, t))
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// describe tables what the targets say of themselves, and the facts that they read.
func describe(b *bytes.Buffer, all []target.Target) {
	b.WriteString("| target | layer | in force by default | group |\n|---|---|---|---|\n")
	readers := map[string][]string{}
	for _, t := range all {
		info := t.Info()
		byDefault := "no"
		if info.Default {
			byDefault = "yes"
		}
		fmt.Fprintf(b, "| [%s](%s.md) | %s | %s | %s |\n", info.Name, info.Name, info.Layer, byDefault, info.Group)
		for _, f := range info.Facts {
			readers[f.FactName()] = append(readers[f.FactName()], "`"+info.Name+"`")
		}
	}
	b.WriteString("\nIn force are the targets that `platform.targets` lists, or else those by default. Of a group one target is in force.\n")
	b.WriteString("\n## Facts\n\nWhat a policy states of its [platform](../language.md#platform), and options of `judge` and `lint` for the targets that read it.\n\n")
	b.WriteString("| fact | stated by | read by | |\n|---|---|---|---|\n")
	for _, f := range platform.Known(target.Facts(all)...) {
		var by []string
		if f.Stateable() {
			by = append(by, "`platform`")
		}
		if f.Flag() != "" {
			by = append(by, "`--"+f.FactName()+"`")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.FactName(), strings.Join(by, ", "), strings.Join(readers[f.FactName()], ", "), f.Documentation())
	}
}

// cell gives the best support of a target for any statement of a control.
func cell(p *policy.Policy, c *control.Control, t target.Target) string {
	var best target.Support
	for s := range profile.Statements(p) {
		if s.Control != c {
			continue
		}
		if got := t.Support(p, s); got.Level > best.Level {
			best = got
		}
	}
	switch best.Level {
	case target.Full:
		return best.Mode.String()
	case target.Partial:
		return best.Mode.String() + ", in part"
	}
	return ""
}

func attempts() []byte {
	var b bytes.Buffer
	b.WriteString("# Attempts\n\n" + notice)
	b.WriteString("What a test can try: each kind of attempt is a block. Every attempt also states `expect`, the outcome. With `deny` and\n`alert` it names the `control` that causes it. How tests run is in [testing](testing.md). The examples are attempts as\n`bulkhead judge` reads them.\n")
	for _, s := range attempt.Schemas() {
		var judges []string
		for _, t := range targets.All() {
			if j, ok := t.(target.Judger); ok && slices.Contains(j.Kinds(), s.Kind) {
				judges = append(judges, t.Info().Name)
			}
		}
		fmt.Fprintf(&b, "\n## `%s`\n\n%s%s. Judged by %s. The outcome is `%s` or `%s`.\n\n", s.Kind, strings.ToUpper(s.Title[:1]), s.Title[1:], strings.Join(judges, " and "), s.Outcomes.Passed, s.Outcomes.Caught)
		for _, f := range s.Fields {
			required := ""
			if f.Required {
				required = " (required)"
			}
			fmt.Fprintf(&b, "- `%s`%s: %s\n", f.Name, required, f.Doc)
		}
		if len(s.Fields) > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "```json\n%s\n```\n", strings.Join(s.Examples, "\n"))
	}
	return b.Bytes()
}

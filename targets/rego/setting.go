package rego

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// subject is whom a rule asks about: a container of a workload, or all of a workload's without a block of their own.
type subject struct {
	id      string // as policy.Container.ID, and as the rules call it
	setting policy.Setting
	value   string // what it is held to as Rego; "" where that restricts nothing
}

// held is one control for every subject of a policy.
type held struct {
	control  *control.Control
	subjects []subject
	usual    string // the value of most
	// exceptions are for images, in whose containers violations are only reported.
	exceptions []*policy.Exception
}

// hold collects what each subject is held to. Pods are asked about by the container that stands for all.
func hold(p *policy.Policy, c *control.Control, rules check) held {
	h := held{control: c}
	count := map[string]int{}
	for container := range p.Subjects() {
		if c.Scope == control.OfPod && container.Name != policy.AnyContainer {
			continue
		}
		s := subject{id: container.ID(), setting: container.Get(c.ID)}
		if c.Restricts(s.setting.Value) {
			s.value = rules.valueOf(p, c, container)
		}
		h.subjects = append(h.subjects, s)
		count[s.value]++
	}
	values := slices.Sorted(maps.Keys(count))
	if len(values) > 0 {
		h.usual = slices.MaxFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(count[a], count[b]), cmp.Compare(b, a)) })
	}
	h.exceptions = h.exceptionsOf()
	return h
}

func (h held) restricts() bool {
	return slices.ContainsFunc(h.subjects, func(s subject) bool { return s.value != "" })
}

// uniform reports whether all subjects are held to the same.
func (h held) uniform() bool {
	return !slices.ContainsFunc(h.subjects, func(s subject) bool { return s.value != h.usual })
}

// warned lists the subjects whose violations are only reported, and says whether that is all of them.
func (h held) warned() (ids []string, all bool) {
	all = true
	for _, s := range h.subjects {
		if s.value == "" {
			continue
		}
		if s.setting.Warn == nil {
			all = false
			continue
		}
		ids = append(ids, s.id)
	}
	return ids, all && len(ids) > 0
}

// tableName is the rule that tells subjects with another value than most have.
func (h held) tableName() string {
	return strings.ReplaceAll(string(h.control.ID), ".", "_") + "_of"
}

// lookup gives the lines that bind a variable to what a subject is held to, and that end the rule for subjects who are
// free. used says that the rule reads the variable.
func (h held) lookup(variable, who string, used bool) []string {
	free := slices.ContainsFunc(h.subjects, func(s subject) bool { return s.value == "" })
	if h.uniform() {
		if !used {
			return nil
		}
		return []string{variable + " := " + h.usual}
	}
	value := fmt.Sprintf("object.get(%s, %s, %s)", h.tableName(), who, orNull(h.usual))
	if !used {
		return []string{value + " != null"}
	}
	lines := []string{variable + " := " + value}
	if free {
		lines = append(lines, variable+" != null")
	}
	return lines
}

func orNull(value string) string {
	if value == "" {
		return "null"
	}
	return value
}

// table writes the rule of that name: empty where all have the same value.
func (h held) table() string {
	if h.uniform() {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Who is held to something else than most are.\n%s := {\n", h.tableName())
	for _, s := range h.subjects {
		if s.value != h.usual {
			fmt.Fprintf(&b, "\t# %s\n\t%s: %s,\n", h.origin(s), quote(s.id), orNull(s.value))
		}
	}
	b.WriteString("}\n\n")
	return b.String()
}

// origin tells in a comment where the policy says so.
func (h held) origin(s subject) string {
	text := fmt.Sprintf("%s: %s = %s", place(s.setting), h.control.ID, h.control.Show(s.setting.Value))
	if e := s.setting.Granted; e != nil {
		text += fmt.Sprintf(" (until %s, by the exception %q: %s)", e.Expires, e.Name, e.Reason)
	}
	if e := s.setting.Warn; e != nil {
		text += fmt.Sprintf(" (only reported until %s, by the exception %q: %s)", e.Expires, e.Name, e.Reason)
	}
	return comment(text)
}

// maxOrigins bounds how many places one comment lists: a thousand workloads may each say the same.
const maxOrigins = 3

// origins tells where the policy gives most subjects their value.
func (h held) origins() string {
	var lines []string
	seen := map[string]bool{}
	for _, s := range h.subjects {
		if where := place(s.setting); s.value == h.usual && s.value != "" && !seen[where] {
			seen[where] = true
			lines = append(lines, h.origin(s))
		}
	}
	more := len(lines) - maxOrigins
	if more > 0 {
		lines = append(lines[:maxOrigins], fmt.Sprintf("and %d more places", more))
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("# " + l + "\n")
	}
	return b.String()
}

func place(s policy.Setting) string { return at(s.Range) }

// at writes a range as file and line.
func at(r hcl.Range) string {
	if r.Filename == "" {
		return "by default"
	}
	return hcltext.At(r)
}

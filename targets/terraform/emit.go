package terraform

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Emit makes the module.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	files, err := staticFiles()
	if err != nil {
		return nil, err
	}
	all := slices.Clone(files)
	for _, emit := range []func(*policy.Policy) (*target.Artifact, error){emitWorkloads, emitControls, emitChecks} {
		a, err := emit(p)
		if err != nil {
			return nil, err
		}
		if a != nil {
			all = append(all, *a)
		}
	}
	slices.SortFunc(all, func(a, b target.Artifact) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// header begins every file that depends on the policy.
func header(p *policy.Policy) string {
	return "# " + comment(p.Notice()) + "\n\n"
}

// file finishes a file of the module. Its text is written as `terraform fmt`
// would have it: formatting afterwards would take longer than all else.
func file(p *policy.Policy, name, text string) *target.Artifact {
	return &target.Artifact{Path: "terraform/" + name, Body: []byte(header(p) + text)}
}

// localName is the name of the locals of a control: "host.network" is host_network.
func localName(id control.ID) string { return strings.ReplaceAll(string(id), ".", "_") }

// writeTable writes the locals of a control: what it allows to whom, and where
// something else is found. A pod is bad if it is held and does not keep to the
// control; written with anytrue, either being false decides, whether or not the
// other is known. With an exception, only what it speaks of is looked at.
func writeTable(w *bytes.Buffer, t *table, name string, only *policy.Exception) {
	fmt.Fprintf(w, "locals {\n  # %s: %s. %s\n", t.control.ID, comment(t.control.Title), comment(t.control.Reason))
	values, value := name+"_values", "allowed"
	if t.flag() {
		values, value = name+"_enforced", "enforced"
	}
	fmt.Fprintf(w, "  %s = {\n", values)
	for _, r := range t.rows {
		fmt.Fprintf(w, "    # %s\n    %s = %s\n", r.comment, quote(r.key), r.value)
	}
	w.WriteString("  }\n")
	c, _ := find(t.control.ID)
	held := fmt.Sprintf("lookup(local.%[1]s, c.any, local.%[1]s.default)", values)
	switch t.control.Scope {
	case control.OfContainer:
		held = fmt.Sprintf("lookup(local.%[1]s, c.exact, lookup(local.%[1]s, c.any, local.%[1]s.default))", values)
	case control.OfPolicy:
		held = fmt.Sprintf("local.%s.default", values)
	}
	spared := t.spared(only)
	if !t.control.AsksWindows() {
		spared = "c.windows, " + spared
	}
	fmt.Fprintf(w, "  %s = [for list in %s : [for c in list : {\n    where = c.where\n", name, t.lists())
	fmt.Fprintf(w, "    bad = !anytrue([!c.held, %s[\n      for %s in [%s] :\n      %s == null ? true : !(%s)\n    ][0]])\n  }]]\n}\n\n", spared, value, held, value, c.bad)
}

// lists are what a control is asked of.
func (t *table) lists() string {
	switch {
	case t.control.Scope != control.OfContainer:
		return "[local.held_pods]"
	case ofImages(t.control):
		return "local.images"
	case lists[t.control.ID] != "":
		return lists[t.control.ID]
	case len(t.exceptions) > 0:
		return "[for list in local.images : [for c in list : c if !c.volume]]" // containers, with their images
	}
	return "local.containers"
}

// writeCondition writes what fails if something was found.
func writeCondition(w *bytes.Buffer, indent, block string, t *table, name string) {
	said := summary(t.control)
	if t.typed != "" {
		said += "; " + t.typed
	}
	message := quote(said + " (" + string(t.control.ID) + "): ")
	fmt.Fprintf(w, "%s%s {\n", indent, block)
	fmt.Fprintf(w, "%s  condition     = !anytrue([for list in local.%s : anytrue([for x in list : x.bad == true])])\n", indent, name)
	fmt.Fprintf(w, "%s  error_message = join(\"\", [%s, join(\", \", [for x in concat([], local.%s...) : x.where if x.bad])])\n%s}\n", indent, message, name, indent)
}

// summary says what is wrong where a condition fails: as the first rule does, or else by what the control is about.
func summary(c *control.Control) string {
	if len(c.Rules) > 0 {
		return c.Rules[0].Summary()
	}
	return c.Title
}

// emitControls writes the controls that stop a run.
func emitControls(p *policy.Policy) (*target.Artifact, error) {
	var tables []*table
	var text, conditions bytes.Buffer
	for _, check := range checksOn(p) {
		c, _ := control.Lookup(check.id)
		t, err := newTable(p, c, false)
		if err != nil {
			return nil, err
		}
		if t.restricts() {
			tables = append(tables, t)
			writeTable(&text, t, localName(c.ID), nil)
			writeCondition(&conditions, "    ", "precondition", t, localName(c.ID))
		}
	}
	if t := versions(p); t != nil {
		tables = append(tables, t)
		writeVersions(&text, t.control, p.Settings[t.control.ID])
		writeCondition(&conditions, "    ", "precondition", t, localName(t.control.ID))
	}
	if len(tables) == 0 {
		return nil, nil
	}
	text.WriteString("# A precondition that fails stops the run.\nresource \"terraform_data\" \"controls\" {\n  lifecycle {\n")
	text.Write(conditions.Bytes())
	text.WriteString("  }\n}\n")
	a := file(p, "controls.tf", text.String())
	a.Mappings = origins(a.Body, "precondition {", tables)
	return a, nil
}

// emitChecks writes the controls that exceptions only report.
func emitChecks(p *policy.Policy) (*target.Artifact, error) {
	var tables []*table
	var text bytes.Buffer
	text.WriteString("# A check that fails is a warning: the run goes on.\n\n")
	for _, check := range checksOn(p) {
		c, _ := control.Lookup(check.id)
		if c.Scope == control.OfPolicy {
			continue
		}
		warned, spared := reported(p, c)
		if warned {
			t, err := newTable(p, c, true)
			if err != nil {
				return nil, err
			}
			if t.restricts() {
				tables = append(tables, t)
				writeCheck(&text, t, localName(c.ID), localName(c.ID)+"_reported", nil)
			}
		}
		if !spared {
			continue
		}
		t, err := newTable(p, c, false)
		if err != nil {
			return nil, err
		}
		for i, e := range t.exceptions {
			own := *t
			own.exception = e.Name
			tables = append(tables, &own)
			name := fmt.Sprintf("%s_exception_%d", localName(c.ID), i+1)
			writeCheck(&text, t, name, name, e)
		}
	}
	if len(tables) == 0 {
		return nil, nil
	}
	a := file(p, "checks.tf", strings.TrimRight(text.String(), "\n")+"\n")
	a.Mappings = origins(a.Body, "assert {", tables)
	return a, nil
}

// reported says whether exceptions have violations of a control reported only: in any container, and for any image.
func reported(p *policy.Policy, c *control.Control) (warned, spared bool) {
	for container := range p.Subjects() {
		s := container.Get(c.ID)
		warned, spared = warned || s.Warn != nil, spared || len(s.Exempt) > 0
	}
	return warned, spared
}

// writeCheck writes what warns, and its locals.
func writeCheck(w *bytes.Buffer, t *table, block, name string, only *policy.Exception) {
	writeTable(w, t, name, only)
	if only != nil {
		fmt.Fprintf(w, "# %s\n", comment(because(only)))
	}
	fmt.Fprintf(w, "check \"%s\" {\n", block)
	writeCondition(w, "  ", "assert", t, name)
	w.WriteString("}\n\n")
}

// origins finds the lines of the conditions, which come in the order of the tables.
func origins(body []byte, block string, tables []*table) []target.SourceMapping {
	var all []target.SourceMapping
	next := 0
	for i, line := range strings.Split(string(body), "\n") {
		if strings.TrimSpace(line) != block || next == len(tables) {
			continue
		}
		t := tables[next]
		next++
		for _, s := range t.from {
			all = append(all, target.SourceMapping{
				Location: fmt.Sprintf("line %d", i+1), Control: control.Ref{ID: t.control.ID}, Container: s.container, Range: s.rng, Exception: t.exception,
			})
		}
	}
	return all
}

package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Explanation is all that there is to say of one finding.
type Explanation struct {
	Finding check.Finding
	Others  int    // findings that are equal to it
	Body    []byte // of its file; nil where it is gone
	// Control is what it breaks; nil where no control stands behind it.
	Control *control.Control
	Setting policy.Setting // what the policy says of the control
	Stated  bool           // that it says so
	policy.Provenance
	Workload string   // the described one that it is about; "" of none
	Diff     []byte   // what --fix would change of it alone
	Written  []string // what is to be written where --fix changes nothing; with neither, people decide
	Comment  bool     // a comment in the file may ignore it
	Expires  string   // a day for an exception to end on
}

// Explain prints an explanation for people.
func Explain(out io.Writer, e Explanation, p *lang.Program) error {
	w := bufio.NewWriter(out)
	f, found := e.Finding, checkFinding(e.Finding, p)
	writeFinding(w, found)
	e.source(w)
	if e.Others > 0 {
		fmt.Fprintf(w, "  (and %s that equal it)\n", count(e.Others, "other"))
	}
	if f.Suppressed != nil {
		fmt.Fprintf(w, "\nIt does not count: it is %s.\n", Printable(found.suppression()))
	}
	if e.Control == nil {
		fmt.Fprintf(w, "\nNo control stands behind it: the finding says what is wrong, and no policy can let it go.\n")
		return w.Flush()
	}
	fmt.Fprintf(w, "\nWhy %s\n  %s. %s\n", e.Control.ID, e.Control.Title, e.Control.Reason)
	if len(e.Control.Mappings) > 0 {
		fmt.Fprintf(w, "  Asked for by: %s.\n", strings.Join(e.Control.Mappings, "; "))
	}
	if e.Stated && e.Control.Restricts(e.Setting.Value) {
		e.requiredBy(w, p)
	}
	e.howToFix(w)
	if f.Suppressed == nil && e.Stated {
		e.howToSuppress(w, p)
	}
	return w.Flush()
}

// around is how many lines before and after the finding's are shown.
const around = 2

// source prints the lines of the finding's file.
func (e Explanation) source(w io.Writer) {
	lines := strings.Split(strings.TrimSuffix(string(bytes.ToValidUTF8(e.Body, nil)), "\n"), "\n")
	if e.Body == nil || e.Finding.Line < 1 || e.Finding.Line > len(lines) {
		return
	}
	for n := max(1, e.Finding.Line-around); n <= min(len(lines), e.Finding.Line+around); n++ {
		mark := " "
		if n == e.Finding.Line {
			mark = ">"
		}
		text := strings.TrimRight(lines[n-1], "\r")
		if len(text) > longestLine {
			text = text[:longestLine] + "..."
		}
		fmt.Fprintf(w, "%s%5d | %s\n", mark, n, Printable(strings.ToValidUTF8(text, "")))
	}
}

// longestLine is how much of a line is shown, in bytes. A document in one line is not.
const longestLine = 200

// ofPods reports whether the finding is about a pod or container, not a node or the
// policy as a whole.
func (e Explanation) ofPods() bool { return e.Control.Scope != control.OfPolicy }

// ofPlan reports whether the finding is of a plan, whose resources have no kind.
func (e Explanation) ofPlan() bool { return e.Finding.Resource.Kind == "" }

// requiredBy prints which line of which policy says so.
func (e Explanation) requiredBy(w io.Writer, p *lang.Program) {
	who := "all that it holds"
	switch {
	case e.Workload != "":
		who = "the workload " + e.Workload
	case e.ofPods() && e.ofPlan():
		who = "a pod of the plan"
	case e.ofPods():
		who = "pods that no workload describes"
	}
	fmt.Fprintf(w, "\nRequired by\n  %s, in %s: %s = %s, for %s.\n",
		positionOf(e.Setting.Range, p), e.Setting.Policy, e.Control.ID, e.Control.Show(e.Setting.Value), who)
	if len(e.Chain) > 1 {
		names := make([]string, len(e.Chain))
		for i, s := range e.Chain {
			names[i] = s.Name
		}
		fmt.Fprintf(w, "  %s.\n", strings.Join(names, " extends "))
	}
}

// howToFix prints how to fix the finding.
func (e Explanation) howToFix(w io.Writer) {
	fmt.Fprintf(w, "\nHow to fix\n")
	switch {
	case len(e.Written) > 0:
		fmt.Fprintf(w, "  Write\n\n    %s\n", shownLines(e.Written))
		return
	case !e.Stated:
		fmt.Fprintf(w, "  Do what the finding says.\n")
		return
	case len(e.Diff) == 0:
		fmt.Fprintf(w, "  %s\n", e.Control.Advise(e.Setting.Value, e.ofPods() && e.ofPlan() && !slices.Contains(e.Finding.Path, "manifest")))
		return
	}
	fmt.Fprintf(w, "  bulkhead check --fix changes this for it:\n\n")
	for _, line := range strings.Split(strings.TrimSuffix(string(e.Diff), "\n"), "\n") {
		fmt.Fprintf(w, "    %s\n", Printable(line))
	}
}

func shownLines(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = Printable(l)
	}
	return strings.Join(out, "\n    ")
}

// howToSuppress prints the ways that the policy leaves to suppress the finding.
func (e Explanation) howToSuppress(w io.Writer, p *lang.Program) {
	fmt.Fprintf(w, "\nHow to suppress\n")
	id := e.Control.ID
	if !e.Control.Restricts(e.Setting.Value) {
		fmt.Fprintf(w, "  It is a warning, and fails only with --fail-on warning: that it was meant so is a guess.\n")
		e.ignoring(w, p)
		return
	}
	if e.Setting.Policy == p.Policy.Name && e.Workload == "" && e.Control.Scope != control.OfPolicy {
		fmt.Fprintf(w, "  For good: the policy itself says so, at %s.\n", positionOf(e.Setting.Range, p))
	}
	if e.Workload != "" && e.Control.Type == control.Bool && !e.Control.Restricts(e.Ceiling.Value) {
		fmt.Fprintf(w, "  For good: its ceiling lets the workload say otherwise:\n\n    workload %q {\n      %s { %s = %s }\n    }\n\n",
			e.Workload, id.Block(), id.Name(), e.Control.Show(e.Control.Loosest))
	}
	switch {
	case e.Blocker != nil:
		fmt.Fprintf(w, "  By no exception: %s (%s) does not delegate %s. Ask its owner, %s, to add it to delegate.\n",
			e.Blocker.Name, positionOf(e.Blocker.Range, p), id, e.Blocker.Owner)
	case len(p.Policy.Namespaces) == 0 && len(p.Policy.Workloads) == 0:
		fmt.Fprintf(w, "  By no exception here: %s holds nobody by itself. A policy that extends it can make one.\n", p.Policy.Name)
	default:
		fmt.Fprintf(w, "  For a while, by an exception in the policy %s:\n\n%s\n", p.Policy.Name, e.exception(p))
	}
	e.ignoring(w, p)
	fmt.Fprintf(w, "  With all that is there already: bulkhead check --write-baseline FILE ..., then --baseline FILE.\n")
}

// ignoring prints whether a comment in the file will do.
func (e Explanation) ignoring(w io.Writer, p *lang.Program) {
	if e.Comment {
		fmt.Fprintf(w, "  On this line, by a comment on it or above:\n\n    # bulkhead:ignore %s -- why it may stay\n\n", e.Control.ID)
	} else {
		fmt.Fprintf(w, "  By no comment: %s\n", e.noComment(p))
	}
}

func (e Explanation) noComment(p *lang.Program) string {
	if p.Policy.MayIgnore(e.Control.ID) {
		return "the file can have none."
	}
	return fmt.Sprintf("the policy does not list %s in ignorable.", e.Control.ID)
}

// exception writes the block of an exception for the finding.
func (e Explanation) exception(p *lang.Program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "    exception \"what it is about\" {\n")
	switch {
	case e.Workload != "":
		fmt.Fprintf(&b, "      workload = workload[%q]\n", e.Workload)
	case e.ofPods() && e.ofPlan():
		fmt.Fprintf(&b, "      workload = workload[\"NAME\"] # whose pod it is\n")
	case e.ofPods():
		fmt.Fprintf(&b, "      # For all: pods that no workload describes have no name. Describe them to except them alone.\n")
	}
	fmt.Fprintf(&b, "      warn     = [%q]\n      owner    = %q\n      reason   = \"why it cannot be fixed yet\"\n      ticket   = \"TICKET\"\n      expires  = %q\n    }\n",
		string(e.Control.ID), p.Policy.Owner, e.Expires)
	return b.String()
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

func init() { formats["text"] = text }

// text prints a line for each finding, as compilers do, and for each test, and
// counts.
func text(w *bufio.Writer, r Result) error {
	writeTests(w, r)
	for _, f := range r.Findings {
		if f.Suppressed != nil && f.Suppressed.By == check.ByBaseline {
			continue // they are many, and known: they are counted
		}
		writeFinding(w, f)
		if f.Source != "" {
			fmt.Fprintf(w, "  | %s\n", Printable(f.Source))
		}
		if f.Suppressed != nil {
			fmt.Fprintf(w, "  %s\n", Printable(f.suppression()))
		}
	}
	tally(w, r)
	return nil
}

// writeTests prints a line for each test, and under it why what failed failed and
// which controls are behind what is refused.
func writeTests(w io.Writer, r Result) {
	for _, t := range r.Tests {
		word := "ok  "
		if !t.Passed {
			word = "FAIL"
		}
		fmt.Fprintf(w, "%s  %s\n", word, Printable(t.Name))
		for _, line := range merged(t.Attempts) {
			fmt.Fprintf(w, "        %s\n", line)
		}
		for _, a := range t.Attempts {
			if !a.Passed {
				fmt.Fprintf(w, "      %s: %s%s: %s\n", a.Position, a.Kind, a.by(), indent(a.Problem))
			}
		}
	}
	for _, c := range r.Inert {
		fmt.Fprintf(w, "FAIL  %s: %s %s, even with every other control loosened: remove it, or state what it was to hold\n", c.Position, c.Control, changesNothing)
	}
	if len(r.Untested) > 0 {
		names := make([]string, len(r.Untested))
		for i, c := range r.Untested {
			names[i] = c.Control
		}
		fmt.Fprintf(w, "\nNo test stands for: %s.\n", strings.Join(names, ", "))
	}
	for _, e := range r.Exceptions {
		fmt.Fprintf(w, "Exception until %s: %s (%s, %s).\n", e.Expires, e.Name, e.Owner, e.Ticket)
	}
	if r.Tests != nil {
		fmt.Fprintln(w)
	}
}

// merged tells once what several attempts, containers and targets have in common.
func merged(attempts []Attempt) []string {
	var shapes []shape
	named := map[shape][]string{}
	for _, a := range attempts {
		if !a.Passed {
			continue
		}
		s, control := shapeOf(a)
		if !slices.Contains(shapes, s) {
			shapes = append(shapes, s)
		}
		if control != "" && !slices.Contains(named[s], control) {
			named[s] = append(named[s], control)
		}
	}
	out := make([]string, len(shapes))
	for i, s := range shapes {
		out[i] = s.what
		if controls := named[s]; len(controls) > 0 {
			out[i] += ": " + strings.Join(controls, ", ") + s.beyond + s.behind
		}
	}
	return out
}

// shape is what the lines of attempts that are told together have in common.
type shape struct{ what, behind, beyond string }

// mostTold is how many controls of a layer are told. A manifest that breaks
// many has them all in one layer; the JSON report lists them.
const mostTold = 3

// shapeOf splits what is told of an attempt into its shape and its control.
func shapeOf(a Attempt) (shape, string) {
	s := shape{what: a.Outcome + " by " + a.Target}
	if len(a.Layers) == 0 {
		return s, ""
	}
	told := func(layers [][]string) string {
		out := make([]string, len(layers))
		for i, l := range layers {
			out[i] = strings.Join(l[:min(len(l), mostTold)], " + ")
			if len(l) > mostTold {
				out[i] += fmt.Sprintf(" + %d more", len(l)-mostTold)
			}
		}
		return strings.Join(out, ", then ")
	}
	own := a.Layers[a.Layer]
	if a.Layer > 0 {
		s.behind = " (a second line, behind " + told(a.Layers[:a.Layer]) + ")"
	}
	if later := a.Layers[a.Layer+1:]; len(later) > 0 {
		s.beyond = ", then " + told(later)
	}
	if len(own) > mostTold {
		return s, a.Control
	}
	return s, strings.Join(own, " + ")
}

func indent(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Printable(lines[i])
	}
	return strings.Join(lines, "\n      ")
}

// writeFinding prints the line of a finding.
func writeFinding(w io.Writer, f Finding) {
	word := f.Severity
	if f.Suppressed != nil {
		word = "suppressed"
	}
	fmt.Fprintf(w, "%s:%d:%d: %s: ", Printable(f.File), max(f.Line, 1), max(f.Column, 1), word)
	if f.Rule != "" {
		fmt.Fprintf(w, "%s: ", Printable(f.Rule))
	}
	fmt.Fprint(w, Printable(f.Message))
	if f.Related.File != "" {
		fmt.Fprintf(w, " [%s]", f.Related)
	}
	if f.ID != "" {
		fmt.Fprint(w, " ", f.ID)
	}
	fmt.Fprintln(w)
}

// tally lists what was skipped, and counts.
func tally(w io.Writer, r Result) {
	for _, s := range r.Skipped {
		fmt.Fprintf(w, "%s: skipped: %s\n", Printable(Position{s.File, s.Line}.String()), Printable(s.Reason))
	}
	var counts []string
	if r.Tests != nil {
		passed, failed := r.tests()
		counts = append(counts, fmt.Sprintf("%d passed, %d failed", passed, failed))
	}
	if r.Files != nil {
		counts = append(counts, count(*r.Files, "file")+" read")
	}
	if r.Checked != nil {
		counts = append(counts, fmt.Sprintf("%d checked", *r.Checked))
	}
	if r.Findings != nil {
		found := tallied{}
		for _, f := range r.Findings {
			found.add(f)
		}
		for _, severity := range r.Severities {
			counts = append(counts, count(found[severity], severity))
		}
		if n := found[suppressed]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d suppressed", n))
		}
	}
	if r.Skipped != nil {
		counts = append(counts, fmt.Sprintf("%d skipped", len(r.Skipped)))
	}
	fmt.Fprintln(w, strings.Join(counts, ", "))
}

// tallied counts findings by severity, or as suppressed.
type tallied map[string]int

const suppressed = "suppressed"

func (t tallied) add(f Finding) {
	if f.Suppressed != nil {
		t[suppressed]++
	} else {
		t[f.Severity]++
	}
}

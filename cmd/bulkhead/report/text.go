package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

// testText prints a line for each test, and under it why what failed failed and
// which controls stand behind what is refused.
func testText(out io.Writer, r *trial.Report, p *lang.Program) error {
	w := bufio.NewWriter(out)
	for _, t := range r.Tests {
		word := "ok  "
		if !t.Passed() {
			word = "FAIL"
		}
		fmt.Fprintf(w, "%s  %s\n", word, shown(t.Name))
		for _, line := range merged(t.Attempts) {
			fmt.Fprintf(w, "        %s\n", line)
		}
		for _, a := range t.Attempts {
			if !a.Passed() {
				fmt.Fprintf(w, "      %s: %s%s: %s\n", positionOf(a.Range, p), a.Kind, by(a), indent(a.Problem))
			}
		}
	}
	for _, u := range r.Inert {
		fmt.Fprintf(w, "FAIL  %s: %s changes no artifact, even with every other control loosened: remove it, or state what it was to hold\n", positionOf(u.Range, p), u.Control)
	}
	if len(r.Untested) > 0 {
		fmt.Fprintf(w, "\nNo test stands for: %s.\n", strings.Join(controls(r.Untested), ", "))
	}
	for _, e := range p.Policy.Exceptions {
		fmt.Fprintf(w, "Exception until %s: %s (%s, %s).\n", e.Expires, e.Name, e.Owner, e.Ticket)
	}
	passed, failed := r.Counts()
	fmt.Fprintf(w, "\n%d passed, %d failed\n", passed, failed)
	return w.Flush()
}

// merged tells once what several attempts, containers and targets have in common.
func merged(attempts []*trial.AttemptResult) []string {
	var shapes []shape
	named := map[shape][]string{}
	for _, a := range attempts {
		if !a.Passed() {
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
func shapeOf(a *trial.AttemptResult) (shape, string) {
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

func by(a *trial.AttemptResult) string {
	out := ""
	if a.Target != "" {
		out = ", judged by " + a.Target
	}
	if len(a.Containers) > 0 {
		out += " for " + list(a.Containers)
	}
	return out
}

func list(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func indent(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = shown(lines[i])
	}
	return strings.Join(lines, "\n      ")
}

func controls(list []trial.Untested) []string {
	out := make([]string, len(list))
	for i, u := range list {
		out[i] = u.Control
	}
	return out
}

// checkText prints a line for each finding, as compilers do, with the source that
// it is about, and the counts.
func checkText(out io.Writer, r check.Result, p *lang.Program) error {
	w := bufio.NewWriter(out)
	for _, f := range r.Findings {
		if f.Suppressed != nil && f.Suppressed.By == check.ByBaseline {
			continue // they are many, and known: they are counted
		}
		writeFinding(w, f, p)
		if f.Source != "" {
			fmt.Fprintf(w, "  %s\n", shown(f.Source))
		}
		if f.Suppressed != nil {
			fmt.Fprintf(w, "  %s\n", shown(letThrough(f)))
		}
	}
	if err := tally(w, r); err != nil {
		return err
	}
	return w.Flush()
}

// writeFinding prints the line of a finding.
func writeFinding(w io.Writer, f check.Finding, p *lang.Program) {
	word := f.Severity
	if f.Suppressed != nil {
		word = "suppressed"
	}
	fmt.Fprintf(w, "%s:%d:%d: %s: ", shown(f.File), f.Line, f.Column, word)
	if f.Control != "" {
		fmt.Fprintf(w, "%s: ", shown(f.Control))
	}
	fmt.Fprint(w, shown(f.Message))
	if f.Policy.Filename != "" {
		fmt.Fprintf(w, " [%s]", positionOf(f.Policy, p))
	}
	fmt.Fprintf(w, " %s\n", f.ID())
}

// tally lists what was skipped, and counts.
func tally(w io.Writer, r check.Result) error {
	errors, warnings, suppressed := 0, 0, 0
	for _, f := range r.Findings {
		switch {
		case f.Suppressed != nil:
			suppressed++
		case f.Severity == check.Error:
			errors++
		default:
			warnings++
		}
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(w, "%s: skipped: %s\n", shown(skippedAt(s)), shown(s.Reason))
	}
	fmt.Fprintf(w, "%d checked, %s, %s, ", r.Checked, count(errors, "error"), count(warnings, "warning"))
	if suppressed > 0 {
		fmt.Fprintf(w, "%d suppressed, ", suppressed)
	}
	_, err := fmt.Fprintf(w, "%d skipped\n", len(r.Skipped))
	return err
}

// skippedAt is the place of what was skipped; it may be the whole file.
func skippedAt(s input.Skipped) string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// shown writes out the control characters of a text, which may come from a
// manifest: it stays on its line, and a terminal obeys none of it.
func shown(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

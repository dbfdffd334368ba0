package report

import (
	"bufio"
	"slices"
	"strings"
)

func init() { formats["jsonl"] = jsonLines }

// jsonLines prints a JSON object on a line for each finding and each attempt.
func jsonLines(w *bufio.Writer, r Result) error {
	lines := findingsJSON(r)
	for _, t := range r.Tests {
		for _, a := range t.Attempts {
			if a.Wanted == "" {
				lines = append(lines, verdictOf(a))
			} else {
				lines = append(lines, testedAttempt{t.Name, a})
			}
		}
	}
	for _, line := range lines {
		if err := encodeIndented(w, line, ""); err != nil {
			return err
		}
	}
	return nil
}

// testedAttempt is an attempt of a test.
type testedAttempt struct {
	Test string `json:"test"`
	Attempt
}

// verdict is an attempt of which nobody expected anything: what decided, and where,
// each named once.
type verdict struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	Where   string `json:"where"`
	Policy  string `json:"policy,omitempty"` // the settings that the places come from, where they are known
}

func verdictOf(a Attempt) verdict {
	var reasons, places, settings []string
	add := func(list *[]string, text string) {
		if text != "" && !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, p := range a.Places {
		add(&reasons, p.Message)
		add(&places, strings.TrimSpace(p.Artifact+" "+p.Place))
		for _, s := range p.Policy {
			add(&settings, s.Position.String()+" "+s.Control)
		}
	}
	return verdict{a.Outcome, strings.Join(reasons, "; "), strings.Join(places, "; "), strings.Join(settings, "; ")}
}

package rules

// Fired is a rule that an event makes fire.
type Fired struct {
	Rule *Rule
}

// Doubt is a rule of which it is not known whether it fires, and why: what in its
// condition is not modelled.
type Doubt struct {
	Rule    *Rule
	Reasons []string
}

// Result is what a ruleset does with an event. With Falco's default
// `rule_matching: first` only the first of Fired is reported; with `all`, all are.
type Result struct {
	Fired  []Fired
	Doubts []Doubt
}

// Match tries an event against every rule that is enabled and not skipped, in load
// order. Safe for concurrent use.
func (s *Ruleset) Match(e Event) Result {
	var result Result
	var d doubts // outside of the loop: it escapes
	for _, r := range s.Rules {
		if !r.Enabled || r.Skipped != "" {
			continue
		}
		d = nil
		switch r.node.eval(e, &d) {
		case yes:
			result.Fired = append(result.Fired, Fired{r})
		case undecided:
			result.Doubts = append(result.Doubts, Doubt{r, d})
		}
	}
	return result
}

package target

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Note is what an author, or who reads an artifact, should know of it beside what
// it holds.
type Note struct {
	Lint    string    // the name of what was looked for, in kebab case: "unsafe-comparison"
	Place   string    // as Origin.Place; "": the whole artifact
	Subject string    // as Origin.Subject
	Summary string    // what is the matter, in three to five words
	Message string    // the reason, and what to do about it
	Warning bool      // somebody should change something; otherwise it is only said
	Range   hcl.Range // the statement that it is about, where its writer knows; otherwise the origins tell
}

// Linter is a Target whose format lets things be said that hold less than they
// seem to, or more than was meant.
type Linter interface {
	Target
	// Lint tells of them in one artifact, ours or not. An error says that the
	// artifact could not be read, and names the place.
	Lint(Conditions, Artifact) ([]Note, error)
}

// lint adds to artifacts what the target's lints say of them, and gives the
// warnings, each once.
func lint(t Target, p *policy.Policy, artifacts []Artifact) (hcl.Diagnostics, error) {
	var diags hcl.Diagnostics
	linter, lints := t.(Linter)
	found := map[string][]Note{} // by body: containers that are held to the same have equal profiles
	seen := map[hcl.Diagnostic]bool{}
	for i := range artifacts {
		a := &artifacts[i]
		if lints {
			notes, ok := found[string(a.Body)]
			if !ok {
				var err error
				if notes, err = linter.Lint(Conditions{Platform: p.Platform}, *a); err != nil {
					return nil, err
				}
				found[string(a.Body)] = notes
			}
			a.Notes = append(a.Notes, notes...)
		}
		for _, n := range a.Notes {
			if !n.Warning {
				continue
			}
			d := hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: n.Summary, Detail: n.Message}
			at := n.at(artifacts[i : i+1])
			key := d
			if at.Filename != "" {
				key.Detail += at.String()
				d.Subject = &at
			}
			if !seen[key] {
				seen[key] = true
				diags = append(diags, &d)
			}
		}
	}
	return diags, nil
}

// at is the statement that a note is about.
func (n Note) at(artifacts []Artifact) hcl.Range {
	if n.Range.Filename != "" || len(artifacts) == 0 {
		return n.Range
	}
	for _, o := range Attribute(artifacts, Finding{Artifact: artifacts[0].Path, Place: n.Place, Subject: n.Subject}) {
		if o.Range.Filename != "" {
			return o.Range
		}
	}
	return hcl.Range{}
}

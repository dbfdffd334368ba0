package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Diagnostic is what an author, or who reads an artifact, should know of it beside what
// it holds.
type Diagnostic struct {
	Lint     string    // the name of what was looked for, in kebab case: "unsafe-comparison"
	Location string    // in the artifact, as SourceMapping.Location or below it; "": the whole artifact
	Line     int       // of the place, from 1; 0: not known
	Column   int       // the same
	Subject  string    // as SourceMapping.Subject
	Summary  string    // what is the matter, in three to five words
	Message  string    // the reason, and what to do about it
	Warning  bool      // somebody should change something; otherwise it is only said
	Range    hcl.Range // the statement that it is about, where its writer knows; otherwise the origins tell
}

// Linter is a Target whose format lets things be said that hold less than they
// seem to, or more than was meant.
type Linter interface {
	Target
	// Lint tells of them in one artifact, ours or not, for a container with the
	// capabilities of the environment. An error says that the artifact could not be
	// read, and names the place.
	Lint(Environment, Artifact) ([]Diagnostic, error)
}

// lint adds to artifacts the warnings of the target's lints, and gives all that
// their notes warn of and was not seen before: targets that say the same have the
// same.
func lint(t Target, p *policy.Policy, artifacts []Artifact, seen map[hcl.Diagnostic]bool) (hcl.Diagnostics, error) {
	if linter, ok := t.(Linter); ok {
		if err := addWarnings(linter, p, artifacts); err != nil {
			return nil, err
		}
	}
	var diags hcl.Diagnostics
	for _, a := range artifacts {
		for _, n := range a.Diagnostics {
			if !n.Warning {
				continue
			}
			d := hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: n.Summary, Detail: n.Message}
			at := n.at(a)
			key := d
			if at.Filename != "" {
				key.Detail += at.String()
				d.Subject = &at
			} else {
				d.Detail += " It is about " + strings.TrimSpace(a.Path+" "+n.Location) + "."
			}
			if !seen[key] {
				seen[key] = true
				diags = append(diags, &d)
			}
		}
	}
	return diags, nil
}

// addWarnings lints each artifact once for each set of capabilities: containers
// that are held to the same have artifacts that are equal but for the profile's
// name.
func addWarnings(linter Linter, p *policy.Policy, artifacts []Artifact) error {
	containers := map[string]*policy.Container{}
	for c := range p.Subjects() {
		containers[c.ID()] = c
	}
	warnings := map[string][]Diagnostic{}
	for i := range artifacts {
		a := &artifacts[i]
		environment := Environment{Platform: p.Platform}
		var capabilities []string
		body := string(a.Body)
		if len(a.Containers) == 1 {
			c := containers[a.Containers[0]]
			capabilities = append([]string{}, c.Capabilities()...)
			environment.Platform = platform.Capabilities.With(environment.Platform, capabilities)
			body = strings.ReplaceAll(body, profile.Name(p, c), "")
		}
		key := strings.Join(capabilities, " ") + "\x00" + body
		found, ok := warnings[key]
		if !ok {
			notes, err := linter.Lint(environment, *a)
			if err != nil {
				return fmt.Errorf("%s: %w", a.Path, err)
			}
			found = slices.DeleteFunc(notes, func(n Diagnostic) bool { return !n.Warning })
			warnings[key] = found
		}
		a.Diagnostics = slices.Concat(a.Diagnostics, found)
	}
	return nil
}

// at is the statement that a note is about: of its place, or of the nearest one
// above it.
func (n Diagnostic) at(a Artifact) hcl.Range {
	for place := n.Location; n.Range.Filename == ""; {
		for _, o := range Attribute([]Artifact{a}, Finding{Artifact: a.Path, Location: place, Subject: n.Subject}) {
			if o.Range.Filename != "" {
				return o.Range
			}
		}
		cut := strings.LastIndexByte(place, '/')
		if cut < 0 {
			break
		}
		place = place[:cut]
	}
	return n.Range
}

package target

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Build is a compiled policy, before anything is written.
type Build struct {
	Policy    *policy.Policy
	Targets   []Target
	Artifacts map[string][]Artifact // by target, sorted by path
	Tests     map[string][]Artifact // the same; see AddTests
	Coverage  Coverage
}

// Compile emits the targets that are in force for the policy and checks the artifacts
// against their schemas. Only narrows what is emitted, never what is covered;
// nil is everything. Diagnostics are the author's mistakes; the error is ours.
// The build is usable only where there is neither.
func Compile(p *policy.Policy, all []Target, only func(Target) bool) (*Build, hcl.Diagnostics, error) {
	chosen, diags := Select(p, all)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	p = InForce(p, chosen)
	coverage, more, err := Cover(p, chosen, all)
	diags = append(diags, more...)
	if err != nil || diags.HasErrors() {
		return nil, diags, err
	}
	b := &Build{Policy: p, Targets: chosen, Artifacts: map[string][]Artifact{}, Coverage: coverage}
	warned := map[hcl.Diagnostic]bool{}
	for _, t := range chosen {
		if only != nil && !only(t) {
			continue
		}
		artifacts, err := Emit(t, p)
		if err != nil {
			return nil, diags, err
		}
		if err := check(artifacts); err != nil {
			return nil, diags, err
		}
		notes, err := lint(t, p, artifacts, warned)
		if err != nil {
			return nil, diags, fmt.Errorf("lint %s: %w", t.Info().Name, err)
		}
		diags = append(diags, notes...)
		b.Artifacts[t.Info().Name] = artifacts
	}
	return b, diags, nil
}

// AddTests emits what tries the artifacts of the build's targets. It is asked for only where everything is written: a
// verdict, or whether a control does anything, is no matter of tests.
func (b *Build) AddTests() error {
	b.Tests = map[string][]Artifact{}
	for _, t := range b.Targets {
		tester, ok := t.(Tester)
		if _, emitted := b.Artifacts[t.Info().Name]; !ok || !emitted {
			continue
		}
		tests, err := emit(t, tester.Tests, b.Policy)
		if err != nil {
			return err
		}
		b.Tests[t.Info().Name] = tests
	}
	return nil
}

// Emit makes a target's artifacts, sorted, each below the target's folder.
func Emit(t Target, p *policy.Policy) ([]Artifact, error) { return emit(t, t.Emit, p) }

func emit(t Target, by func(*policy.Policy) ([]Artifact, error), p *policy.Policy) ([]Artifact, error) {
	artifacts, err := by(p)
	if err != nil {
		return nil, fmt.Errorf("emit %s: %w", t.Info().Name, err)
	}
	slices.SortFunc(artifacts, func(a, b Artifact) int { return cmp.Compare(a.Path, b.Path) })
	for i, a := range artifacts {
		if !fs.ValidPath(a.Path) || !strings.HasPrefix(a.Path, t.Info().Name+"/") || i > 0 && artifacts[i-1].Path == a.Path {
			return nil, fmt.Errorf("emit %s: the path %q is not below the target's folder, or stands twice", t.Info().Name, a.Path)
		}
	}
	return artifacts, nil
}

// All gives the artifacts of every target, with the tests that were added, sorted by path.
func (b *Build) All() []Artifact {
	var out []Artifact
	for _, name := range slices.Sorted(maps.Keys(b.Artifacts)) {
		out = append(out, b.Artifacts[name]...)
		out = append(out, b.Tests[name]...)
	}
	slices.SortFunc(out, func(a, b Artifact) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// check holds artifacts to their schemas. Containers that are held to the same
// have equal profiles, of which one is looked at.
func check(artifacts []Artifact) error {
	schemas := map[string]*jsonschema.Schema{}
	seen := map[string]bool{}
	for _, a := range artifacts {
		key := string(a.Schema) + "\x00" + string(a.Body)
		if a.Schema == nil || seen[key] {
			continue
		}
		seen[key] = true
		schema, ok := schemas[string(a.Schema)]
		if !ok {
			var err error
			if schema, err = jsonschema.CompileString(a.Path+".schema.json", string(a.Schema)); err != nil {
				return err
			}
			schemas[string(a.Schema)] = schema
		}
		if err := a.fits(schema); err != nil {
			return fmt.Errorf("%s does not fit its schema: %w", a.Path, err)
		}
	}
	return nil
}

func (a Artifact) fits(schema *jsonschema.Schema) error {
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the value, which the schema would not see")
	}
	return schema.Validate(v)
}

// For reports whether the artifact is for a container, or for all.
func (a Artifact) For(container string) bool {
	return len(a.Containers) == 0 || slices.Contains(a.Containers, container)
}

// Attribute finds the origins of a finding: which statements of the policy are
// behind the place in the artifact that decided.
func Attribute(artifacts []Artifact, f Finding) []SourceMapping {
	var exact, general []SourceMapping
	for _, a := range artifacts {
		if a.Path != f.Artifact {
			continue
		}
		for _, o := range a.Mappings {
			switch {
			case o.Location != f.Location && o.Location != "":
			case f.Control != "" && o.Control.String() != f.Control && string(o.Control.ID) != f.Control:
			case o.Subject == f.Subject:
				exact = append(exact, o)
			case o.Subject == "":
				general = append(general, o)
			}
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return general
}

// Controls lists what decided a finding: the control that the artifact names, or
// those of the origins.
func Controls(artifacts []Artifact, f Finding) []control.Ref {
	if ref, ok := control.ParseRef(f.Control); ok {
		return []control.Ref{ref}
	}
	var out []control.Ref
	for _, o := range Attribute(artifacts, f) {
		if !slices.Contains(out, o.Control) {
			out = append(out, o.Control)
		}
	}
	return out
}

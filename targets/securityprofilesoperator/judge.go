package securityprofilesoperator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/securityprofilesoperator/object"
)

// Kinds are the attempts that the objects decide.
func (Target) Kinds() []attempt.Kind { return seccomp.Kinds() }

// Load reads SeccompProfiles, and loads the seccomp profiles that the operator makes of them. An error names the file, and the line
// or the place in it.
func (Target) Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	if len(artifacts) == 0 {
		return nil, errors.New("there is no SeccompProfile to judge by")
	}
	var profiles []target.Artifact
	for _, a := range artifacts {
		of, err := unwrap(a)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, of...)
	}
	inner, err := seccomp.Load(environment, profiles)
	if err != nil {
		return nil, err
	}
	return judge{inner}, nil
}

// judge answers by the profiles, and names places in the objects.
type judge struct{ profiles target.Judge }

// Judge answers a system call as the seccomp profiles do.
func (j judge) Judge(ctx context.Context, a attempt.Attempt) (target.Verdict, error) {
	v, err := j.profiles.Judge(ctx, a)
	for i := range v.Findings {
		v.Findings[i].Location = place(v.Findings[i].Location)
	}
	return v, err
}

// Lint reports where the seccomp profiles that the operator makes of a file's objects are weaker than they look.
func (Target) Lint(environment target.Environment, a target.Artifact) ([]target.Diagnostic, error) {
	profiles, err := unwrap(a)
	if err != nil {
		return nil, err
	}
	var all []target.Diagnostic
	for _, profile := range profiles {
		notes, err := seccomp.Lint(environment, profile)
		if err != nil {
			return nil, err
		}
		all = append(all, inObject(notes)...)
	}
	return all, nil
}

// unwrap gives the profiles of a file's objects.
func unwrap(a target.Artifact) ([]target.Artifact, error) {
	read, err := object.Parse(a.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Path, err)
	}
	var profiles []target.Artifact
	for _, p := range read {
		profiles = append(profiles, target.Artifact{Path: a.Path, Containers: a.Containers, Body: p.OCI})
	}
	return profiles, nil
}

// inObject gives notes on a profile with their places in the object.
func inObject(notes []target.Diagnostic) []target.Diagnostic {
	notes = slices.Clone(notes)
	for i := range notes {
		notes[i].Location = place(notes[i].Location)
	}
	return notes
}

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
		profile, err := unwrap(a)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, profile)
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

// Lint reports where the seccomp profile that the operator makes of an object is weaker than it looks.
func (Target) Lint(environment target.Environment, a target.Artifact) ([]target.Diagnostic, error) {
	profile, err := unwrap(a)
	if err != nil {
		return nil, err
	}
	notes, err := seccomp.Lint(environment, profile)
	return inObject(notes), err
}

// unwrap gives the profile of an object.
func unwrap(a target.Artifact) (target.Artifact, error) {
	read, err := object.Parse(a.Body)
	if err != nil {
		return target.Artifact{}, fmt.Errorf("%s: %w", a.Path, err)
	}
	return target.Artifact{Path: a.Path, Containers: a.Containers, Body: read.OCI}, nil
}

// inObject gives notes on a profile with their places in the object.
func inObject(notes []target.Diagnostic) []target.Diagnostic {
	notes = slices.Clone(notes)
	for i := range notes {
		notes[i].Location = place(notes[i].Location)
	}
	return notes
}
